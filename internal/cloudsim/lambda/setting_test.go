package lambda_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	simlambda "github.com/lifeboat-dr/lifeboat/internal/cloudsim/lambda"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// A permission is written as AWS writes it, once for each statement id, and apart for each qualifier.
func TestPermissions(t *testing.T) {
	t.Parallel()
	b, ctx, name := setup(t), t.Context(), aws.String("f")
	b.function(t, "f")
	get := &lambda.GetPolicyInput{FunctionName: name}
	fails[*lambda.GetPolicyOutput](t, "ResourceNotFoundException", "")(b.GetPolicy(ctx, get))
	in := &lambda.AddPermissionInput{
		FunctionName: name, StatementId: aws.String("api"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com"),
		SourceArn: aws.String("arn:aws:execute-api:eu-west-2:111111111111:a/*"), SourceAccount: aws.String("111111111111"),
	}
	want := `{"Sid":"api","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",` +
		`"Resource":"arn:aws:lambda:eu-west-2:111111111111:function:f","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:eu-west-2:111111111111:a/*"},` +
		`"StringEquals":{"AWS:SourceAccount":"111111111111"}}}`
	if out := ok[*lambda.AddPermissionOutput](t)(b.AddPermission(ctx, in)); *out.Statement != want {
		t.Errorf("added %s", *out.Statement)
	}
	fails[*lambda.AddPermissionOutput](t, "ResourceConflictException", "(api)")(b.AddPermission(ctx, in))
	ok[*lambda.AddPermissionOutput](t)(b.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: name, StatementId: aws.String("account"), Action: aws.String("lambda:*"), Principal: aws.String("222222222222"),
	}))
	policy := *ok[*lambda.GetPolicyOutput](t)(b.GetPolicy(ctx, get)).Policy
	if !strings.Contains(policy, want) || !strings.Contains(policy, `{"AWS":"arn:aws:iam::222222222222:root"}`) {
		t.Errorf("the policy is %s", policy)
	}
	in.Qualifier = aws.String("7")
	fails[*lambda.AddPermissionOutput](t, "ResourceNotFoundException", ":f:7")(b.AddPermission(ctx, in))
	for _, sid := range []string{"api", "account"} {
		ok[*lambda.RemovePermissionOutput](t)(b.RemovePermission(ctx, &lambda.RemovePermissionInput{FunctionName: name, StatementId: &sid}))
	}
	fails[*lambda.RemovePermissionOutput](t, "ResourceNotFoundException", "Statement api")(b.RemovePermission(ctx, &lambda.RemovePermissionInput{FunctionName: name, StatementId: aws.String("api")}))
	fails[*lambda.GetPolicyOutput](t, "ResourceNotFoundException", "")(b.GetPolicy(ctx, get))
}

// Reservations leave 100 of an account's 1000 to other functions; a function with none left is not invoked.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	b.function(t, "f")
	b.function(t, "g")
	reserve := func(name string, n int32) (*lambda.PutFunctionConcurrencyOutput, error) {
		return b.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{FunctionName: &name, ReservedConcurrentExecutions: &n})
	}
	ok[*lambda.PutFunctionConcurrencyOutput](t)(reserve("f", 900))
	fails[*lambda.PutFunctionConcurrencyOutput](t, "InvalidParameterValueException", "[100]")(reserve("g", 1))
	ok[*lambda.PutFunctionConcurrencyOutput](t)(reserve("f", 899))
	ok[*lambda.PutFunctionConcurrencyOutput](t)(reserve("g", 1))
	if out := ok[*lambda.GetAccountSettingsOutput](t)(b.GetAccountSettings(ctx, nil)); *out.AccountLimit.UnreservedConcurrentExecutions != 100 || out.AccountUsage.FunctionCount != 2 {
		t.Errorf("account %+v %+v", out.AccountLimit, out.AccountUsage)
	}
	get := &lambda.GetFunctionInput{FunctionName: aws.String("f")}
	if out := ok[*lambda.GetFunctionOutput](t)(b.GetFunction(ctx, get)); *out.Concurrency.ReservedConcurrentExecutions != 899 {
		t.Errorf("reserved %+v", out.Concurrency)
	}
	ok[*lambda.PutFunctionConcurrencyOutput](t)(reserve("f", 0))
	fails[*lambda.InvokeOutput](t, "TooManyRequestsException", "")(b.Invoke(ctx, &lambda.InvokeInput{FunctionName: get.FunctionName}))
	ok[*lambda.DeleteFunctionConcurrencyOutput](t)(b.DeleteFunctionConcurrency(ctx, &lambda.DeleteFunctionConcurrencyInput{FunctionName: get.FunctionName}))
	if out := ok[*lambda.GetFunctionConcurrencyOutput](t)(b.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: get.FunctionName})); out.ReservedConcurrentExecutions != nil {
		t.Errorf("still reserved %d", *out.ReservedConcurrentExecutions)
	}
}

