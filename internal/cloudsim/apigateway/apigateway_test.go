package apigateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	simapigateway "github.com/lifeboat-dr/lifeboat/internal/cloudsim/apigateway"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// hand is a clock that the test moves.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

func (h *hand) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

// roles knows the roles that exist, by account/name.
type roles map[string]bool

func (r roles) Role(account, name string) (string, time.Duration, bool) {
	return "AROA", time.Hour, r[account+"/"+name]
}

const keyValue = "0123456789abcdef0123456789abcdef"

type bundle struct {
	*apigateway.Client
	*hand
	cfg     aws.Config
	service *simapigateway.Service
}

// setup serves an API Gateway and its invoke URLs on a Sunday.
func setup(t *testing.T) bundle {
	t.Helper()
	h := &hand{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	s := simapigateway.New(sim.NewWorld(1, h), roles{"111111111111/logs": true})
	cfg := simtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.InvokeScope(r); ok {
			s.ServeInvoke(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
	return bundle{apigateway.NewFromConfig(cfg), h, cfg, s}
}

func ok[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fails wants an error of that code whose text has that part.
func fails[T any](t *testing.T, code, text string) func(T, error) {
	t.Helper()
	return func(_ T, err error) {
		t.Helper()
		simtest.WantCode(t, err, code)
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%v does not say %q", err, text)
		}
	}
}

// patch makes operations of triples: op, path, value.
func patch(triples ...string) (out []types.PatchOperation) {
	for i := 0; i+2 < len(triples); i += 3 {
		out = append(out, types.PatchOperation{Op: types.Op(triples[i]), Path: &triples[i+1], Value: &triples[i+2]})
	}
	return out
}

// place is a method of a resource of an API.
type place struct{ api, resource, method *string }

func (b bundle) api(t *testing.T) *apigateway.CreateRestApiOutput {
	t.Helper()
	return ok[*apigateway.CreateRestApiOutput](t)(b.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("updates")}))
}

// resource makes a path part below a resource.
func (b bundle) resource(t *testing.T, api, parent *string, part string) *string {
	t.Helper()
	return ok[*apigateway.CreateResourceOutput](t)(b.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: api, ParentId: parent, PathPart: &part})).Id
}

// mock makes a method that answers 200 and a text.
func (b bundle) mock(t *testing.T, api, resource *string, verb string, key bool, answer string) place {
	t.Helper()
	ctx, status, json := t.Context(), aws.String("200"), "application/json"
	ok[*apigateway.PutMethodOutput](t)(b.PutMethod(ctx, &apigateway.PutMethodInput{
		RestApiId: api, ResourceId: resource, HttpMethod: &verb, AuthorizationType: aws.String("NONE"), ApiKeyRequired: key,
	}))
	ok[*apigateway.PutMethodResponseOutput](t)(b.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{
		RestApiId: api, ResourceId: resource, HttpMethod: &verb, StatusCode: status, ResponseParameters: map[string]bool{"method.response.header.X-From": true},
	}))
	ok[*apigateway.PutIntegrationOutput](t)(b.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: api, ResourceId: resource, HttpMethod: &verb, Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{json: `{"statusCode": 200}`},
	}))
	ok[*apigateway.PutIntegrationResponseOutput](t)(b.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{
		RestApiId: api, ResourceId: resource, HttpMethod: &verb, StatusCode: status, ResponseTemplates: map[string]string{json: answer},
		ResponseParameters: map[string]string{"method.response.header.X-From": "'mock'"},
	}))
	return place{api, resource, &verb}
}

// deploy makes a deployment of what the API is now and points the stage live to it.
func (b bundle) deploy(t *testing.T, api *string) *string {
	t.Helper()
	return ok[*apigateway.CreateDeploymentOutput](t)(b.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api, StageName: aws.String("live")})).Id
}

func (b bundle) key(t *testing.T, value string) *apigateway.CreateApiKeyOutput {
	t.Helper()
	return ok[*apigateway.CreateApiKeyOutput](t)(b.CreateApiKey(t.Context(), &apigateway.CreateApiKeyInput{Name: aws.String("apotheek"), Value: &value, Enabled: true}))
}

// plan makes a usage plan of the stage live, with a key in it.
func (b bundle) plan(t *testing.T, api, key *string, in *apigateway.CreateUsagePlanInput) *string {
	t.Helper()
	in.Name, in.ApiStages = aws.String("consumers"), []types.ApiStage{{ApiId: api, Stage: aws.String("live")}}
	p := ok[*apigateway.CreateUsagePlanOutput](t)(b.CreateUsagePlan(t.Context(), in))
	ok[*apigateway.CreateUsagePlanKeyOutput](t)(b.CreateUsagePlanKey(t.Context(), &apigateway.CreateUsagePlanKeyInput{UsagePlanId: p.Id, KeyId: key, KeyType: aws.String("API_KEY")}))
	return p.Id
}

// call calls the stage live and gives status and body.
func (b bundle) call(t *testing.T, method string, api *string, path, key string) (int, string) {
	t.Helper()
	res := b.do(t, method, *b.cfg.BaseEndpoint+simapigateway.InvokePrefix+*api+path, key)
	return res.StatusCode, read(t, res)
}

func (b bundle) do(t *testing.T, method, url, key string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("X-Api-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
