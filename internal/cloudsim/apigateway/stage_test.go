package apigateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// An API without methods, or with one that calls nothing, cannot be deployed; a deployment lives while a stage points to it.
func TestDeployments(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	deploy := func() (*apigateway.CreateDeploymentOutput, error) {
		return b.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.Id})
	}
	fails[*apigateway.CreateDeploymentOutput](t, "BadRequestException", "doesn't contain any methods")(deploy())
	in := &apigateway.PutMethodInput{RestApiId: a.Id, ResourceId: a.RootResourceId, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE")}
	ok[*apigateway.PutMethodOutput](t)(b.PutMethod(ctx, in))
	fails[*apigateway.CreateDeploymentOutput](t, "BadRequestException", "No integration defined for method")(deploy())
	ok[*apigateway.PutIntegrationOutput](t)(b.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: a.Id, ResourceId: a.RootResourceId, HttpMethod: in.HttpMethod, Type: "MOCK"}))
	first := ok[*apigateway.CreateDeploymentOutput](t)(deploy())
	summary := ok[*apigateway.GetDeploymentOutput](t)(b.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: a.Id, DeploymentId: first.Id, Embed: []string{"apisummary"}}))
	if got := summary.ApiSummary["/"]["GET"]; aws.ToString(got.AuthorizationType) != "NONE" {
		t.Errorf("the summary is %+v", summary.ApiSummary)
	}
	stage := &apigateway.CreateStageInput{RestApiId: a.Id, StageName: aws.String("live"), DeploymentId: aws.String("nobody")}
	fails[*apigateway.CreateStageOutput](t, "BadRequestException", "Deployment id does not exist")(b.CreateStage(ctx, stage))
	stage.DeploymentId = first.Id
	ok[*apigateway.CreateStageOutput](t)(b.CreateStage(ctx, stage))
	fails[*apigateway.CreateStageOutput](t, "ConflictException", "Stage already exists")(b.CreateStage(ctx, stage))
	gone := &apigateway.DeleteDeploymentInput{RestApiId: a.Id, DeploymentId: first.Id}
	fails[*apigateway.DeleteDeploymentOutput](t, "BadRequestException", "Active stages")(b.DeleteDeployment(ctx, gone))
	second := b.deploy(t, a.Id)
	if got := ok[*apigateway.GetStageOutput](t)(b.GetStage(ctx, &apigateway.GetStageInput{RestApiId: a.Id, StageName: stage.StageName})); *got.DeploymentId != *second {
		t.Error("the stage stays at its old deployment")
	}
	ok[*apigateway.DeleteDeploymentOutput](t)(b.DeleteDeployment(ctx, gone))
	_, err := b.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: a.Id, StageName: aws.String("not/a/name")})
	simtest.WantCode(t, err, "BadRequestException")
	if left := ok[*apigateway.GetDeploymentsOutput](t)(b.GetDeployments(ctx, &apigateway.GetDeploymentsInput{RestApiId: a.Id})); len(left.Items) != 1 {
		t.Errorf("a refused deployment was kept: %+v", left.Items)
	}
}

// An API has ten stages at most.
func TestStageQuota(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	b.mock(t, a.Id, a.RootResourceId, "GET", false, "{}")
	in := &apigateway.CreateStageInput{RestApiId: a.Id, DeploymentId: b.deploy(t, a.Id)}
	for _, name := range []string{"b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		in.StageName = &name
		ok[*apigateway.CreateStageOutput](t)(b.CreateStage(ctx, in))
	}
	in.StageName = aws.String("k")
	fails[*apigateway.CreateStageOutput](t, "LimitExceededException", "Maximum number of stages")(b.CreateStage(ctx, in))
}

