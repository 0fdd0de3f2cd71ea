package apikey_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/apikey"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

const (
	value   = "canary0123456789canary0123456789canary01" // that the vault keeps
	vault   = "pharmacy/consumer-keys"
	contact = "web@example.org"
	name    = "pharmacy-consumers-website"
)

// ahead is a clock that is past the midnight before which the drill cloud's fast clock stays.
type ahead struct{}

func (ahead) Now() time.Time { return clock.System{}.Now().Add(24 * time.Hour) }

// world is a drill cloud with a usage plan at the standby, and a consumer who can read what is sent.
type world struct {
	cloud *cloudtest.Cloud
	cfg   step.APIKeyConfig
	call  step.Call
	deps  apikey.Deps
	spec  step.Spec
	own   *age.X25519Identity
	api   string
	plan  string

	mu    sync.Mutex
	posts int
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	own, err := age.GenerateX25519Identity()
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{cloud: cloudtest.New(tb), own: own, call: cloudtest.Call(tb, cloudtest.Standby())}
	w.deployed(tb)
	w.cfg = step.APIKeyConfig{
		Application: "pharmacy",
		Key: &plan.APIKey{
			Block: plan.Block{Name: "consumers"}, UsagePlan: cloudtest.Text(w.plan), URL: cloudtest.Text("https://" + w.api + ".execute-api.eu-west-1.amazonaws.com/live/status"),
			Secret: vault, From: []plan.Source{{Site: "vault"}},
		},
		Consumer: plan.Consumer{Name: "Website", Contact: contact, AgeRecipient: own.Recipient().String()},
	}
	w.call.Answers = map[string]step.Answer{step.AskReceived: {Decision: step.Confirm, By: contact}}
	w.deps = apikey.Deps{Plan: cloudtest.Plan(), Dir: tb.TempDir(), Clock: ahead{}, Web: http.DefaultTransport, Patience: time.Nanosecond}
	w.deps.Plan.Application.Owner = "team@example.org"
	w.spec = step.Spec{ID: "api_key/consumers-website", Config: &w.cfg}
	return w
}

func must[T any](tb testing.TB) func(T, error) T {
	tb.Helper()
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// deployed makes an API whose GET /status wants a key, a stage and a usage plan.
func (w *world) deployed(tb testing.TB) {
	tb.Helper()
	ctx, c := tb.Context(), w.gateway(tb)
	api := must[*apigateway.CreateRestApiOutput](tb)(c.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("updates")}))
	status := must[*apigateway.CreateResourceOutput](tb)(c.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("status")}))
	get := aws.String("GET")
	must[*apigateway.PutMethodOutput](tb)(c.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: status.Id, HttpMethod: get, AuthorizationType: aws.String("NONE"), ApiKeyRequired: true}))
	must[*apigateway.PutMethodResponseOutput](tb)(c.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api.Id, ResourceId: status.Id, HttpMethod: get, StatusCode: aws.String("200")}))
	must[*apigateway.PutIntegrationOutput](tb)(c.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: api.Id, ResourceId: status.Id, HttpMethod: get, Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	}))
	must[*apigateway.PutIntegrationResponseOutput](tb)(c.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: api.Id, ResourceId: status.Id, HttpMethod: get, StatusCode: aws.String("200")}))
	must[*apigateway.CreateDeploymentOutput](tb)(c.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("live")}))
	p := must[*apigateway.CreateUsagePlanOutput](tb)(c.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("consumers"), ApiStages: []types.ApiStage{{ApiId: api.Id, Stage: aws.String("live")}}}))
	w.api, w.plan = *api.Id, *p.Id
}

func (w *world) gateway(tb testing.TB) *apigateway.Client {
	tb.Helper()
	return w.cloud.Open(tb, cloudtest.Standby()).APIGateway
}

// remember makes the vault keep the values of keys.
func (w *world) remember(tb testing.TB, values map[string]string) {
	tb.Helper()
	text := must[[]byte](tb)(json.Marshal(values))
	must[*secretsmanager.CreateSecretOutput](tb)(w.cloud.Open(tb, cloudtest.Vault()).SecretsManager.CreateSecret(tb.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(vault), SecretString: aws.String(string(text))}))
}

