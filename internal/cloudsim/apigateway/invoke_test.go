package apigateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	simapigateway "github.com/lifeboat-dr/lifeboat/internal/cloudsim/apigateway"
)

const (
	noKey   = `{"message":"Forbidden"}`
	noPath  = `{"message":"Missing Authentication Token"}`
	tooFast = `{"message":"Too Many Requests"}`
	tooMany = `{"message":"Limit Exceeded"}`
)

// want calls a stage and compares.
func (b bundle) want(t *testing.T, api *string, path, key string, status int, text string) {
	t.Helper()
	if got, body := b.call(t, http.MethodGet, api, path, key); got != status || body != text {
		t.Errorf("%s: %d %s, want %d %s", path, got, body, status, text)
	}
}

// A method that wants a key answers nobody but who sends an enabled key of a plan that covers the stage.
func TestInvokeWantsAKey(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	b.mock(t, a.Id, b.resource(t, a.Id, a.RootResourceId, "changes"), "GET", true, `{"changes":[]}`)
	b.mock(t, a.Id, b.resource(t, a.Id, a.RootResourceId, "open"), "GET", false, `{"open":true}`)
	b.deploy(t, a.Id)
	k := b.key(t, keyValue)
	b.want(t, a.Id, "/live/open", "", 200, `{"open":true}`)
	b.want(t, a.Id, "/live/changes", "", 403, noKey)
	b.want(t, a.Id, "/live/changes", keyValue, 403, noKey) // in no plan
	plan := b.plan(t, a.Id, k.Id, &apigateway.CreateUsagePlanInput{})
	b.want(t, a.Id, "/live/changes", keyValue, 200, `{"changes":[]}`)
	b.want(t, a.Id, "/live/changes", "another-key-of-20-chars", 403, noKey)
	enable := func(on string) {
		ok[*apigateway.UpdateApiKeyOutput](t)(b.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: k.Id, PatchOperations: patch("replace", "/enabled", on)}))
	}
	enable("false")
	b.want(t, a.Id, "/live/changes", keyValue, 403, noKey)
	enable("true")
	b.want(t, a.Id, "/live/changes", keyValue, 200, `{"changes":[]}`)
	ok[*apigateway.UpdateUsagePlanOutput](t)(b.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan, PatchOperations: patch("remove", "/apiStages", *a.Id+":live")}))
	b.want(t, a.Id, "/live/changes", keyValue, 403, noKey)
}

// What was not deployed is not there; a stage goes on answering its deployment until it is moved to another.
func TestInvokeAnswersWhatWasDeployed(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	m := b.mock(t, a.Id, a.RootResourceId, "GET", false, "1")
	b.deploy(t, a.Id)
	b.want(t, a.Id, "/live", "", 200, "1")
	b.want(t, a.Id, "/live/", "", 200, "1")
	ok[*apigateway.UpdateIntegrationResponseOutput](t)(b.UpdateIntegrationResponse(ctx, &apigateway.UpdateIntegrationResponseInput{
		RestApiId: m.api, ResourceId: m.resource, HttpMethod: m.method, StatusCode: aws.String("200"), PatchOperations: patch("replace", "/responseTemplates/application~1json", "2"),
	}))
	b.want(t, a.Id, "/live", "", 200, "1")
	b.deploy(t, a.Id)
	b.want(t, a.Id, "/live", "", 200, "2")
	b.want(t, a.Id, "/live/nowhere", "", 403, noPath)
	b.want(t, a.Id, "/test", "", 403, noKey)
	b.want(t, aws.String("nobodysapi"), "/live", "", 403, noKey)
	if status, body := b.call(t, http.MethodPost, a.Id, "/live", ""); status != 403 || body != noPath {
		t.Errorf("another method: %d %s", status, body)
	}
	ok[*apigateway.UpdateRestApiOutput](t)(b.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: a.Id, PatchOperations: patch("replace", "/disableExecuteApiEndpoint", "true")}))
	b.want(t, a.Id, "/live", "", 403, noKey)
}