// An invocation answers that nothing was run: its payload cannot be taken for a function's success.
func TestInvocationSaysThatItIsSimulated(t *testing.T) {
	t.Parallel()
	b, ctx, name := setup(t), t.Context(), aws.String("f")
	b.function(t, "f")
	out := ok[*lambda.InvokeOutput](t)(b.Invoke(ctx, &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{"a":1}`)}))
	var answer map[string]any
	if err := json.Unmarshal(out.Payload, &answer); err != nil || answer["simulated"] != true || answer["statusCode"] != nil || out.StatusCode != 200 || *out.ExecutedVersion != "$LATEST" {
		t.Errorf("%d %s %v", out.StatusCode, out.Payload, err)
	}
	for kind, status := range map[types.InvocationType]int32{types.InvocationTypeEvent: 202, types.InvocationTypeDryRun: 204} {
		if got := ok[*lambda.InvokeOutput](t)(b.Invoke(ctx, &lambda.InvokeInput{FunctionName: name, InvocationType: kind})); got.StatusCode != status {
			t.Errorf("%s answered %d", kind, got.StatusCode)
		}
	}
	fails[*lambda.InvokeOutput](t, "InvalidRequestContentException", "json")(b.Invoke(ctx, &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{`)}))
}

// Options answer their defaults, or that there are none, until they are set.
func TestOptions(t *testing.T) {
	t.Parallel()
	b, ctx, name := setup(t), t.Context(), aws.String("f")
	b.function(t, "f")
	get := &lambda.GetFunctionEventInvokeConfigInput{FunctionName: name}
	fails[*lambda.GetFunctionEventInvokeConfigOutput](t, "ResourceNotFoundException", "doesn't have an EventInvokeConfig")(b.GetFunctionEventInvokeConfig(ctx, get))
	ok[*lambda.PutFunctionEventInvokeConfigOutput](t)(b.PutFunctionEventInvokeConfig(ctx, &lambda.PutFunctionEventInvokeConfigInput{FunctionName: name, MaximumRetryAttempts: aws.Int32(1)}))
	ok[*lambda.UpdateFunctionEventInvokeConfigOutput](t)(b.UpdateFunctionEventInvokeConfig(ctx, &lambda.UpdateFunctionEventInvokeConfigInput{FunctionName: name, MaximumEventAgeInSeconds: aws.Int32(60)}))
	if out := ok[*lambda.GetFunctionEventInvokeConfigOutput](t)(b.GetFunctionEventInvokeConfig(ctx, get)); *out.MaximumRetryAttempts != 1 || *out.MaximumEventAgeInSeconds != 60 || out.LastModified == nil {
		t.Errorf("invoke configuration %+v", out)
	}
	ok[*lambda.DeleteFunctionEventInvokeConfigOutput](t)(b.DeleteFunctionEventInvokeConfig(ctx, &lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: name}))
	fails[*lambda.GetFunctionEventInvokeConfigOutput](t, "ResourceNotFoundException", "")(b.GetFunctionEventInvokeConfig(ctx, get))

	runtime := &lambda.GetRuntimeManagementConfigInput{FunctionName: name}
	if out := ok[*lambda.GetRuntimeManagementConfigOutput](t)(b.GetRuntimeManagementConfig(ctx, runtime)); out.UpdateRuntimeOn != types.UpdateRuntimeOnAuto {
		t.Errorf("runtime updates on %s", out.UpdateRuntimeOn)
	}
	ok[*lambda.PutRuntimeManagementConfigOutput](t)(b.PutRuntimeManagementConfig(ctx, &lambda.PutRuntimeManagementConfigInput{FunctionName: name, UpdateRuntimeOn: types.UpdateRuntimeOnFunctionUpdate}))
	if out := ok[*lambda.GetRuntimeManagementConfigOutput](t)(b.GetRuntimeManagementConfig(ctx, runtime)); out.UpdateRuntimeOn != types.UpdateRuntimeOnFunctionUpdate {
		t.Errorf("runtime updates on %s", out.UpdateRuntimeOn)
	}
	loop := &lambda.GetFunctionRecursionConfigInput{FunctionName: name}
	if out := ok[*lambda.GetFunctionRecursionConfigOutput](t)(b.GetFunctionRecursionConfig(ctx, loop)); out.RecursiveLoop != types.RecursiveLoopTerminate {
		t.Errorf("loops %s", out.RecursiveLoop)
	}
	ok[*lambda.PutFunctionRecursionConfigOutput](t)(b.PutFunctionRecursionConfig(ctx, &lambda.PutFunctionRecursionConfigInput{FunctionName: name, RecursiveLoop: types.RecursiveLoopAllow}))
	if out := ok[*lambda.GetFunctionRecursionConfigOutput](t)(b.GetFunctionRecursionConfig(ctx, loop)); out.RecursiveLoop != types.RecursiveLoopAllow {
		t.Errorf("loops %s", out.RecursiveLoop)
	}
	if out := ok[*lambda.GetFunctionCodeSigningConfigOutput](t)(b.GetFunctionCodeSigningConfig(ctx, &lambda.GetFunctionCodeSigningConfigInput{FunctionName: name})); out.CodeSigningConfigArn != nil {
		t.Errorf("signed by %s", *out.CodeSigningConfigArn)
	}
	fails[*lambda.GetProvisionedConcurrencyConfigOutput](t, "ProvisionedConcurrencyConfigNotFoundException", "")(
		b.GetProvisionedConcurrencyConfig(ctx, &lambda.GetProvisionedConcurrencyConfigInput{FunctionName: name, Qualifier: aws.String("1")}))
	fails[*lambda.GetFunctionUrlConfigOutput](t, "ResourceNotFoundException", "")(b.GetFunctionUrlConfig(ctx, &lambda.GetFunctionUrlConfigInput{FunctionName: name}))
}