// remembered is what the vault keeps.
func (w *world) remembered(tb testing.TB) map[string]string {
	tb.Helper()
	out := must[*secretsmanager.GetSecretValueOutput](tb)(w.cloud.Open(tb, cloudtest.Vault()).SecretsManager.GetSecretValue(tb.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(vault)}))
	all := map[string]string{}
	if err := json.Unmarshal([]byte(*out.SecretString), &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

// there makes a key that somebody made before.
func (w *world) there(tb testing.TB, name, value string, enabled, planned bool) string {
	tb.Helper()
	k := must[*apigateway.CreateApiKeyOutput](tb)(w.gateway(tb).CreateApiKey(tb.Context(), &apigateway.CreateApiKeyInput{Name: &name, Value: &value, Enabled: enabled}))
	if planned {
		must[*apigateway.CreateUsagePlanKeyOutput](tb)(w.gateway(tb).CreateUsagePlanKey(tb.Context(), &apigateway.CreateUsagePlanKeyInput{UsagePlanId: &w.plan, KeyId: k.Id, KeyType: aws.String("API_KEY")}))
	}
	return *k.Id
}

// keys are all keys at the standby, with values.
func (w *world) keys(tb testing.TB) []types.ApiKey {
	tb.Helper()
	return must[*apigateway.GetApiKeysOutput](tb)(w.gateway(tb).GetApiKeys(tb.Context(), &apigateway.GetApiKeysInput{IncludeValues: aws.Bool(true)})).Items
}

// calls calls the API with a key, as its consumer would.
func (w *world) calls(ctx context.Context, key string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.cloud.URL+"/_aws/execute-api/"+w.api+"/live/status", http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("X-Api-Key", key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the API answers %s", resp.Status)
	}
	return nil
}

// letter is what the consumer reads in the file, and the key in it.
func (w *world) letter() (text, key string, err error) {
	name := filepath.Join(w.deps.Dir, "handover", "consumers-website.age")
	b, err := os.ReadFile(name)
	if err != nil {
		return "", "", err
	}
	if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
		return "", "", fmt.Errorf("mode %v: %w", st.Mode(), errors.Join(err, errors.New("others can read it")))
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(b)), w.own)
	if err != nil {
		return "", "", err
	}
	plain, err := io.ReadAll(r)
	for line := range strings.Lines(string(plain)) {
		if rest, ok := strings.CutPrefix(line, "Key:"); ok {
			key = strings.TrimSpace(rest)
		}
	}
	return string(plain), key, err
}

// works tells whether what the consumer received opens the API.
func (w *world) works(ctx context.Context) error {
	_, key, err := w.letter()
	if err != nil {
		return err
	}
	return w.calls(ctx, key)
}

// hook gives the consumer a webhook over TLS.
func (w *world) hook(tb testing.TB) {
	tb.Helper()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.mu.Lock()
			w.posts++
			w.mu.Unlock()
		}
	}))
	tb.Cleanup(srv.Close)
	w.cfg.Consumer.Webhook, w.deps.Web = srv.URL+"/hook", srv.Client().Transport
}

func (w *world) make(f *steptest.Faults, kind func(apikey.Deps) step.Maker) (step.Step, error) {
	d := w.deps
	d.Sites = w.cloud.Clients(f)
	if f != nil {
		d.Web = f.Wire(d.Web)
	}
	return kind(d)(w.spec)
}

func (w *world) step(tb testing.TB) step.Step {
	tb.Helper()
	return must[step.Step](tb)(w.make(nil, apikey.New))
}

func (w *world) ensure(tb testing.TB) (step.Outcome, error) {
	tb.Helper()
	call := w.call
	out, err := w.step(tb).Ensure(tb.Context(), &call)
	for _, text := range []string{fmt.Sprintf("%+v", out), fmt.Sprint(err)} {
		if strings.Contains(text, "canary") {
			tb.Errorf("it shows a key: %s", text)
		}
	}
	return out, err
}

func (w *world) probe(tb testing.TB) step.Probe {
	tb.Helper()
	call := w.call
	return must[step.Probe](tb)(w.step(tb).Probe(tb.Context(), &call))
}
