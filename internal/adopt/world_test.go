package adopt_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	agtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`

// must gives the answer of a call that may not fail.
func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func makeQueue(tb testing.TB, c *awscloud.Clients, name string) string {
	tb.Helper()
	return *must(c.SQS.CreateQueue(tb.Context(), &sqs.CreateQueueInput{QueueName: &name}))(tb).QueueUrl
}

func makeBucket(tb testing.TB, c *awscloud.Clients, name string) {
	tb.Helper()
	must(c.S3.CreateBucket(tb.Context(), &s3.CreateBucketInput{
		Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(c.Site.Region)},
	}))(tb)
}

func makeAPI(tb testing.TB, c *awscloud.Clients, name string) *apigateway.CreateRestApiOutput {
	tb.Helper()
	return must(c.APIGateway.CreateRestApi(tb.Context(), &apigateway.CreateRestApiInput{Name: &name}))(tb)
}

func makeKey(tb testing.TB, c *awscloud.Clients, description string) string {
	tb.Helper()
	return *must(c.KMS.CreateKey(tb.Context(), &kms.CreateKeyInput{Description: &description}))(tb).KeyMetadata.KeyId
}

// build makes one of everything that whole wants, and gives the ids that the provider imports them by (Terraform AWS provider 5, "Import"
// of each type).
func build(tb testing.TB, c *cloudtest.Cloud) map[string]string {
	tb.Helper()
	x := c.Open(tb, cloudtest.Standby())
	ids := map[string]string{}
	buildIdentities(tb, x, ids)
	buildStores(tb, x, ids)
	buildFunction(tb, x, ids)
	buildAPI(tb, x, ids)
	return ids
}

func buildIdentities(tb testing.TB, c *awscloud.Clients, ids map[string]string) {
	tb.Helper()
	ctx := tb.Context()
	must(c.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("role"), AssumeRolePolicyDocument: aws.String(trust)}))(tb)
	doc := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}`
	p := must(c.IAM.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("policy"), PolicyDocument: &doc}))(tb)
	must(c.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("role"), PolicyName: aws.String("inline"), PolicyDocument: &doc}))(tb)
	must(c.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("role"), PolicyArn: p.Policy.Arn}))(tb)
	ids["role"], ids["inline"], ids["policy"], ids["attached"] = "role", "role:inline", *p.Policy.Arn, "role/"+*p.Policy.Arn

	makeKey(tb, c, "twins") // told from the next by its alias
	ids["key"], ids["described"], ids["alias"] = makeKey(tb, c, "twins"), makeKey(tb, c, "one of its kind"), "alias/data"
	must(c.KMS.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/data"), TargetKeyId: aws.String(ids["key"])}))(tb)
}

