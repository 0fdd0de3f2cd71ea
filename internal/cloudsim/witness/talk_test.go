package witness

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// conversation is what both clouds are asked about one service.
type conversation struct {
	service string
	talk    func(*side)
}

func conversations() []conversation {
	return []conversation{
		{"kms", talkKMS},
		{"secretsmanager", talkSecrets},
		{"ssm", talkSSM},
		{"sqs", talkSQS},
		{"logs", talkLogs},
		{"sts", talkSTS},
		{"iam", talkIAM},
		{"s3", talkS3},
		{"ecr", talkECR},
		{"lambda", talkLambda},
		{"apigateway", talkAPIGateway},
		{"dynamodb", talkDynamoDB},
		{"dynamodb backups", talkBackups},
		{"iam users", talkUsers},
	}
}

// jsonText writes what it is given as JSON.
func jsonText(v any) *string {
	b, _ := json.Marshal(v)
	return new(string(b))
}

func talkKMS(s *side) {
	key := new(s.call(&kms.CreateKeyInput{Description: new("data"), Tags: []kmstypes.Tag{{TagKey: new("app"), TagValue: new("pharmacy")}}}).at("KeyMetadata.KeyId"))
	alias := new("alias/data")
	s.call(&kms.DescribeKeyInput{KeyId: key})
	s.call(&kms.DescribeKeyInput{KeyId: new("11111111-2222-3333-4444-555555555555")})
	s.call(&kms.CreateAliasInput{AliasName: alias, TargetKeyId: key})
	s.call(&kms.CreateAliasInput{AliasName: alias, TargetKeyId: key})
	s.call(&kms.CreateAliasInput{AliasName: new("data"), TargetKeyId: key})
	s.call(&kms.DescribeKeyInput{KeyId: alias})
	s.call(&kms.ListAliasesInput{KeyId: key})
	s.call(&kms.GetKeyPolicyInput{KeyId: key, PolicyName: new("default")})
	s.call(&kms.ListKeyPoliciesInput{KeyId: key})
	s.call(&kms.GetKeyRotationStatusInput{KeyId: key})
	s.call(&kms.EnableKeyRotationInput{KeyId: key})
	s.call(&kms.GetKeyRotationStatusInput{KeyId: key})
	s.call(&kms.EnableKeyRotationInput{KeyId: key, RotationPeriodInDays: aws.Int32(80)})
	s.call(&kms.DisableKeyRotationInput{KeyId: key})
	s.call(&kms.ListResourceTagsInput{KeyId: key})
	s.call(&kms.TagResourceInput{KeyId: key, Tags: []kmstypes.Tag{{TagKey: new("stage"), TagValue: new("live")}}})
	s.call(&kms.UntagResourceInput{KeyId: key, TagKeys: []string{"app"}})
	s.call(&kms.ListResourceTagsInput{KeyId: key})
	s.call(&kms.UpdateKeyDescriptionInput{KeyId: key, Description: new("better")})
	s.call(&kms.EncryptInput{KeyId: alias, Plaintext: []byte("secret")})
	s.call(&kms.EncryptInput{KeyId: new("alias/none"), Plaintext: []byte("secret")})
	s.call(&kms.GenerateDataKeyInput{KeyId: key, KeySpec: kmstypes.DataKeySpecAes256})
	s.call(&kms.GenerateDataKeyInput{KeyId: key})
	s.call(&kms.DecryptInput{CiphertextBlob: []byte("not one")})
	s.call(&kms.DisableKeyInput{KeyId: key})
	s.call(&kms.EncryptInput{KeyId: key, Plaintext: []byte("secret")})
	s.call(&kms.DescribeKeyInput{KeyId: key})
	s.call(&kms.EnableKeyInput{KeyId: key})
	s.call(&kms.CancelKeyDeletionInput{KeyId: key})
	s.call(&kms.ScheduleKeyDeletionInput{KeyId: key, PendingWindowInDays: aws.Int32(3)})
	s.call(&kms.ScheduleKeyDeletionInput{KeyId: key, PendingWindowInDays: aws.Int32(7)})
	s.call(&kms.DescribeKeyInput{KeyId: key})
	s.call(&kms.EncryptInput{KeyId: key, Plaintext: []byte("secret")})
	s.call(&kms.ScheduleKeyDeletionInput{KeyId: key})
	s.call(&kms.EnableKeyInput{KeyId: key})
	s.call(&kms.CreateAliasInput{AliasName: new("alias/late"), TargetKeyId: key})
	s.call(&kms.CancelKeyDeletionInput{KeyId: key})
	s.call(&kms.DescribeKeyInput{KeyId: key})
	s.call(&kms.DeleteAliasInput{AliasName: alias})
	s.call(&kms.DeleteAliasInput{AliasName: alias})
	s.call(&kms.CreateAliasInput{AliasName: new("alias/aws/mine"), TargetKeyId: key})
	s.call(&kms.PutKeyPolicyInput{KeyId: key, Policy: new("{"), PolicyName: new("default")})
}