// Tags are added to and taken from what is there.
func TestTags(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	arn := b.function(t, "f").FunctionArn
	ok[*lambda.TagResourceOutput](t)(b.TagResource(ctx, &lambda.TagResourceInput{Resource: arn, Tags: map[string]string{"a": "1", "b": "2"}}))
	ok[*lambda.TagResourceOutput](t)(b.TagResource(ctx, &lambda.TagResourceInput{Resource: arn, Tags: map[string]string{"b": "3", "c": "4"}}))
	ok[*lambda.UntagResourceOutput](t)(b.UntagResource(ctx, &lambda.UntagResourceInput{Resource: arn, TagKeys: []string{"a", "c"}}))
	if out := ok[*lambda.ListTagsOutput](t)(b.ListTags(ctx, &lambda.ListTagsInput{Resource: arn})); len(out.Tags) != 1 || out.Tags["b"] != "3" {
		t.Errorf("tags %v", out.Tags)
	}
}

// A Lambda that was saved and loaded answers as before, and saves the same again.
func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	in := input("f")
	in.Environment, in.Publish, in.Tags = &types.Environment{Variables: map[string]string{"A": "1"}}, true, map[string]string{"a": "1"}
	ok[*lambda.CreateFunctionOutput](t)(b.CreateFunction(ctx, in))
	ok[*lambda.CreateAliasOutput](t)(b.CreateAlias(ctx, &lambda.CreateAliasInput{FunctionName: in.FunctionName, Name: aws.String("live"), FunctionVersion: aws.String("1")}))
	ok[*lambda.AddPermissionOutput](t)(b.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: in.FunctionName, StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("sns.amazonaws.com"),
	}))
	ok[*lambda.CreateEventSourceMappingOutput](t)(b.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{EventSourceArn: aws.String(events), FunctionName: in.FunctionName}))
	state, err := b.service.Save()
	if err != nil {
		t.Fatal(err)
	}
	again := simlambda.New(b.world, simlambda.Sources{})
	if err := again.Load(state); err != nil {
		t.Fatal(err)
	}
	if second, err := again.Save(); err != nil || string(second) != string(state) {
		t.Fatalf("saved %s\nthen %s: %v", state, second, err)
	}
	for _, path := range []string{"/2015-03-31/functions/f", "/2015-03-31/functions/f/versions", "/2015-03-31/functions/f/policy", "/2015-03-31/functions/f/aliases/", "/2015-03-31/event-source-mappings/"} {
		if x, y := ask(t, b.service, path), ask(t, again, path); x.Body.String() != y.Body.String() || x.Code != http.StatusOK {
			t.Errorf("%s: %d %s\nloaded: %s", path, x.Code, x.Body, y.Body)
		}
	}
}

func ask(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(sim.WithCall(t.Context(), &sim.Call{Scope: simtest.Home()}), http.MethodGet, path, http.NoBody))
	return w
}

// What is not in the API is an error that names the call, at any path.
func TestUnknown(t *testing.T) {
	t.Parallel()
	s := simlambda.New(sim.NewWorld(1, nil), simlambda.Sources{})
	for _, path := range []string{"/", "/a//b", "/2015-03-31/layers", "/2015-03-31/functions/..", "/2015-03-31/functions/f/what"} {
		if w := ask(t, s, path); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "UnknownOperationException") || !strings.Contains(w.Body.String(), path) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
