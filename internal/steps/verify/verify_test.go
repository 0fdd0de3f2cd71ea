package verify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/verify"
)

type site struct{}

func (site) Environment(context.Context, *plan.Site) (proc.Env, error) {
	return proc.Env{"PATH": "/usr/bin:/bin"}, nil
}

// prove runs a proof that has at most limit to hold.
func prove(t *testing.T, limit time.Duration, sites verify.Sites, v *plan.Verify) (step.Outcome, error) {
	t.Helper()
	s, err := verify.New(sites, argv.Runner{Programs: proc.Programs{}, Sites: site{}}, nil)(
		step.Spec{ID: "verify/x", Timeout: limit, Config: &step.VerifyConfig{Verify: v, Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	return s.Ensure(t.Context(), &call)
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func resource(kind, id string) *plan.Verify {
	return &plan.Verify{Resource: &plan.ResourceCheck{Type: kind, ID: cloudtest.Text(id)}}
}

// The promise: verify keeps the contract of steps.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Harmless: true, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		name := "orders"
		if _, err := c.Open(tb, cloudtest.Standby()).SQS.CreateQueue(tb.Context(), &sqs.CreateQueueInput{QueueName: &name}); err != nil {
			tb.Fatal(err)
		}
		return steptest.World{
			Step: func() (step.Step, error) {
				return verify.New(c.Clients(f), argv.Runner{}, nil)(step.Spec{ID: "verify/x", Config: &step.VerifyConfig{Verify: resource("sqs_queue", name)}})
			},
			Call:  cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error { return nil },
		}
	}})
}

// The promise: it asks again until the application works.
func TestWaitsUntilItWorks(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = fmt.Fprint(w, `{"ok":true}`)
	})
	out, err := prove(t, 10*time.Second, nil, &plan.Verify{HTTP: &plan.HTTPCheck{URL: cloudtest.Text(url + "/health"), Contains: `"ok":true`}})
	if err != nil || asked.Load() != 3 || out.Summary != fmt.Sprintf(`GET %s/health answers 200 with "\"ok\":true"`, url) {
		t.Errorf("after %d questions: %+v, %v", asked.Load(), out, err)
	}
}

// The promise: when the time is over the error says what the last answer was, and no secret that went with the question.
func TestSaysTheLastAnswer(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, "key %s is not known", r.Header.Get("X-Api-Key"))
	})
	_, err := prove(t, 400*time.Millisecond, nil, &plan.Verify{HTTP: &plan.HTTPCheck{
		URL: cloudtest.Text(url + "/?token=t0ken"), Headers: map[string]plan.Expr{"x-api-key": plan.Literal{Value: plan.OfSecret("hunter2")}},
	}})
	if step.ClassOf(err) != step.Timeout || err == nil {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"answers 403, not 200", "key (secret) is not known", "lifeboat resume"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("a secret is in %v", err)
	}
}

// The promise: a silent server, a dead port and an untrusted certificate are no proof, and are told apart.
func TestNoAnswerIsNoProof(t *testing.T) {
	t.Parallel()
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	dead := httptest.NewServer(nil)
	dead.Close()
	untrusted := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(untrusted.Close)
	untrusted.Config.ErrorLog = nil
	for _, x := range []struct {
		url, want string
		patience  time.Duration
	}{
		{silent, "no answer at all", 300 * time.Millisecond},
		{dead.URL, "connection refused", time.Second},
		{untrusted.URL, "certificate", 3 * time.Second}, // a handshake takes its time on a busy machine
	} {
		_, err := prove(t, x.patience, nil, &plan.Verify{HTTP: &plan.HTTPCheck{URL: cloudtest.Text(x.url)}})
		if err == nil || !strings.Contains(err.Error(), x.want) || step.ClassOf(err) != step.Timeout {
			t.Errorf("%v does not say %q", err, x.want)
		}
	}
}

// The promise: headers that the plan gives for one host do not follow a redirect to another; a redirect may be the answer that is wanted.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var leaked atomic.Bool
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { leaked.Store(r.Header.Get("X-Api-Key") != "") })
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(other, "127.0.0.1", "localhost", 1), http.StatusFound)
	})
	headers := map[string]plan.Expr{"x-api-key": cloudtest.Text("k")}
	for _, status := range []int{200, 302} {
		if _, err := prove(t, 2*time.Second, nil, &plan.Verify{HTTP: &plan.HTTPCheck{URL: cloudtest.Text(url), Status: status, Headers: headers}}); err != nil {
			t.Errorf("status %d: %v", status, err)
		}
	}
	if leaked.Load() {
		t.Error("the header followed the redirect")
	}
}

// The promise: a missing resource is waited for, a missing permission is not.
func TestResources(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	_, err := prove(t, 400*time.Millisecond, c.Clients(nil), resource("sqs_queue", "nowhere"))
	if step.ClassOf(err) != step.Timeout || !strings.Contains(err.Error(), `sqs_queue "nowhere" does not exist`) {
		t.Errorf("%v", err)
	}
	api, name := c.Open(t, cloudtest.Standby()), "there"
	_, err1 := api.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}})
	_, err2 := api.DynamoDB.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: ddbtypes.BillingModePayPerRequest,
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: &name, KeyType: ddbtypes.KeyTypeHash}},
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: &name, AttributeType: ddbtypes.ScalarAttributeTypeS}},
	})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"s3_bucket", "dynamodb_table"} {
		if _, err := prove(t, 5*time.Second, c.Clients(nil), resource(kind, name)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for kind, id := range map[string]string{"s3_bucket": "nowhere", "dynamodb_table": "nowhere", "ecr_image": "nowhere:1"} {
		if _, err := prove(t, 400*time.Millisecond, c.Clients(nil), resource(kind, id)); step.ClassOf(err) != step.Timeout || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := prove(t, 0, c.Clients(nil), resource("ecr_image", "no-tag")); err == nil || step.ClassOf(err) != step.Permanent {
		t.Errorf("%v", err)
	}
}

// The promise: a command proves by its exit code, and is asked again until it does.
func TestCommand(t *testing.T) {
	t.Parallel()
	again := []plan.Expr{cloudtest.Text("sh"), cloudtest.Text("-c"), cloudtest.Text("test -e seen || { touch seen; exit 1; }")}
	if out, err := prove(t, 5*time.Second, nil, &plan.Verify{Argv: again}); err != nil || out.Summary != "the command ended well" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err := prove(t, 300*time.Millisecond, nil, &plan.Verify{Argv: []plan.Expr{cloudtest.Text("false")}})
	var e *step.Error
	if !errors.As(err, &e) || e.Class != step.Timeout {
		t.Errorf("%v", err)
	}
	if _, err := prove(t, 0, nil, &plan.Verify{Argv: []plan.Expr{cloudtest.Text("no-such-program-here")}}); step.ClassOf(err) != step.Permanent || err == nil {
		t.Errorf("%v", err)
	}
}
