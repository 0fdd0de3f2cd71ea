package witness

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tabletypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func talkS3(s *side) {
	bucket, key := new("witness-"+s.account), new("state/one.tfstate")
	here := &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraintEuWest2}
	s.call(&s3.CreateBucketInput{Bucket: bucket})
	s.call(&s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: here})
	s.call(&s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: here})
	s.call(&s3.HeadBucketInput{Bucket: bucket})
	s.call(&s3.HeadBucketInput{Bucket: new("none-" + s.account)})
	s.call(&s3.GetBucketLocationInput{Bucket: bucket})
	s.call(&s3.ListBucketsInput{})
	s.call(&s3.GetBucketVersioningInput{Bucket: bucket})
	s.call(&s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}})
	s.call(&s3.GetBucketVersioningInput{Bucket: bucket})
	s.call(&s3.GetBucketEncryptionInput{Bucket: bucket})
	s.call(&s3.GetPublicAccessBlockInput{Bucket: bucket})
	s.call(&s3.PutPublicAccessBlockInput{Bucket: bucket, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}})
	s.call(&s3.GetPublicAccessBlockInput{Bucket: bucket})
	s.call(&s3.DeletePublicAccessBlockInput{Bucket: bucket})
	s.call(&s3.GetPublicAccessBlockInput{Bucket: bucket})
	s.call(&s3.GetBucketPolicyInput{Bucket: bucket})
	s.call(&s3.GetBucketCorsInput{Bucket: bucket})
	s.call(&s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	s.call(&s3.GetBucketTaggingInput{Bucket: bucket})
	s.call(&s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: new("app"), Value: new("pharmacy")}}}})
	s.call(&s3.GetBucketTaggingInput{Bucket: bucket})
	s.call(&s3.GetBucketWebsiteInput{Bucket: bucket})
	s.call(&s3.GetBucketReplicationInput{Bucket: bucket})
	s.call(&s3.GetObjectLockConfigurationInput{Bucket: bucket})
	s.call(&s3.GetBucketLoggingInput{Bucket: bucket})
	s.call(&s3.GetBucketRequestPaymentInput{Bucket: bucket})
	s.call(&s3.GetBucketAccelerateConfigurationInput{Bucket: bucket})
	s.call(&s3.GetBucketOwnershipControlsInput{Bucket: bucket})
	body := func(t string) *strings.Reader { return strings.NewReader(t) }
	s.call(&s3.PutObjectInput{Bucket: bucket, Key: key, Body: body("one"), ContentType: new("application/json"), Metadata: map[string]string{"by": "us"}})
	s.call(&s3.PutObjectInput{Bucket: bucket, Key: key, Body: body("two"), IfNoneMatch: new("*")})
	s.call(&s3.PutObjectInput{Bucket: bucket, Key: key, Body: body("two"), IfMatch: new(`"nonsense"`)})
	s.call(&s3.PutObjectInput{Bucket: new("none-" + s.account), Key: key, Body: body("two")})
	s.call(&s3.HeadObjectInput{Bucket: bucket, Key: key})
	s.call(&s3.HeadObjectInput{Bucket: bucket, Key: new("none")})
	s.call(&s3.GetObjectInput{Bucket: bucket, Key: key})
	s.call(&s3.GetObjectInput{Bucket: bucket, Key: key, Range: new("bytes=1-")})
	s.call(&s3.GetObjectInput{Bucket: bucket, Key: key, Range: new("bytes=9-")})
	s.call(&s3.GetObjectInput{Bucket: bucket, Key: new("none")})
	s.call(&s3.PutObjectInput{Bucket: bucket, Key: key, Body: body("second")})
	s.call(&s3.CopyObjectInput{Bucket: bucket, Key: new("copy"), CopySource: new("witness-" + s.account + "/state/one.tfstate")})
	s.call(&s3.PutObjectTaggingInput{Bucket: bucket, Key: key, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: new("a"), Value: new("b")}}}})
	s.call(&s3.GetObjectTaggingInput{Bucket: bucket, Key: key})
	s.call(&s3.ListObjectsV2Input{Bucket: bucket, Delimiter: new("/")})
	s.call(&s3.ListObjectsV2Input{Bucket: bucket, Prefix: new("state/")})
	s.call(&s3.ListObjectVersionsInput{Bucket: bucket})
	s.call(&s3.DeleteBucketInput{Bucket: bucket})
	s.call(&s3.DeleteObjectInput{Bucket: bucket, Key: key})
	s.call(&s3.GetObjectInput{Bucket: bucket, Key: key})
	s.call(&s3.ListObjectsV2Input{Bucket: bucket})
	upload := new(s.call(&s3.CreateMultipartUploadInput{Bucket: bucket, Key: new("large")}).at("UploadId"))
	part := new(s.call(&s3.UploadPartInput{Bucket: bucket, Key: new("large"), UploadId: upload, PartNumber: aws.Int32(1), Body: body("part")}).at("ETag"))
	s.call(&s3.ListPartsInput{Bucket: bucket, Key: new("large"), UploadId: upload})
	s.call(&s3.CompleteMultipartUploadInput{Bucket: bucket, Key: new("large"), UploadId: upload, MultipartUpload: &s3types.CompletedMultipartUpload{Parts: []s3types.CompletedPart{{ETag: new("nonsense"), PartNumber: aws.Int32(1)}}}})
	s.call(&s3.CompleteMultipartUploadInput{Bucket: bucket, Key: new("large"), UploadId: upload, MultipartUpload: &s3types.CompletedMultipartUpload{Parts: []s3types.CompletedPart{{ETag: part, PartNumber: aws.Int32(1)}}}})
	s.call(&s3.AbortMultipartUploadInput{Bucket: bucket, Key: new("large"), UploadId: new("none")})
	s.call(&s3.HeadObjectInput{Bucket: bucket, Key: new("large")})
	s.call(&s3.HeadObjectInput{Bucket: bucket, Key: new("large"), PartNumber: aws.Int32(1)})
	s.call(&s3.CreateBucketInput{Bucket: new("Wrong_Name-" + s.account), CreateBucketConfiguration: here})
}

