package witness

import (
	"archive/zip"
	"bytes"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type sqsAttribute = sqstypes.QueueAttributeName

func trusts(service string) *string {
	return jsonText(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": service}}}})
}

func allows(action string) *string {
	return jsonText(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": action, "Resource": "*"}}})
}

func talkIAM(s *side) {
	role := new("app")
	s.call(&iam.CreateRoleInput{RoleName: role, Path: new("/app/"), AssumeRolePolicyDocument: trusts("lambda.amazonaws.com"), Description: new("of the app"), Tags: []iamtypes.Tag{{Key: new("app"), Value: new("pharmacy")}}})
	s.call(&iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: trusts("lambda.amazonaws.com")})
	s.call(&iam.CreateRoleInput{RoleName: new("bad"), AssumeRolePolicyDocument: new("{")})
	s.call(&iam.CreateRoleInput{RoleName: new("short"), AssumeRolePolicyDocument: trusts("lambda.amazonaws.com"), MaxSessionDuration: aws.Int32(60)})
	s.call(&iam.GetRoleInput{RoleName: role})
	s.call(&iam.GetRoleInput{RoleName: new("none")})
	s.call(&iam.ListRolesInput{PathPrefix: new("/app/")})
	s.call(&iam.UpdateRoleInput{RoleName: role, MaxSessionDuration: aws.Int32(7200), Description: new("changed")})
	s.call(&iam.UpdateAssumeRolePolicyInput{RoleName: role, PolicyDocument: trusts("ecs-tasks.amazonaws.com")})
	s.call(&iam.GetRoleInput{RoleName: role})
	s.call(&iam.PutRolePolicyInput{RoleName: role, PolicyName: new("inline"), PolicyDocument: allows("s3:GetObject")})
	s.call(&iam.PutRolePolicyInput{RoleName: role, PolicyName: new("bad"), PolicyDocument: new("{}")})
	s.call(&iam.GetRolePolicyInput{RoleName: role, PolicyName: new("inline")})
	s.call(&iam.GetRolePolicyInput{RoleName: role, PolicyName: new("none")})
	s.call(&iam.ListRolePoliciesInput{RoleName: role})
	arn := new(s.call(&iam.CreatePolicyInput{PolicyName: new("reads"), PolicyDocument: allows("s3:GetObject"), Path: new("/app/")}).at("Policy.Arn"))
	s.call(&iam.CreatePolicyInput{PolicyName: new("reads"), PolicyDocument: allows("s3:GetObject"), Path: new("/app/")})
	s.call(&iam.GetPolicyInput{PolicyArn: arn})
	s.call(&iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: new("v1")})
	s.call(&iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: new("v7")})
	s.call(&iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allows("s3:PutObject"), SetAsDefault: true})
	s.call(&iam.ListPolicyVersionsInput{PolicyArn: arn})
	s.call(&iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v2")})
	s.call(&iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: new("v1")})
	s.call(&iam.AttachRolePolicyInput{RoleName: role, PolicyArn: arn})
	s.call(&iam.AttachRolePolicyInput{RoleName: role, PolicyArn: new("arn:aws:iam::" + s.account + ":policy/none")})
	s.call(&iam.AttachRolePolicyInput{RoleName: role, PolicyArn: new("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")})
	s.call(&iam.ListAttachedRolePoliciesInput{RoleName: role})
	s.call(&iam.ListEntitiesForPolicyInput{PolicyArn: arn})
	s.call(&iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal})
	s.call(&iam.DeleteRoleInput{RoleName: role})
	s.call(&iam.DetachRolePolicyInput{RoleName: role, PolicyArn: arn})
	s.call(&iam.DetachRolePolicyInput{RoleName: role, PolicyArn: arn})
	s.call(&iam.DetachRolePolicyInput{RoleName: role, PolicyArn: new("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")})
	s.call(&iam.DeletePolicyInput{PolicyArn: arn})
	s.call(&iam.DeletePolicyInput{PolicyArn: arn})
	s.call(&iam.ListInstanceProfilesForRoleInput{RoleName: role})
	s.call(&iam.TagRoleInput{RoleName: role, Tags: []iamtypes.Tag{{Key: new("stage"), Value: new("live")}}})
	s.call(&iam.UntagRoleInput{RoleName: role, TagKeys: []string{"app"}})
	s.call(&iam.ListRoleTagsInput{RoleName: role})
	s.call(&iam.DeleteRoleInput{RoleName: role})
	s.call(&iam.DeleteRolePolicyInput{RoleName: role, PolicyName: new("inline")})
	s.call(&iam.DeleteRolePolicyInput{RoleName: role, PolicyName: new("inline")})
	s.call(&iam.DeleteRoleInput{RoleName: role})
	s.call(&iam.DeleteRoleInput{RoleName: role})
	s.call(&iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: trusts("lambda.amazonaws.com")})
	arn = new(s.call(&iam.CreatePolicyInput{PolicyName: new("held"), PolicyDocument: allows("s3:GetObject")}).at("Policy.Arn"))
	s.call(&iam.AttachRolePolicyInput{RoleName: role, PolicyArn: arn})
	s.call(&iam.DeletePolicyInput{PolicyArn: arn})
	s.call(&iam.CreateServiceLinkedRoleInput{AWSServiceName: new("elasticache.amazonaws.com")})
}