func talkSecrets(s *side) {
	name, token := new("pharmacy/key"), "11111111-1111-1111-1111-111111111111"
	s.call(&secretsmanager.CreateSecretInput{Name: name, SecretString: new(`{"username":"u"}`), Description: new("of the directory"), ClientRequestToken: &token, Tags: []secrettypes.Tag{{Key: new("app"), Value: new("pharmacy")}}})
	s.call(&secretsmanager.CreateSecretInput{Name: name, SecretString: new("other")})
	s.call(&secretsmanager.DescribeSecretInput{SecretId: name})
	s.call(&secretsmanager.DescribeSecretInput{SecretId: new("none")})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: new("none")})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name, VersionStage: new("AWSPREVIOUS")})
	s.call(&secretsmanager.PutSecretValueInput{SecretId: name, SecretString: new("second"), ClientRequestToken: new("22222222-2222-2222-2222-222222222222")})
	s.call(&secretsmanager.PutSecretValueInput{SecretId: name, SecretString: new("third"), ClientRequestToken: new("22222222-2222-2222-2222-222222222222")})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name, VersionStage: new("AWSPREVIOUS")})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name, VersionId: new("33333333-3333-3333-3333-333333333333")})
	s.call(&secretsmanager.ListSecretVersionIdsInput{SecretId: name})
	s.call(&secretsmanager.UpdateSecretInput{SecretId: name, Description: new("changed")})
	s.call(&secretsmanager.DescribeSecretInput{SecretId: name})
	s.call(&secretsmanager.TagResourceInput{SecretId: name, Tags: []secrettypes.Tag{{Key: new("stage"), Value: new("live")}}})
	s.call(&secretsmanager.UntagResourceInput{SecretId: name, TagKeys: []string{"app"}})
	s.call(&secretsmanager.ListSecretsInput{})
	s.call(&secretsmanager.GetResourcePolicyInput{SecretId: name})
	s.call(&secretsmanager.PutResourcePolicyInput{SecretId: name, ResourcePolicy: jsonText(map[string]any{"Version": "2012-10-17", "Statement": []any{}})})
	s.call(&secretsmanager.GetResourcePolicyInput{SecretId: name})
	s.call(&secretsmanager.DeleteResourcePolicyInput{SecretId: name})
	s.call(&secretsmanager.GetRandomPasswordInput{PasswordLength: aws.Int64(40)})
	s.call(&secretsmanager.GetRandomPasswordInput{PasswordLength: aws.Int64(3)})
	s.call(&secretsmanager.DeleteSecretInput{SecretId: name, RecoveryWindowInDays: aws.Int64(5)})
	s.call(&secretsmanager.DeleteSecretInput{SecretId: name, RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)})
	s.call(&secretsmanager.DeleteSecretInput{SecretId: name, RecoveryWindowInDays: aws.Int64(7)})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name})
	s.call(&secretsmanager.DescribeSecretInput{SecretId: name})
	s.call(&secretsmanager.CreateSecretInput{Name: name, SecretString: new("again")})
	s.call(&secretsmanager.UpdateSecretInput{SecretId: name, Description: new("again")})
	s.call(&secretsmanager.ListSecretsInput{})
	s.call(&secretsmanager.RestoreSecretInput{SecretId: name})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name})
	s.call(&secretsmanager.DeleteSecretInput{SecretId: name, ForceDeleteWithoutRecovery: aws.Bool(true)})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name})
	s.call(&secretsmanager.CreateSecretInput{Name: name})
	s.call(&secretsmanager.GetSecretValueInput{SecretId: name})
	s.call(&secretsmanager.DeleteSecretInput{SecretId: name})
	s.call(&secretsmanager.PutSecretValueInput{SecretId: name, SecretString: new("again")})
	s.call(&secretsmanager.CreateSecretInput{Name: new("no spaces"), SecretString: new("x")})
}