func talkECR(s *side) {
	name := new("pharmacy/change-event")
	s.call(&ecr.CreateRepositoryInput{RepositoryName: name, ImageTagMutability: ecrtypes.ImageTagMutabilityImmutable, Tags: []ecrtypes.Tag{{Key: new("app"), Value: new("pharmacy")}}})
	s.call(&ecr.CreateRepositoryInput{RepositoryName: name})
	s.call(&ecr.CreateRepositoryInput{RepositoryName: new("Wrong Name")})
	s.call(&ecr.DescribeRepositoriesInput{})
	s.call(&ecr.DescribeRepositoriesInput{RepositoryNames: []string{"none"}})
	s.call(&ecr.ListTagsForResourceInput{ResourceArn: new("arn:aws:ecr:eu-west-2:" + s.account + ":repository/pharmacy/change-event")})
	s.call(&ecr.GetLifecyclePolicyInput{RepositoryName: name})
	s.call(&ecr.GetRepositoryPolicyInput{RepositoryName: name})
	s.call(&ecr.SetRepositoryPolicyInput{RepositoryName: name, PolicyText: allows("ecr:BatchGetImage")})
	s.call(&ecr.GetRepositoryPolicyInput{RepositoryName: name})
	s.call(&ecr.DeleteRepositoryPolicyInput{RepositoryName: name})
	s.call(&ecr.PutImageTagMutabilityInput{RepositoryName: name, ImageTagMutability: ecrtypes.ImageTagMutabilityMutable})
	s.call(&ecr.PutImageScanningConfigurationInput{RepositoryName: name, ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{ScanOnPush: true}})
	s.call(&ecr.DescribeRepositoriesInput{RepositoryNames: []string{*name}})
	s.call(&ecr.ListImagesInput{RepositoryName: name})
	s.call(&ecr.DescribeImagesInput{RepositoryName: name, ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: new("none")}}})
	s.call(&ecr.BatchGetImageInput{RepositoryName: name, ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: new("none")}}})
	s.call(&ecr.BatchDeleteImageInput{RepositoryName: name, ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: new("none")}}})
	s.call(&ecr.DescribeRegistryInput{})
	s.call(&ecr.GetAuthorizationTokenInput{})
	s.call(&ecr.GetRegistryPolicyInput{})
	s.call(&ecr.DeleteRepositoryInput{RepositoryName: name})
	s.call(&ecr.DeleteRepositoryInput{RepositoryName: name})
	s.call(&ecr.ListImagesInput{RepositoryName: name})
}