// talkUsers is about what a fence switches off.
func talkUsers(s *side) {
	user := new("deployer")
	s.call(&iam.CreateUserInput{UserName: user, Tags: []iamtypes.Tag{{Key: new("app"), Value: new("pharmacy")}}})
	s.call(&iam.CreateUserInput{UserName: user})
	s.call(&iam.GetUserInput{UserName: user})
	s.call(&iam.GetUserInput{UserName: new("none")})
	s.call(&iam.ListUsersInput{})
	key := new(s.call(&iam.CreateAccessKeyInput{UserName: user}).at("AccessKey.AccessKeyId"))
	s.call(&iam.CreateAccessKeyInput{UserName: new("none")})
	s.call(&iam.ListAccessKeysInput{UserName: user})
	s.call(&iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: key, Status: iamtypes.StatusTypeInactive})
	s.call(&iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: new("AKIAIOSFODNN7EXAMPLE"), Status: iamtypes.StatusTypeInactive})
	s.call(&iam.ListAccessKeysInput{UserName: user})
	s.call(&iam.TagUserInput{UserName: user, Tags: []iamtypes.Tag{{Key: new("stage"), Value: new("live")}}})
	s.call(&iam.UntagUserInput{UserName: user, TagKeys: []string{"app"}})
	s.call(&iam.ListUserTagsInput{UserName: user})
	s.call(&iam.CreateAccessKeyInput{UserName: user})
	s.call(&iam.CreateAccessKeyInput{UserName: user})
	s.call(&iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: key})
	s.call(&iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: key})
	s.call(&iam.DeleteUserInput{UserName: user})
}

// archive is a function's code.
func archive() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("index.py")
	if err == nil {
		_, err = w.Write([]byte("def handler(event, context): pass\n"))
	}
	if err != nil || z.Close() != nil {
		panic("a zip archive in memory cannot fail")
	}
	return b.Bytes()
}

