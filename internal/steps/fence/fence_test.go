package fence_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/fence"
)

func want() *plan.Fence {
	return &plan.Fence{Site: "primary", Functions: []string{"live-*"}, APIKeys: []string{"consumer *"}, Users: []string{"deployer"}}
}

// furnish makes one of each that is meant, and one of each that is not.
func furnish(tb testing.TB, c *cloudtest.Cloud) {
	tb.Helper()
	at, ctx := c.Open(tb, cloudtest.Primary()), tb.Context()
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	_, err := at.IAM.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("x"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`),
	})
	check(err)
	for _, name := range []string{"live-blue", "test-blue"} {
		_, err := at.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
		check(err)
		arn := "arn:aws:sqs:eu-west-2:111111111111:" + name
		_, err = at.Lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
			FunctionName: &name, Role: aws.String("arn:aws:iam::111111111111:role/x"), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("x"),
			Code: &types.FunctionCode{ZipFile: zip()},
		})
		check(err)
		_, err = at.Lambda.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{FunctionName: &name, EventSourceArn: &arn})
		check(err)
	}
	for _, name := range []string{"consumer a", "other"} {
		_, err := at.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: &name, Enabled: true})
		check(err)
	}
	for _, name := range []string{"deployer", "reader"} {
		_, err := at.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
		check(err)
		_, err = at.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
		check(err)
	}
}

// on tells what still works at the lost site.
func on(tb testing.TB, c *cloudtest.Cloud) []string {
	tb.Helper()
	at, ctx := c.Open(tb, cloudtest.Primary()), tb.Context()
	var out []string
	maps, err := at.Lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, m := range maps.EventSourceMappings {
		if !strings.HasPrefix(aws.ToString(m.State), "Disabl") {
			out = append(out, (*m.FunctionArn)[strings.LastIndexByte(*m.FunctionArn, ':')+1:])
		}
	}
	keys, err := at.APIGateway.GetApiKeys(ctx, &apigateway.GetApiKeysInput{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, k := range keys.Items {
		if k.Enabled {
			out = append(out, *k.Name)
		}
	}
	for _, user := range []string{"deployer", "reader"} {
		keys, err := at.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
		if err != nil {
			tb.Fatal(err)
		}
		if keys.AccessKeyMetadata[0].Status == iamtypes.StatusTypeActive {
			out = append(out, user)
		}
	}
	slices.Sort(out)
	return out
}

func open(tb testing.TB, sites fence.Sites, w *plan.Fence) (step.Step, step.Call) {
	tb.Helper()
	p := cloudtest.Plan()
	p.Application.Owner = "ann"
	s, err := fence.New(sites, p)(step.Spec{ID: "fence/old-site", Config: &step.FenceConfig{Fence: w}})
	if err != nil {
		tb.Fatal(err)
	}
	return s, cloudtest.Call(tb, cloudtest.Standby())
}

// The promise: fence keeps the contract of steps where the lost site answers, and leaves alone what the plan does not name.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		furnish(tb, c)
		return steptest.World{
			Step: func() (step.Step, error) { s, _ := open(tb, c.Clients(f), want()); return s, nil },
			Call: cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error {
				if got := strings.Join(on(tb, c), " "); got != "other reader test-blue" {
					return fmt.Errorf("still on: %s", got)
				}
				return nil
			},
		}
	}})
}

// The promise: what is switched off is named, so that it can be switched on again.
func TestTheOutcomeNamesWhatWasSwitchedOff(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	furnish(t, c)
	s, call := open(t, c.Clients(nil), want())
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || !out.Changed || len(out.Duties) != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, x := range []string{"event source mapping ", " of live-blue", "API key consumer a (", "access key AKIA", " of deployer"} {
		if !strings.Contains(out.Summary, x) {
			t.Errorf("no %q in %s", x, out.Summary)
		}
	}
	if out, err = s.Ensure(t.Context(), &call); err != nil || out.Changed || !strings.Contains(out.Summary, "3 off already") {
		t.Errorf("%+v, %v", out, err)
	}
	s, call = open(t, c.Clients(nil), &plan.Fence{Site: "primary", Functions: []string{"nobody"}})
	if out, err = s.Ensure(t.Context(), &call); err != nil || !strings.Contains(out.Summary, "nothing is there that matches nobody") {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: whatever keeps us off the lost site, the step ends in seconds with a duty that says what, why and how; what answers elsewhere, as
// IAM does in another region, is switched off; and the probe never says done.
func TestALostSiteLeavesADuty(t *testing.T) {
	t.Parallel()
	region := func(m sim.Mode) []sim.Disaster {
		return []sim.Disaster{{Kind: sim.RegionLost, Account: "111111111111", Region: "eu-west-2", Mode: m}}
	}
	for name, tt := range map[string]struct {
		disasters []sim.Disaster
		stays     string // on
		words     []string
		changed   bool
	}{
		"a region that refuses": {region(sim.Refuse), "consumer a live-blue other reader test-blue", []string{"event source mappings of functions live-*", "API keys consumer *", "--region eu-west-2", "connection reset"}, true},
		"a region that hangs":   {region(sim.Hang), "consumer a live-blue other reader test-blue", []string{"event source mappings of functions live-*", "no answer within 5s"}, true},
		"an account that is lost": {
			[]sim.Disaster{{Kind: sim.AccountLost, Account: "111111111111"}},
			"consumer a deployer live-blue other reader test-blue",
			[]string{"access keys of users deployer", "aws iam update-access-key", "account 111111111111"},
			false,
		},
		"credentials that are revoked": {
			[]sim.Disaster{{Kind: sim.CredentialsRevoked, Account: "111111111111"}},
			"consumer a deployer live-blue other reader test-blue",
			[]string{"event source mappings of functions live-*", "AWS does not know these credentials"},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.New(t)
			furnish(t, c)
			for _, d := range tt.disasters {
				if err := c.Sim.World().Strike(d); err != nil {
					t.Fatal(err)
				}
			}
			s, call := open(t, c.Clients(nil), want())
			began, probed := clock.System{}.Now(), make(chan step.Probe, 1)
			go func() {
				p, _ := s.Probe(t.Context(), &call)
				probed <- p
			}()
			out, err := s.Ensure(t.Context(), &call)
			if took := (clock.System{}).Now().Sub(began); took > 15*time.Second {
				t.Errorf("it took %s", took)
			}
			if err != nil || out.Changed != tt.changed || len(out.Duties) != 1 || out.Duties[0].Key != "primary" || out.Duties[0].Who != "ann" || !strings.Contains(out.Summary, "not all of it could be reached") {
				t.Fatalf("%+v, %v", out, err)
			}
			for _, w := range tt.words {
				if !strings.Contains(out.Duties[0].Text, w) {
					t.Errorf("no %q in: %s", w, out.Duties[0].Text)
				}
			}
			if p := <-probed; p.Status != step.Needed {
				t.Errorf("%+v", p)
			}
			for _, d := range tt.disasters {
				if err := c.Sim.World().End(d); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.Join(on(t, c), " "); got != tt.stays {
				t.Errorf("still on: %s, want %s", got, tt.stays)
			}
		})
	}
}

// deaf has no credentials for any site.
type deaf struct{}

func (deaf) At(context.Context, *plan.Site) (*awscloud.Clients, error) {
	return nil, errors.New("no profile old in the shared configuration")
}

// The promise: a site that we have no credentials for is a duty too.
func TestWithoutCredentials(t *testing.T) {
	t.Parallel()
	s, call := open(t, deaf{}, want())
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || len(out.Duties) != 1 || !strings.Contains(out.Duties[0].Text, "no profile old") {
		t.Errorf("%+v, %v", out, err)
	}
}

// zip is the smallest archive.
func zip() []byte { return append([]byte("PK\x05\x06"), make([]byte, 18)...) }