func talkDynamoDB(s *side) {
	table := new("events")
	schema := []tabletypes.KeySchemaElement{{AttributeName: new("id"), KeyType: tabletypes.KeyTypeHash}}
	attributes := []tabletypes.AttributeDefinition{{AttributeName: new("id"), AttributeType: tabletypes.ScalarAttributeTypeS}}
	create := func() *dynamodb.CreateTableInput {
		return &dynamodb.CreateTableInput{
			TableName: table, KeySchema: schema, AttributeDefinitions: attributes, BillingMode: tabletypes.BillingModePayPerRequest,
			Tags: []tabletypes.Tag{{Key: new("app"), Value: new("pharmacy")}},
		}
	}
	s.call(create())
	s.settle()
	s.call(create())
	odd := create()
	odd.TableName, odd.AttributeDefinitions = new("odd"), append(attributes, tabletypes.AttributeDefinition{AttributeName: new("unused"), AttributeType: tabletypes.ScalarAttributeTypeS})
	s.call(odd)
	both := create()
	both.TableName, both.ProvisionedThroughput = new("both"), &tabletypes.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: aws.Int64(1)}
	s.call(both)
	s.call(&dynamodb.DescribeTableInput{TableName: table})
	s.call(&dynamodb.DescribeTableInput{TableName: new("none")})
	s.call(&dynamodb.ListTablesInput{})
	arn := new("arn:aws:dynamodb:eu-west-2:" + s.account + ":table/events")
	s.call(&dynamodb.ListTagsOfResourceInput{ResourceArn: arn})
	s.call(&dynamodb.TagResourceInput{ResourceArn: arn, Tags: []tabletypes.Tag{{Key: new("stage"), Value: new("live")}}})
	s.call(&dynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"app"}})
	s.call(&dynamodb.ListTagsOfResourceInput{ResourceArn: arn})
	s.call(&dynamodb.DescribeTimeToLiveInput{TableName: table})
	s.call(&dynamodb.UpdateTimeToLiveInput{TableName: table, TimeToLiveSpecification: &tabletypes.TimeToLiveSpecification{AttributeName: new("expires"), Enabled: aws.Bool(true)}})
	s.settle()
	s.call(&dynamodb.UpdateTimeToLiveInput{TableName: table, TimeToLiveSpecification: &tabletypes.TimeToLiveSpecification{AttributeName: new("expires"), Enabled: aws.Bool(true)}})
	s.call(&dynamodb.DescribeContinuousBackupsInput{TableName: table})
	s.call(&dynamodb.UpdateContinuousBackupsInput{TableName: table, PointInTimeRecoverySpecification: &tabletypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}})
	s.call(&dynamodb.DescribeContinuousBackupsInput{TableName: new("none")})
	s.call(&dynamodb.UpdateTableInput{TableName: table, DeletionProtectionEnabled: aws.Bool(true)})
	s.settle()
	s.call(&dynamodb.DeleteTableInput{TableName: table})
	s.call(&dynamodb.UpdateTableInput{TableName: table, DeletionProtectionEnabled: aws.Bool(false)})
	s.settle()
	s.call(&dynamodb.GetResourcePolicyInput{ResourceArn: arn})
	s.call(&dynamodb.DeleteTableInput{TableName: table})
	s.call(&dynamodb.DeleteTableInput{TableName: new("none")})
	s.settle()
	s.call(&dynamodb.DescribeTableInput{TableName: table})
}

// talkBackups is about what brings a table back.
func talkBackups(s *side) {
	table, arn := new("events"), new("arn:aws:dynamodb:eu-west-2:"+s.account+":table/events")
	s.call(&dynamodb.CreateTableInput{
		TableName: table, BillingMode: tabletypes.BillingModePayPerRequest,
		KeySchema:            []tabletypes.KeySchemaElement{{AttributeName: new("id"), KeyType: tabletypes.KeyTypeHash}},
		AttributeDefinitions: []tabletypes.AttributeDefinition{{AttributeName: new("id"), AttributeType: tabletypes.ScalarAttributeTypeS}},
	})
	s.settle()
	s.call(&dynamodb.CreateBackupInput{TableName: new("none"), BackupName: new("first")})
	backup := new(s.call(&dynamodb.CreateBackupInput{TableName: table, BackupName: new("first")}).at("BackupDetails.BackupArn"))
	other := new(s.call(&dynamodb.CreateBackupInput{TableName: table, BackupName: new("second")}).at("BackupDetails.BackupArn"))
	for range 14 { // a backup takes a minute
		s.settle()
	}
	s.call(&dynamodb.DescribeBackupInput{BackupArn: backup})
	s.call(&dynamodb.DescribeBackupInput{BackupArn: new(*arn + "/backup/01234567890123-abcdefab")})
	s.call(&dynamodb.ListBackupsInput{TableName: table})
	s.call(&dynamodb.DeleteBackupInput{BackupArn: other})
	s.call(&dynamodb.DescribeBackupInput{BackupArn: other})
	s.call(&dynamodb.DeleteBackupInput{BackupArn: other})
	s.call(&dynamodb.RestoreTableFromBackupInput{BackupArn: backup, TargetTableName: table})
	s.call(&dynamodb.RestoreTableFromBackupInput{BackupArn: backup, TargetTableName: new("events-back")})
	s.call(&dynamodb.RestoreTableToPointInTimeInput{SourceTableName: table, TargetTableName: new("events-then"), UseLatestRestorableTime: aws.Bool(true)})
	s.call(&dynamodb.ExportTableToPointInTimeInput{TableArn: arn, S3Bucket: new("none-" + s.account)})
	s.call(&dynamodb.UpdateContinuousBackupsInput{TableName: table, PointInTimeRecoverySpecification: &tabletypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}})
	s.call(&dynamodb.DescribeContinuousBackupsInput{TableName: table})
	s.call(&dynamodb.RestoreTableToPointInTimeInput{SourceTableName: new("none"), TargetTableName: new("events-then"), UseLatestRestorableTime: aws.Bool(true)})
	s.call(&dynamodb.ListExportsInput{TableArn: arn})
	s.call(&dynamodb.DeleteBackupInput{BackupArn: backup})
}
