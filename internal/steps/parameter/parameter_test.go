package parameter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/parameter"
)

const name = "/pharmacy/endpoint"

func spec(from ...plan.Source) step.Spec {
	return step.Spec{ID: "parameter/endpoint", Config: &step.ParameterConfig{Parameter: &plan.Parameter{Parameter: name, From: from}}}
}

func put(tb testing.TB, c *cloudtest.Cloud, site *plan.Site, value string) {
	tb.Helper()
	_, err := c.Open(tb, site).SSM.PutParameter(tb.Context(), &ssm.PutParameterInput{Name: aws.String(name), Value: &value, Type: types.ParameterTypeSecureString})
	if err != nil {
		tb.Fatal(err)
	}
}

func get(tb testing.TB, c *cloudtest.Cloud) (*types.Parameter, error) {
	tb.Helper()
	out, err := c.Open(tb, cloudtest.Standby()).SSM.GetParameter(tb.Context(), &ssm.GetParameterInput{Name: aws.String(name), WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Parameter, nil
}

// The promise: parameter keeps the contract of steps.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		put(tb, c, cloudtest.Vault(), "hunter2")
		return steptest.World{
			Step: func() (step.Step, error) {
				return parameter.New(c.Clients(f), cloudtest.Plan())(spec(plan.Source{Site: "primary"}, plan.Source{Site: "vault"}))
			},
			Call: cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error {
				got, err := get(tb, c)
				if err != nil {
					return err
				}
				if aws.ToString(got.Value) != "hunter2" || got.Type != types.ParameterTypeSecureString {
					return fmt.Errorf("it is a %s %q", got.Type, aws.ToString(got.Value))
				}
				return nil
			},
		}
	}})
}

// The promise: what is there stays as it is; without a source a person is asked, and the error of sources that have nothing names each.
func TestWhatIsThereStays(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	call := cloudtest.Call(t, cloudtest.Standby())
	ensure := func(from ...plan.Source) (step.Outcome, error) {
		s, err := parameter.New(c.Clients(nil), cloudtest.Plan())(spec(from...))
		if err != nil {
			t.Fatal(err)
		}
		return s.Ensure(t.Context(), &call)
	}
	var ask *step.Ask
	if _, err := ensure(); !errors.As(err, &ask) || ask.Key != parameter.Key {
		t.Errorf("%v", err)
	}
	if _, err := ensure(plan.Source{Site: "vault"}); err == nil || !strings.Contains(err.Error(), `Site "vault": ParameterNotFound`) {
		t.Errorf("%v", err)
	}
	put(t, c, cloudtest.Vault(), "from the vault")
	put(t, c, cloudtest.Standby(), "newer")
	if out, err := ensure(plan.Source{Site: "vault"}); err != nil || out.Changed {
		t.Errorf("%+v, %v", out, err)
	}
	if got, err := get(t, c); err != nil || aws.ToString(got.Value) != "newer" {
		t.Errorf("%+v, %v", got, err)
	}
}