// A stage logs only when the account settings name a role that exists; its settings are kept by method.
func TestStageSettings(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	b.mock(t, a.Id, a.RootResourceId, "GET", false, "{}")
	b.deploy(t, a.Id)
	change := func(triples ...string) (*apigateway.UpdateStageOutput, error) {
		return b.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: a.Id, StageName: aws.String("live"), PatchOperations: patch(triples...)})
	}
	const wants = "CloudWatch Logs role ARN must be set in account settings to enable logging"
	fails[*apigateway.UpdateStageOutput](t, "BadRequestException", wants)(change("replace", "/*/*/logging/loglevel", "INFO"))
	fails[*apigateway.UpdateStageOutput](t, "BadRequestException", wants)(change("replace", "/accessLogSettings/destinationArn", "arn:aws:logs:eu-west-2:111111111111:log-group:x"))
	ok[*apigateway.UpdateStageOutput](t)(change("replace", "/*/*/logging/loglevel", "OFF"))
	role := func(arn string) (*apigateway.UpdateAccountOutput, error) {
		return b.UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: patch("replace", "/cloudwatchRoleArn", arn)})
	}
	fails[*apigateway.UpdateAccountOutput](t, "BadRequestException", "role ARN")(role("arn:aws:iam::111111111111:role/nobody"))
	ok[*apigateway.UpdateAccountOutput](t)(role("arn:aws:iam::111111111111:role/logs"))
	got := ok[*apigateway.UpdateStageOutput](t)(change(
		"replace", "/*/*/logging/loglevel", "INFO", "replace", "/a~1b/GET/throttling/rateLimit", "2.5", "replace", "/accessLogSettings/format", "$context.requestId",
		"replace", "/variables/colour", "blue", "replace", "/tracingEnabled", "true"))
	whole, one := got.MethodSettings["*/*"], got.MethodSettings["a~1b/GET"]
	if *whole.LoggingLevel != "INFO" || one.ThrottlingRateLimit != 2.5 || one.ThrottlingBurstLimit != 5000 || got.Variables["colour"] != "blue" || !got.TracingEnabled || *got.AccessLogSettings.Format != "$context.requestId" {
		t.Errorf("updated to %+v", got)
	}
	got = ok[*apigateway.UpdateStageOutput](t)(change("remove", "/*/*", "", "remove", "/accessLogSettings", "", "remove", "/variables/colour", ""))
	if len(got.MethodSettings) != 1 || got.AccessLogSettings != nil || len(got.Variables) != 0 {
		t.Errorf("removed to %+v", got)
	}
	for _, bad := range [][]string{{"replace", "/*/*/logging/loglevel", "LOUD"}, {"replace", "/stageName", "x"}, {"replace", "/deploymentId", "nobody"}, {"replace", "/variables/a-b", "x"}} {
		_, err := change(bad...)
		simtest.WantCode(t, err, "BadRequestException")
	}
	ok[*apigateway.UpdateAccountOutput](t)(role(""))
	if got := ok[*apigateway.GetAccountOutput](t)(b.GetAccount(ctx, &apigateway.GetAccountInput{})); got.CloudwatchRoleArn != nil || got.ThrottleSettings.BurstLimit != 5000 {
		t.Errorf("the account is %+v", got)
	}
}

// APIs, stages, keys and plans carry tags.
func TestTags(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	b.mock(t, a.Id, a.RootResourceId, "GET", false, "{}")
	b.deploy(t, a.Id)
	k := b.key(t, keyValue)
	p := b.plan(t, a.Id, k.Id, &apigateway.CreateUsagePlanInput{})
	for _, path := range []string{"restapis/" + *a.Id, "restapis/" + *a.Id + "/stages/live", "apikeys/" + *k.Id, "usageplans/" + *p} {
		arn := aws.String("arn:aws:apigateway:eu-west-2::/" + path)
		ok[*apigateway.TagResourceOutput](t)(b.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}))
		ok[*apigateway.UntagResourceOutput](t)(b.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}))
		if got := ok[*apigateway.GetTagsOutput](t)(b.GetTags(ctx, &apigateway.GetTagsInput{ResourceArn: arn})); len(got.Tags) != 1 || got.Tags["b"] != "2" {
			t.Errorf("%s has %v", path, got.Tags)
		}
	}
	fails[*apigateway.GetTagsOutput](t, "NotFoundException", "")(b.GetTags(ctx, &apigateway.GetTagsInput{ResourceArn: aws.String("arn:aws:apigateway:eu-west-2::/restapis/nobody")}))
}
