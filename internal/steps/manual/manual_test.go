package manual_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/manual"
)

// account answers as itself once it is ready.
type account struct{ ready bool }

func (a *account) Verify(_ context.Context, s *plan.Site) (awscloud.Identity, error) {
	if !a.ready {
		return awscloud.Identity{}, &step.Error{Class: step.Transient, What: "the site's account does not answer", Site: s.Name}
	}
	return awscloud.Identity{Account: s.Account}, nil
}

func make1(t *testing.T, sites manual.Sites, cfg *step.ManualConfig) step.Step {
	t.Helper()
	s, err := manual.New(sites)(step.Spec{ID: "manual/x", Title: "The account is handed over", Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func answered(d step.Decision) *step.Call {
	return &step.Call{Answers: map[string]step.Answer{manual.Key: {Decision: d, By: "ann", Note: "not today"}}}
}

// The promise: what only a person can tell waits for the person, and what they said counts.
func TestAPersonDecides(t *testing.T) {
	t.Parallel()
	s := make1(t, nil, &step.ManualConfig{Instructions: "Switch it on.", Who: "ops"})
	_, err := s.Ensure(t.Context(), &step.Call{})
	var ask *step.Ask
	if !errors.As(err, &ask) || ask.Key != manual.Key || ask.Who != "ops" || ask.Detail != "Switch it on." {
		t.Fatalf("%#v", err)
	}
	if out, err := s.Ensure(t.Context(), answered(step.Confirm)); err != nil || out.Summary != "confirmed by ann" {
		t.Errorf("%+v, %v", out, err)
	}
	if p, err := s.Probe(t.Context(), answered(step.Approve)); err != nil || p.Status != step.Done {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := s.Probe(t.Context(), &step.Call{}); err != nil || p.Status != step.Needed {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := s.Ensure(t.Context(), answered(step.Reject)); err == nil || step.ClassOf(err) != step.Permanent || !strings.Contains(err.Error(), "not today") {
		t.Errorf("rejected: %v", err)
	}
}

// The promise: a hand-over is done when the account answers as itself, not when somebody says so.
func TestHandoverIsVerified(t *testing.T) {
	t.Parallel()
	a := &account{}
	s := make1(t, a, &step.ManualConfig{Handover: cloudtest.Standby()})
	var ask *step.Ask
	if _, err := s.Ensure(t.Context(), &step.Call{}); !errors.As(err, &ask) || !strings.Contains(ask.Detail, "does not answer") {
		t.Errorf("%v", err)
	}
	_, err := s.Ensure(t.Context(), answered(step.Confirm))
	if err == nil || !strings.Contains(err.Error(), "ann confirmed the hand-over, but the site's account does not answer") || step.ClassOf(err) != step.Transient {
		t.Errorf("%v", err)
	}
	a.ready = true
	if p, err := s.Probe(t.Context(), &step.Call{}); err != nil || p.Status != step.Done || p.Reason != "account 222222222222 answers as itself in eu-west-1" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := s.Ensure(t.Context(), &step.Call{}); err != nil {
		t.Errorf("nobody needs to be asked: %v", err)
	}
}

// The promise: manual keeps the contract of steps.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Harmless: true, Fresh: step.Done, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		call := cloudtest.Call(tb, cloudtest.Standby())
		call.Answers = answered(step.Confirm).Answers
		return steptest.World{
			Step: func() (step.Step, error) {
				return manual.New(c.Clients(f))(step.Spec{ID: "manual/x", Config: &step.ManualConfig{Handover: cloudtest.Standby()}})
			},
			Call:  call,
			Check: func() error { return nil },
		}
	}})
}