func talkSSM(s *side) {
	name := new("/pharmacy/url")
	s.call(&ssm.PutParameterInput{Name: name, Value: new("https://example.org"), Type: ssmtypes.ParameterTypeString, Description: new("where"), Tags: []ssmtypes.Tag{{Key: new("app"), Value: new("pharmacy")}}})
	s.call(&ssm.PutParameterInput{Name: name, Value: new("other"), Type: ssmtypes.ParameterTypeString})
	s.call(&ssm.PutParameterInput{Name: name, Value: new("https://example.net"), Overwrite: aws.Bool(true)})
	s.call(&ssm.PutParameterInput{Name: new("/aws/mine"), Value: new("x"), Type: ssmtypes.ParameterTypeString})
	s.call(&ssm.PutParameterInput{Name: new("/pharmacy/typeless"), Value: new("x")})
	s.call(&ssm.PutParameterInput{Name: new("/pharmacy/secret"), Value: new("x"), Type: ssmtypes.ParameterTypeSecureString})
	s.call(&ssm.PutParameterInput{Name: new("/pharmacy/deep/list"), Value: new("a,b"), Type: ssmtypes.ParameterTypeStringList})
	s.call(&ssm.GetParameterInput{Name: name})
	s.call(&ssm.GetParameterInput{Name: new("/pharmacy/url:1")})
	s.call(&ssm.GetParameterInput{Name: new("/pharmacy/url:9")})
	s.call(&ssm.GetParameterInput{Name: new("none")})
	s.call(&ssm.GetParameterInput{Name: new("/pharmacy/secret"), WithDecryption: aws.Bool(true)})
	s.call(&ssm.GetParametersInput{Names: []string{"/pharmacy/url", "none"}})
	s.call(&ssm.GetParametersByPathInput{Path: new("/pharmacy")})
	s.call(&ssm.GetParametersByPathInput{Path: new("/pharmacy"), Recursive: aws.Bool(true), WithDecryption: aws.Bool(true)})
	s.call(&ssm.GetParametersByPathInput{Path: new("pharmacy")})
	s.call(&ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Name"), Values: []string{"/pharmacy/url"}}}})
	s.call(&ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{{Key: new("Type"), Values: []string{"SecureString"}}}})
	s.call(&ssm.GetParameterHistoryInput{Name: name})
	s.call(&ssm.ListTagsForResourceInput{ResourceId: name, ResourceType: ssmtypes.ResourceTypeForTaggingParameter})
	s.call(&ssm.ListTagsForResourceInput{ResourceId: new("none"), ResourceType: ssmtypes.ResourceTypeForTaggingParameter})
	s.call(&ssm.AddTagsToResourceInput{ResourceId: name, ResourceType: ssmtypes.ResourceTypeForTaggingParameter, Tags: []ssmtypes.Tag{{Key: new("stage"), Value: new("live")}}})
	s.call(&ssm.RemoveTagsFromResourceInput{ResourceId: name, ResourceType: ssmtypes.ResourceTypeForTaggingParameter, TagKeys: []string{"app"}})
	s.call(&ssm.ListTagsForResourceInput{ResourceId: name, ResourceType: ssmtypes.ResourceTypeForTaggingParameter})
	s.call(&ssm.DeleteParametersInput{Names: []string{"/pharmacy/secret", "none"}})
	s.call(&ssm.DeleteParameterInput{Name: name})
	s.call(&ssm.DeleteParameterInput{Name: name})
}