func buildStores(tb testing.TB, c *awscloud.Clients, ids map[string]string) {
	tb.Helper()
	ctx := tb.Context()
	must(c.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("table"), BillingMode: dbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: dbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: dbtypes.KeyTypeHash}},
	}))(tb)
	ids["table"], ids["queue"] = "table", makeQueue(tb, c, "queue")
	sec := must(c.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("secret"), SecretString: aws.String("v")}))(tb)
	ids["secret"], ids["version"] = *sec.ARN, *sec.ARN+"|"+*sec.VersionId
	must(c.SSM.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/parameter"), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString}))(tb)
	must(c.ECR.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: aws.String("repository")}))(tb)
	must(c.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/aws/logs")}))(tb)
	must(c.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/aws/logs-of-others")}))(tb)
	ids["parameter"], ids["repository"], ids["logs"] = "/parameter", "repository", "/aws/logs"

	b := aws.String("the-bucket")
	makeBucket(tb, c, *b)
	must(c.S3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: b, VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"}}))(tb)
	must(c.S3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: b, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{}}))(tb)
	must(c.S3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{
		Bucket: b, Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::the-bucket/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`),
	}))(tb)
	must(c.S3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: b, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{
		Rules: []s3types.LifecycleRule{{ID: aws.String("r"), Status: "Enabled", Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("")}, Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(9)}}},
	}}))(tb)
	must(c.S3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: b, OwnershipControls: &s3types.OwnershipControls{
		Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: "BucketOwnerEnforced"}},
	}}))(tb)
	for _, name := range []string{"bucket", "lifecycle", "ownership", "bucketpolicy", "privacy", "encryption", "versioning"} {
		ids[name] = *b
	}
}

func buildFunction(tb testing.TB, c *awscloud.Clients, ids map[string]string) {
	tb.Helper()
	ctx := tb.Context()
	in := &lambda.CreateFunctionInput{
		FunctionName: aws.String("function"), PackageType: lambdatypes.PackageTypeZip, Runtime: "python3.13", Handler: aws.String("h"),
		Role: aws.String("arn:aws:iam::222222222222:role/role"), Code: &lambdatypes.FunctionCode{ZipFile: []byte("PK")},
	}
	must(c.Lambda.CreateFunction(ctx, in))(tb)
	must(c.Lambda.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: in.FunctionName, StatementId: aws.String("call"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com"),
	}))(tb)
	source := "arn:aws:sqs:eu-west-1:222222222222:queue"
	var m *lambda.CreateEventSourceMappingOutput
	for range 100 { // the function is Pending at first
		var err error
		if m, err = c.Lambda.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{EventSourceArn: &source, FunctionName: in.FunctionName}); err == nil {
			break
		}
		if !strings.Contains(err.Error(), "Pending") {
			tb.Fatal(err)
		}
	}
	ids["function"], ids["permission"], ids["mapping"] = "function", "function/call", *m.UUID
}

func buildAPI(tb testing.TB, c *awscloud.Clients, ids map[string]string) {
	tb.Helper()
	ctx, get, ok := tb.Context(), aws.String("GET"), aws.String("200")
	a := makeAPI(tb, c, "api")
	r := must(c.APIGateway.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: a.Id, ParentId: a.RootResourceId, PathPart: aws.String("status")}))(tb)
	must(c.APIGateway.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: a.Id, ResourceId: r.Id, HttpMethod: get, AuthorizationType: aws.String("NONE")}))(tb)
	must(c.APIGateway.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: a.Id, ResourceId: r.Id, HttpMethod: get, StatusCode: ok}))(tb)
	must(c.APIGateway.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: a.Id, ResourceId: r.Id, HttpMethod: get, Type: "MOCK"}))(tb)
	must(c.APIGateway.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: a.Id, ResourceId: r.Id, HttpMethod: get, StatusCode: ok}))(tb)
	must(c.APIGateway.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.Id}))(tb) // an old one, which no stage shows
	d := must(c.APIGateway.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.Id, StageName: aws.String("live")}))(tb)
	must(c.APIGateway.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: a.Id, StageName: aws.String("live"), PatchOperations: patch("/*/*/throttling/rateLimit", "5")}))(tb)
	must(c.APIGateway.UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: patch("/cloudwatchRoleArn", "arn:aws:iam::222222222222:role/role")}))(tb)
	p := must(c.APIGateway.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("consumers")}))(tb)
	k := must(c.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("consumer")}))(tb)
	must(c.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("consumer-of-others")}))(tb)
	must(c.APIGateway.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: k.Id, KeyType: aws.String("API_KEY")}))(tb)
	method := *a.Id + "/" + *r.Id + "/GET"
	maps.Copy(ids, map[string]string{
		"api": *a.Id, "resource": *a.Id + "/" + *r.Id, "method": method, "integration": method, "response": method + "/200", "integrationresponse": method + "/200",
		"deployment": *a.Id + "/" + *d.Id, "stage": *a.Id + "/live", "settings": *a.Id + "/live/*/*", "account": "api-gateway-account",
		"plan": *p.Id, "apikey": *k.Id, "plankey": *p.Id + "/" + *k.Id,
	})
}

// doom puts the secret and the keys into their deletion windows.
func doom(tb testing.TB, c *awscloud.Clients, ids map[string]string) {
	tb.Helper()
	must(c.SecretsManager.DeleteSecret(tb.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String(ids["secret"])}))(tb)
	for _, name := range []string{"key", "described"} {
		must(c.KMS.ScheduleKeyDeletion(tb.Context(), &kms.ScheduleKeyDeletionInput{KeyId: aws.String(ids[name])}))(tb)
	}
}

func patch(path, value string) []agtypes.PatchOperation {
	return []agtypes.PatchOperation{{Op: agtypes.OpReplace, Path: &path, Value: &value}}
}
