package lambda_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	simlambda "github.com/lifeboat-dr/lifeboat/internal/cloudsim/lambda"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

const (
	role   = "arn:aws:iam::111111111111:role/run"
	host   = "111111111111.dkr.ecr.eu-west-2.amazonaws.com/"
	image  = host + "team/app:1.0"
	digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	events = "arn:aws:sqs:eu-west-2:111111111111:events"
)

// hand is a clock that the test moves.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

func (h *hand) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

// around is what Lambda looks up: images by account/region/repository:reference, queues and roles by name.
type around struct {
	images map[string]string
	closed map[string]bool // registries that let the caller not in
	queues map[string]time.Duration
	roles  map[string]bool
	bucket map[string]string
}

func (a *around) ImageDigest(c *sim.Call, at sim.Scope, repository, reference string) (string, error) {
	if a.closed[at.Account] {
		return "", sim.Errorf("AccessDeniedException", "%s may not", c.Account)
	}
	if d, ok := a.images[at.Account+"/"+at.Region+"/"+repository+":"+reference]; ok {
		return d, nil
	}
	return "", sim.Errorf("ImageNotFoundException", "no")
}

func (a *around) Object(_ *sim.Call, bucket, key, _ string) ([]byte, error) {
	if v, ok := a.bucket[bucket+"/"+key]; ok {
		return []byte(v), nil
	}
	return nil, sim.Errorf("NoSuchKey", "The specified key does not exist.")
}

func (a *around) Visibility(arn string) (time.Duration, bool) { d, ok := a.queues[arn]; return d, ok }

func (a *around) Role(account, name string) (string, time.Duration, bool) {
	return "AROA", time.Hour, a.roles[account+"/"+name]
}

type bundle struct {
	*lambda.Client
	*hand
	*around
	world   *sim.World
	service *simlambda.Service
	cfg     aws.Config
}

func setup(t *testing.T) bundle {
	t.Helper()
	h := &hand{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	a := &around{
		images: map[string]string{"111111111111/eu-west-2/team/app:1.0": digest, "111111111111/eu-west-2/team/app:" + digest: digest, "222222222222/eu-west-2/app:1": digest},
		closed: map[string]bool{},
		queues: map[string]time.Duration{events: time.Minute},
		roles:  map[string]bool{"111111111111/run": true},
		bucket: map[string]string{"code/app.zip": "package"},
	}
	w := sim.NewWorld(1, h)
	s := simlambda.New(w, simlambda.Sources{Images: a, Objects: a, Queues: a, Roles: a})
	cfg := simtest.Serve(t, s)
	return bundle{lambda.NewFromConfig(cfg), h, a, w, s, cfg}
}

func input(name string) *lambda.CreateFunctionInput {
	return &lambda.CreateFunctionInput{
		FunctionName: &name, Role: aws.String(role), PackageType: types.PackageTypeImage, Code: &types.FunctionCode{ImageUri: aws.String(image)},
	}
}

// function makes a function and waits until it is active.
func (b bundle) function(t *testing.T, name string) *lambda.CreateFunctionOutput {
	t.Helper()
	out, err := b.CreateFunction(t.Context(), input(name))
	if err != nil {
		t.Fatal(err)
	}
	b.pass(3 * time.Second)
	return out
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

// A function is Pending, then Active; it keeps what it was made of, under its name, its ARN and its qualified ARN; a name is taken once.
func TestFunctionLife(t *testing.T) {
	t.Parallel()
	b, ctx := setup(t), t.Context()
	in := input("f")
	in.Environment = &types.Environment{Variables: map[string]string{"A": "1"}}
	in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String(events)}
	in.Tags = map[string]string{"owner": "team"}
	made := ok[*lambda.CreateFunctionOutput](t)(b.CreateFunction(ctx, in))
	if made.State != types.StatePending || *made.MemorySize != 128 || *made.Timeout != 3 || *made.LoggingConfig.LogGroup != "/aws/lambda/f" {
		t.Errorf("made %+v", made)
	}
	fails[*lambda.InvokeOutput](t, "ResourceConflictException", "Pending")(b.Invoke(ctx, &lambda.InvokeInput{FunctionName: in.FunctionName}))
	fails[*lambda.CreateFunctionOutput](t, "ResourceConflictException", "Function already exist: f")(b.CreateFunction(ctx, in))
	b.pass(3 * time.Second)
	for _, name := range []string{"f", *made.FunctionArn, *made.FunctionArn + ":$LATEST", "111111111111:function:f"} {
		got := ok[*lambda.GetFunctionOutput](t)(b.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name}))
		c := got.Configuration
		if c.State != types.StateActive || c.LastUpdateStatus != types.LastUpdateStatusSuccessful || *got.Code.ImageUri != image ||
			*got.Code.ResolvedImageUri != host+"team/app@"+digest || "sha256:"+*c.CodeSha256 != digest || got.Tags["owner"] != "team" ||
			c.Environment.Variables["A"] != "1" || *c.DeadLetterConfig.TargetArn != events {
			t.Errorf("%s is %+v, %+v", name, c, got.Code)
		}
	}
	ok[*lambda.DeleteFunctionOutput](t)(b.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: in.FunctionName}))
	fails[*lambda.GetFunctionOutput](t, "ResourceNotFoundException", "Function not found: arn:aws:lambda:eu-west-2:111111111111:function:f")(
		b.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: in.FunctionName}))
}