func talkLambda(s *side) {
	role := new(s.call(&iam.CreateRoleInput{RoleName: new("app"), AssumeRolePolicyDocument: trusts("lambda.amazonaws.com")}).at("Role.Arn"))
	s.call(&sqs.CreateQueueInput{QueueName: new("live")})
	queue := new("arn:aws:sqs:eu-west-2:" + s.account + ":live")
	name := new("change-event")
	create := func() *lambda.CreateFunctionInput {
		return &lambda.CreateFunctionInput{
			FunctionName: name, Role: role, Runtime: lambdatypes.RuntimePython312, Handler: new("index.handler"), Code: &lambdatypes.FunctionCode{ZipFile: archive()},
			Environment: &lambdatypes.Environment{Variables: map[string]string{"STAGE": "live"}}, Tags: map[string]string{"app": "pharmacy"}, Timeout: aws.Int32(20),
		}
	}
	s.call(create())
	s.call(create())
	bad := create()
	bad.FunctionName, bad.Role = new("no-role"), new("arn:aws:iam::"+s.account+":role/none")
	s.call(bad)
	s.call(&lambda.GetFunctionConfigurationInput{FunctionName: name})
	s.call(&lambda.GetFunctionInput{FunctionName: new("none")})
	s.call(&lambda.ListFunctionsInput{})
	s.settle()
	s.call(&lambda.UpdateFunctionConfigurationInput{FunctionName: name, MemorySize: aws.Int32(256), Description: new("changed")})
	s.settle()
	s.call(&lambda.GetFunctionConfigurationInput{FunctionName: name})
	s.call(&lambda.PublishVersionInput{FunctionName: name})
	s.call(&lambda.ListVersionsByFunctionInput{FunctionName: name})
	s.call(&lambda.CreateAliasInput{FunctionName: name, Name: new("live"), FunctionVersion: new("1")})
	s.call(&lambda.CreateAliasInput{FunctionName: name, Name: new("live"), FunctionVersion: new("1")})
	s.call(&lambda.GetAliasInput{FunctionName: name, Name: new("none")})
	s.call(&lambda.AddPermissionInput{FunctionName: name, StatementId: new("api"), Action: new("lambda:InvokeFunction"), Principal: new("apigateway.amazonaws.com")})
	s.call(&lambda.GetPolicyInput{FunctionName: name})
	s.call(&lambda.AddPermissionInput{FunctionName: name, StatementId: new("api"), Action: new("lambda:InvokeFunction"), Principal: new("apigateway.amazonaws.com")})
	s.call(&lambda.RemovePermissionInput{FunctionName: name, StatementId: new("none")})
	s.call(&lambda.RemovePermissionInput{FunctionName: name, StatementId: new("api")})
	s.call(&lambda.GetPolicyInput{FunctionName: name})
	s.call(&lambda.PutFunctionConcurrencyInput{FunctionName: name, ReservedConcurrentExecutions: aws.Int32(5)})
	s.call(&lambda.GetFunctionConcurrencyInput{FunctionName: name})
	s.call(&lambda.PutFunctionConcurrencyInput{FunctionName: name, ReservedConcurrentExecutions: aws.Int32(5000)})
	s.call(&lambda.DeleteFunctionConcurrencyInput{FunctionName: name})
	mapping := new(s.call(&lambda.CreateEventSourceMappingInput{FunctionName: name, EventSourceArn: queue, BatchSize: aws.Int32(1)}).at("UUID"))
	s.call(&lambda.CreateEventSourceMappingInput{FunctionName: new("none"), EventSourceArn: queue})
	s.settle()
	s.call(&lambda.GetEventSourceMappingInput{UUID: mapping})
	s.call(&lambda.GetEventSourceMappingInput{UUID: new("11111111-2222-3333-4444-555555555555")})
	s.call(&lambda.ListEventSourceMappingsInput{FunctionName: name})
	s.call(&lambda.CreateEventSourceMappingInput{FunctionName: name, EventSourceArn: queue})
	s.call(&lambda.UpdateEventSourceMappingInput{UUID: mapping, Enabled: aws.Bool(false)})
	s.settle()
	s.call(&lambda.DeleteEventSourceMappingInput{UUID: mapping})
	s.call(&lambda.ListTagsInput{Resource: new("arn:aws:lambda:eu-west-2:" + s.account + ":function:change-event")})
	s.call(&lambda.GetFunctionCodeSigningConfigInput{FunctionName: name})
	s.call(&lambda.GetFunctionUrlConfigInput{FunctionName: name})
	s.call(&lambda.GetFunctionEventInvokeConfigInput{FunctionName: name})
	s.call(&lambda.PutFunctionEventInvokeConfigInput{FunctionName: name, MaximumRetryAttempts: aws.Int32(0)})
	s.call(&lambda.DeleteFunctionInput{FunctionName: name})
	s.call(&lambda.DeleteFunctionInput{FunctionName: name})
}

