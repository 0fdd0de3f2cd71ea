package identity_test

import (
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/identity"
)

func spec() step.Spec { return step.Spec{ID: "identity/site", Config: cloudtest.Standby()} }

// The promise: identity keeps the contract of steps.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Harmless: true, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		return steptest.World{
			Step:  func() (step.Step, error) { return identity.New(c.Clients(f))(spec()) },
			Call:  cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error { return nil },
		}
	}})
}

// The promise: the outcome tells who we are, and the same process needs no second proof.
func TestVerifiedOnce(t *testing.T) {
	t.Parallel()
	s, err := identity.New(cloudtest.New(t).Clients(nil))(spec())
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || out.Changed || !strings.HasPrefix(out.Summary, "account 222222222222 answers in eu-west-1 as arn:aws:iam::222222222222") {
		t.Errorf("%+v, %v", out, err)
	}
	if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Done {
		t.Errorf("%+v, %v", p, err)
	}
}

// The promise: a Spec of another kind is refused when the run is made, not when it runs.
func TestWrongConfig(t *testing.T) {
	t.Parallel()
	if _, err := identity.New(nil)(step.Spec{ID: "x/y", Config: 1}); err == nil {
		t.Error("an int was taken for a site")
	}
}
