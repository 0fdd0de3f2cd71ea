package apikey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/apikey"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// called is a world whose consumer has its key and has called.
func called(tb testing.TB) *world {
	tb.Helper()
	w := newWorld(tb)
	w.remember(tb, map[string]string{"Website": value})
	if _, err := w.ensure(tb); err != nil {
		tb.Fatal(err)
	}
	if err := w.calls(tb.Context(), value); err != nil {
		tb.Fatal(err)
	}
	return w
}

// The promise: first_call keeps the contract of steps, and changes nothing.
func TestFirstCallConforms(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Harmless: true, Fresh: step.Done, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w := called(tb)
		return steptest.World{
			Step: func() (step.Step, error) { return w.make(f, apikey.NewFirstCall) }, Call: w.call, Check: func() error { return nil },
		}
	}})
}

// The promise: without a call the run waits for the consumer, who alone may say that it called; a resume looks again, and a call that is seen needs nobody.
func TestFirstCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remember(t, map[string]string{"Website": value})
	if _, err := w.ensure(t); err != nil {
		t.Fatal(err)
	}
	look := must[step.Step](t)(w.make(nil, apikey.NewFirstCall))
	call := w.call
	if p, err := look.Probe(t.Context(), &call); err != nil || p.Status != step.Needed {
		t.Errorf("%+v, %v", p, err)
	}
	var ask *step.Ask
	if _, err := look.Ensure(t.Context(), &call); !errors.As(err, &ask) || ask.Key != step.AskCalled || ask.Who != contact || !ask.Only || !ask.Again || !strings.Contains(ask.Detail, "/live/status") {
		t.Fatalf("%+v", err)
	}
	if err := w.calls(t.Context(), "wrong-"+value); err == nil {
		t.Error("a wrong key is let in")
	}
	if _, err := look.Ensure(t.Context(), &call); !errors.As(err, &ask) {
		t.Errorf("a refused call counts: %v", err)
	}
	call.Answers = map[string]step.Answer{step.AskCalled: {Decision: step.Confirm, By: contact}}
	if out, err := look.Ensure(t.Context(), &call); err != nil || !strings.HasPrefix(out.Summary, "web@example.org says that Website has called") {
		t.Errorf("%+v, %v", out, err)
	}
	if err := w.calls(t.Context(), value); err != nil {
		t.Fatal(err)
	}
	if out, err := look.Ensure(t.Context(), &call); err != nil || out.Changed || !strings.HasPrefix(out.Summary, "Website called on 20") {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: calls before the disaster do not count for a key that stayed; those of a key that Terraform made are found in whatever plan it is.
func TestWhichCallsCount(t *testing.T) {
	t.Parallel()
	w := called(t)
	w.spec.IfNeeded, w.call.Run = true, "another"
	probe := func() step.Status {
		call := w.call
		return must[step.Probe](t)(must[step.Step](t)(w.make(nil, apikey.NewFirstCall)).Probe(t.Context(), &call)).Status
	}
	for at, want := range map[time.Time]step.Status{time.Now().Add(-time.Hour): step.Done, time.Now().Add(24 * time.Hour): step.Needed, {}: step.Needed} {
		w.call.Disaster = at
		if got := probe(); got != want {
			t.Errorf("disaster %v: %s", at, got)
		}
	}
	w.call.Disaster = time.Now().Add(-time.Hour)
	id := *w.keys(t)[0].Id
	w.cfg.Key = &plan.APIKey{Block: w.cfg.Key.Block, KeyID: cloudtest.Text(id)}
	if got := probe(); got != step.Done {
		t.Errorf("with Terraform's key: %s", got)
	}
}