func talkAPIGateway(s *side) {
	s.call(&apigateway.GetAccountInput{})
	created := s.call(&apigateway.CreateRestApiInput{Name: new("updates"), Description: new("of pharmacies"), Tags: map[string]string{"app": "pharmacy"}})
	api, root := new(created.at("Id")), new("")
	s.call(&apigateway.GetRestApiInput{RestApiId: api})
	s.call(&apigateway.GetRestApiInput{RestApiId: new("none")})
	root = new(s.call(&apigateway.GetResourcesInput{RestApiId: api}).at("Items[0].Id"))
	resource := new(s.call(&apigateway.CreateResourceInput{RestApiId: api, ParentId: root, PathPart: new("change-event")}).at("Id"))
	s.call(&apigateway.CreateResourceInput{RestApiId: api, ParentId: new("none"), PathPart: new("x")})
	s.call(&apigateway.CreateDeploymentInput{RestApiId: api})
	post, ok := new("POST"), new("200")
	s.call(&apigateway.PutMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: post, AuthorizationType: new("NONE"), ApiKeyRequired: true})
	s.call(&apigateway.GetMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: post})
	s.call(&apigateway.GetMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: new("GET")})
	s.call(&apigateway.CreateDeploymentInput{RestApiId: api})
	s.call(&apigateway.GetIntegrationInput{RestApiId: api, ResourceId: resource, HttpMethod: post})
	s.call(&apigateway.PutIntegrationInput{RestApiId: api, ResourceId: resource, HttpMethod: post, Type: apitypes.IntegrationTypeHttpProxy, IntegrationHttpMethod: post, Uri: new("https://example.org/")})
	s.call(&apigateway.GetIntegrationInput{RestApiId: api, ResourceId: resource, HttpMethod: post})
	s.call(&apigateway.PutMethodResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: post, StatusCode: ok})
	s.call(&apigateway.PutIntegrationResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: post, StatusCode: ok})
	s.call(&apigateway.GetMethodResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: post, StatusCode: new("404")})
	deployment := new(s.call(&apigateway.CreateDeploymentInput{RestApiId: api, Description: new("first")}).at("Id"))
	s.call(&apigateway.GetDeploymentInput{RestApiId: api, DeploymentId: deployment})
	s.call(&apigateway.GetDeploymentInput{RestApiId: api, DeploymentId: new("none")})
	s.call(&apigateway.CreateStageInput{RestApiId: api, StageName: new("live"), DeploymentId: deployment})
	s.call(&apigateway.CreateStageInput{RestApiId: api, StageName: new("live"), DeploymentId: deployment})
	s.call(&apigateway.GetStageInput{RestApiId: api, StageName: new("live")})
	s.call(&apigateway.GetStageInput{RestApiId: api, StageName: new("none")})
	s.call(&apigateway.UpdateStageInput{RestApiId: api, StageName: new("live"), PatchOperations: []apitypes.PatchOperation{{Op: apitypes.OpReplace, Path: new("/*/*/logging/loglevel"), Value: new("INFO")}}})
	key := new(s.call(&apigateway.CreateApiKeyInput{Name: new("consumer"), Value: new("a-value-of-twenty-letters"), Enabled: true}).at("Id"))
	s.call(&apigateway.CreateApiKeyInput{Name: new("second"), Value: new("a-value-of-twenty-letters"), Enabled: true})
	s.call(&apigateway.CreateApiKeyInput{Name: new("short"), Value: new("short"), Enabled: true})
	s.call(&apigateway.GetApiKeyInput{ApiKey: key, IncludeValue: aws.Bool(true)})
	s.call(&apigateway.GetApiKeyInput{ApiKey: new("none")})
	s.call(&apigateway.GetApiKeysInput{NameQuery: new("cons"), IncludeValues: aws.Bool(true)})
	s.call(&apigateway.UpdateApiKeyInput{ApiKey: key, PatchOperations: []apitypes.PatchOperation{{Op: apitypes.OpReplace, Path: new("/description"), Value: new("changed")}}})
	plan := new(s.call(&apigateway.CreateUsagePlanInput{Name: new("standard"), ApiStages: []apitypes.ApiStage{{ApiId: api, Stage: new("live")}}, Throttle: &apitypes.ThrottleSettings{BurstLimit: 5, RateLimit: 2}, Quota: &apitypes.QuotaSettings{Limit: 100, Period: apitypes.QuotaPeriodTypeDay}}).at("Id"))
	s.call(&apigateway.CreateUsagePlanInput{Name: new("nowhere"), ApiStages: []apitypes.ApiStage{{ApiId: api, Stage: new("none")}}})
	s.call(&apigateway.GetUsagePlanInput{UsagePlanId: plan})
	s.call(&apigateway.GetUsagePlanInput{UsagePlanId: new("none")})
	s.call(&apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: key, KeyType: new("API_KEY")})
	s.call(&apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: key, KeyType: new("API_KEY")})
	s.call(&apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: new("none"), KeyType: new("API_KEY")})
	s.call(&apigateway.GetUsagePlanKeysInput{UsagePlanId: plan})
	s.call(&apigateway.GetUsagePlansInput{KeyId: key})
	s.call(&apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plan, KeyId: key})
	s.call(&apigateway.DeleteUsagePlanInput{UsagePlanId: plan})
	s.call(&apigateway.DeleteApiKeyInput{ApiKey: key})
	s.call(&apigateway.DeleteApiKeyInput{ApiKey: key})
	s.call(&apigateway.CreateResourceInput{RestApiId: api, ParentId: root, PathPart: new("change-event")})
	s.call(&apigateway.PutMethodInput{RestApiId: api, ResourceId: resource, HttpMethod: post, AuthorizationType: new("NONE")})
	s.call(&apigateway.DeleteDeploymentInput{RestApiId: api, DeploymentId: deployment})
	s.call(&apigateway.DeleteRestApiInput{RestApiId: api})
	s.call(&apigateway.DeleteRestApiInput{RestApiId: api})
}