// A plain path part goes before a variable one, and that before a greedy one; ANY answers what no method does.
func TestInvokeFindsTheResource(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.api(t)
	items := b.resource(t, a.Id, a.RootResourceId, "items")
	b.mock(t, a.Id, b.resource(t, a.Id, items, "new"), "GET", false, "new")
	one := b.resource(t, a.Id, items, "{id}")
	b.mock(t, a.Id, one, "GET", false, "one")
	b.mock(t, a.Id, one, "ANY", false, "any")
	b.mock(t, a.Id, b.resource(t, a.Id, a.RootResourceId, "{proxy+}"), "ANY", false, "proxy")
	b.deploy(t, a.Id)
	for path, want := range map[string]string{"/items/new": "new", "/items/7": "one", "/items/7/more": "proxy", "/other/deep/path": "proxy"} {
		b.want(t, a.Id, "/live"+path, "", 200, want)
	}
	if status, body := b.call(t, http.MethodPut, a.Id, "/live/items/7", ""); status != 200 || body != "any" {
		t.Errorf("PUT: %d %s", status, body)
	}
}

// A plan's throttle is a bucket of its own for each key, which fills with time; its quota is counted by the plan's period; a method's
// own limit goes before the plan's. GetUsage tells what was let through and what is left.
func TestInvokeIsLimited(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	b.mock(t, a.Id, a.RootResourceId, "GET", true, "{}")
	b.deploy(t, a.Id)
	k, other := b.key(t, keyValue), b.key(t, "other-other-other-other")
	plan := b.plan(t, a.Id, k.Id, &apigateway.CreateUsagePlanInput{
		Throttle: &types.ThrottleSettings{RateLimit: 1, BurstLimit: 2}, Quota: &types.QuotaSettings{Limit: 4, Period: types.QuotaPeriodTypeWeek, Offset: 1},
	})
	ok[*apigateway.CreateUsagePlanKeyOutput](t)(b.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: other.Id, KeyType: aws.String("API_KEY")}))
	try := func(key string, status int, text string) { t.Helper(); b.want(t, a.Id, "/live", key, status, text) }
	try(keyValue, 200, "{}")
	try(keyValue, 200, "{}")
	try(keyValue, 429, tooFast)
	try(*other.Value, 200, "{}")
	b.pass(time.Second)
	try(keyValue, 200, "{}")
	try(keyValue, 429, tooFast)
	b.pass(time.Minute)
	try(keyValue, 200, "{}")
	try(keyValue, 429, tooMany)
	usage := ok[*apigateway.GetUsageOutput](t)(b.GetUsage(ctx, &apigateway.GetUsageInput{UsagePlanId: plan, StartDate: aws.String("2026-11-21"), EndDate: aws.String("2026-11-22")}))
	if got := usage.Items[*k.Id]; len(got) != 2 || got[0][0] != 0 || got[0][1] != 4 || got[1][0] != 4 || got[1][1] != 0 {
		t.Errorf("the key's usage is %v", got)
	}
	if got := usage.Items[*other.Id]; len(got) != 2 || got[1][0] != 1 || got[1][1] != 3 {
		t.Errorf("the other key's usage is %v", got)
	}
	b.pass(12 * time.Hour) // Monday: with offset 1 a week begins
	try(keyValue, 200, "{}")
	ok[*apigateway.UpdateUsagePlanOutput](t)(b.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{
		UsagePlanId: plan, PatchOperations: patch("replace", "/apiStages/"+*a.Id+":live/throttle/~1/GET/burstLimit", "1", "remove", "/quota", ""),
	}))
	try(keyValue, 200, "{}")
	try(keyValue, 429, tooFast)
	for _, dates := range [][2]string{{"", "2026-11-22"}, {"2026-11-22", "2026-11-21"}, {"2026-01-01", "2026-11-22"}} {
		fails[*apigateway.GetUsageOutput](t, "BadRequestException", "date")(b.GetUsage(ctx, &apigateway.GetUsageInput{UsagePlanId: plan, StartDate: &dates[0], EndDate: &dates[1]}))
	}
}