func talkSQS(s *side) {
	dead := s.call(&sqs.CreateQueueInput{QueueName: new("dead")})
	s.call(&sqs.GetQueueAttributesInput{QueueUrl: new(dead.at("QueueUrl")), AttributeNames: []sqsAttribute{"QueueArn"}})
	redrive := *jsonText(map[string]any{"deadLetterTargetArn": "arn:aws:sqs:eu-west-2:" + s.account + ":dead", "maxReceiveCount": "2"})
	queue := new(s.call(&sqs.CreateQueueInput{QueueName: new("live"), Attributes: map[string]string{"VisibilityTimeout": "60", "RedrivePolicy": redrive}, Tags: map[string]string{"app": "pharmacy"}}).at("QueueUrl"))
	s.call(&sqs.CreateQueueInput{QueueName: new("live"), Attributes: map[string]string{"VisibilityTimeout": "60", "RedrivePolicy": redrive}})
	s.call(&sqs.CreateQueueInput{QueueName: new("live"), Attributes: map[string]string{"VisibilityTimeout": "61"}})
	s.call(&sqs.CreateQueueInput{QueueName: new("wrong name")})
	s.call(&sqs.CreateQueueInput{QueueName: new("ordered.fifo"), Attributes: map[string]string{"FifoQueue": "true"}})
	s.call(&sqs.CreateQueueInput{QueueName: new("ordered"), Attributes: map[string]string{"FifoQueue": "true"}})
	s.call(&sqs.CreateQueueInput{QueueName: new("odd"), Attributes: map[string]string{"VisibilityTimeout": "50000"}})
	s.call(&sqs.GetQueueUrlInput{QueueName: new("live")})
	s.call(&sqs.GetQueueUrlInput{QueueName: new("none")})
	s.call(&sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []sqsAttribute{"All"}})
	s.call(&sqs.SetQueueAttributesInput{QueueUrl: queue, Attributes: map[string]string{"DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "1"}})
	s.call(&sqs.SetQueueAttributesInput{QueueUrl: queue, Attributes: map[string]string{"Nonsense": "0"}})
	s.call(&sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []sqsAttribute{"ReceiveMessageWaitTimeSeconds"}})
	s.call(&sqs.ListQueuesInput{QueueNamePrefix: new("l")})
	s.call(&sqs.ListQueueTagsInput{QueueUrl: queue})
	s.call(&sqs.TagQueueInput{QueueUrl: queue, Tags: map[string]string{"stage": "live"}})
	s.call(&sqs.UntagQueueInput{QueueUrl: queue, TagKeys: []string{"app"}})
	s.call(&sqs.ListQueueTagsInput{QueueUrl: queue})
	s.call(&sqs.ListDeadLetterSourceQueuesInput{QueueUrl: new(dead.at("QueueUrl"))})
	s.call(&sqs.SendMessageInput{QueueUrl: queue, MessageBody: new("hello")})
	s.call(&sqs.SendMessageInput{QueueUrl: queue, MessageBody: new("")})
	s.call(&sqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 1})
	s.call(&sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 11})
	s.call(&sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: new("nonsense")})
	s.call(&sqs.PurgeQueueInput{QueueUrl: queue})
	s.call(&sqs.DeleteQueueInput{QueueUrl: queue})
	s.call(&sqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []sqsAttribute{"All"}})
	s.call(&sqs.SendMessageInput{QueueUrl: queue, MessageBody: new("hello")})
	s.call(&sqs.CreateQueueInput{QueueName: new("live")})
}

func talkLogs(s *side) {
	group, arn := new("/aws/lambda/live"), new("arn:aws:logs:eu-west-2:"+s.account+":log-group:/aws/lambda/live")
	s.call(&cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: map[string]string{"app": "pharmacy"}})
	s.call(&cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	s.call(&cloudwatchlogs.CreateLogGroupInput{LogGroupName: new("wrong name!")})
	s.call(&cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(30)})
	s.call(&cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: new("none"), RetentionInDays: aws.Int32(30)})
	s.call(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: new("/aws")})
	s.call(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: new("/none")})
	s.call(&cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn})
	s.call(&cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"stage": "live"}})
	s.call(&cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"app"}})
	s.call(&cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn})
	s.call(&cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: new("a")})
	s.call(&cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: new("a")})
	s.call(&cloudwatchlogs.CreateLogStreamInput{LogGroupName: new("none"), LogStreamName: new("a")})
	now := s.now()
	s.call(&cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: new("a"), LogEvents: []logstypes.InputLogEvent{{Message: new("one"), Timestamp: &now}}})
	s.call(&cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: new("none"), LogEvents: []logstypes.InputLogEvent{{Message: new("one"), Timestamp: &now}}})
	s.call(&cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: new("a")})
	s.call(&cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: new("one")})
	s.call(&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group})
	s.call(&cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: group})
	s.call(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: new("/aws")})
	s.call(&cloudwatchlogs.DeleteLogStreamInput{LogGroupName: group, LogStreamName: new("a")})
	s.call(&cloudwatchlogs.DeleteLogStreamInput{LogGroupName: group, LogStreamName: new("a")})
	s.call(&cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(31)})
	s.call(&cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	s.call(&cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
}

func talkSTS(s *side) {
	s.call(&sts.GetCallerIdentityInput{})
	s.call(&sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + s.account + ":role/recovery"), RoleSessionName: new("drill")})
	s.call(&sts.AssumeRoleInput{RoleArn: new("arn:aws:iam::" + s.account + ":role/recovery"), RoleSessionName: new("no spaces")})
	s.call(&sts.AssumeRoleInput{RoleArn: new("nonsense-that-is-long-enough"), RoleSessionName: new("drill")})
	s.call(&sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	s.call(&sts.GetSessionTokenInput{DurationSeconds: aws.Int32(10)})
}