// A MOCK integration answers the response that its request template's status code selects; any other says that it is simulated.
func TestInvokeIntegrations(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	m := b.mock(t, a.Id, a.RootResourceId, "GET", false, "fine")
	ok[*apigateway.PutMethodResponseOutput](t)(b.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, StatusCode: aws.String("404")}))
	ok[*apigateway.PutIntegrationResponseOutput](t)(b.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{
		RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, StatusCode: aws.String("404"), SelectionPattern: aws.String("4\\d\\d"),
		ResponseTemplates: map[string]string{"application/json": "gone"},
	}))
	b.deploy(t, a.Id)
	res := b.do(t, http.MethodGet, *b.cfg.BaseEndpoint+simapigateway.InvokePrefix+*a.Id+"/live", "")
	if body := read(t, res); body != "fine" || res.Header.Get("X-From") != "mock" || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s with %v", body, res.Header)
	}
	for template, want := range map[string]int{`{"statusCode": 404}`: 404, `#set($x = 1)`: 500} {
		ok[*apigateway.UpdateIntegrationOutput](t)(b.UpdateIntegration(ctx, &apigateway.UpdateIntegrationInput{
			RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, PatchOperations: patch("replace", "/requestTemplates/application~1json", template),
		}))
		b.deploy(t, a.Id)
		if got, body := b.call(t, http.MethodGet, a.Id, "/live", ""); got != want {
			t.Errorf("%s answers %d %s", template, got, body)
		}
	}
	ok[*apigateway.PutIntegrationOutput](t)(b.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), Uri: aws.String("https://example.org"),
	}))
	b.deploy(t, a.Id)
	b.want(t, a.Id, "/live", "", 200, `{"simulated":true}`)
}

// A method of AWS_IAM answers who signs.
func TestInvokeSigned(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	a := b.api(t)
	m := b.mock(t, a.Id, a.RootResourceId, "GET", false, "signed")
	ok[*apigateway.UpdateMethodOutput](t)(b.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: a.Id, ResourceId: m.resource, HttpMethod: m.method, PatchOperations: patch("replace", "/authorizationType", "AWS_IAM")}))
	b.deploy(t, a.Id)
	b.want(t, a.Id, "/live", "", 403, noPath)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, *b.cfg.BaseEndpoint+simapigateway.InvokePrefix+*a.Id+"/live", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=111111111111/20261122/eu-west-2/execute-api/aws4_request")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if body := read(t, res); body != "signed" {
		t.Errorf("signed: %s", body)
	}
}

// The host name of API Gateway leads to the API in its region; state that was saved and loaded answers, and counts, the same.
func TestInvokeByHostAfterLoad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.api(t)
	b.mock(t, a.Id, a.RootResourceId, "GET", true, "host")
	b.deploy(t, a.Id)
	b.plan(t, a.Id, b.key(t, keyValue).Id, &apigateway.CreateUsagePlanInput{Quota: &types.QuotaSettings{Limit: 2, Period: types.QuotaPeriodTypeMonth}})
	byHost := func(region string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *b.cfg.BaseEndpoint+"/live", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = *a.Id + ".execute-api." + region + ".amazonaws.com:443"
		r.Header.Set("X-Api-Key", keyValue)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, read(t, res)
	}
	if status, body := byHost("eu-west-2"); status != 200 || body != "host" {
		t.Errorf("%d %s", status, body)
	}
	if status, body := byHost("eu-west-1"); status != 403 || body != noKey {
		t.Errorf("in another region: %d %s", status, body)
	}
	state := ok[[]byte](t)(b.service.Save())
	if strings.Contains(string(state), `"/eu-west`) {
		t.Error("an invocation of nobody's API left a place without an account in the state")
	}
	if err := b.service.Load(state); err != nil {
		t.Fatal(err)
	}
	b.want(t, a.Id, "/live", keyValue, 200, "host")
	b.want(t, a.Id, "/live", keyValue, 429, tooMany)
}
