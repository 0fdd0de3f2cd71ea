package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine/local"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// does is a step of one function.
type does func(context.Context, *step.Call) (step.Outcome, error)

func (does) Probe(context.Context, *step.Call) (step.Probe, error) {
	return step.Probe{Status: step.Needed}, nil
}

func (d does) Ensure(ctx context.Context, c *step.Call) (step.Outcome, error) { return d(ctx, c) }

// bundle is a run of steps that are functions.
type bundle struct {
	cfg  local.Config
	work map[string]does
	seen []journal.Entry
}

func setup(t *testing.T, steps []step.Spec, work map[string]does) *bundle {
	t.Helper()
	m := journaltest.NewMemory()
	l, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), journal.RunStarted{Run: "r", Steps: steps}); err != nil {
		t.Fatal(err)
	}
	b := &bundle{work: work}
	b.cfg = local.Config{
		Log: l, Steps: steps, Clock: clock.System{}, Observe: func(e journal.Entry) { b.seen = append(b.seen, e) },
		Makers: step.Makers{step.Command: func(s step.Spec) (step.Step, error) { return b.work[s.ID], nil }},
	}
	return b
}

func (b *bundle) run(t *testing.T) *journal.State {
	t.Helper()
	st, err := local.Run(t.Context(), b.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func command(id string, needs ...string) step.Spec {
	return step.Spec{ID: id, Kind: step.Command, Needs: needs}
}

// A step that ignores the end of its time is left behind after the grace, and fails without another try: it may still be at work.
func TestDeafStepIsLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := command("a")
		s.Timeout, s.Retry = time.Minute, step.Retry{Attempts: 5}
		release := make(chan struct{})
		b := setup(t, []step.Spec{s}, map[string]does{"a": func(context.Context, *step.Call) (step.Outcome, error) {
			<-release
			return step.Outcome{}, nil
		}})
		start := time.Now()
		st := b.run(t)
		if took := time.Since(start); took != 90*time.Second {
			t.Errorf("it took %v, want a minute and 30 s of grace", took)
		}
		if a := st.Step("a"); st.Result != journal.Failed || a.Attempts != 1 || !strings.Contains(a.Error.Text, "may still be at work") {
			t.Errorf("%s, %d attempts, %+v", st.Result, a.Attempts, a.Error)
		}
		close(release)
		synctest.Wait()
	})
}

// A retry comes when the engine said, not before and not after.
func TestRetryWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := command("a")
		s.Retry = step.Retry{Attempts: 3, Delay: time.Minute, Max: time.Hour}
		var tries []time.Time
		b := setup(t, []step.Spec{s}, map[string]does{"a": func(context.Context, *step.Call) (step.Outcome, error) {
			if tries = append(tries, time.Now()); len(tries) < 3 {
				return step.Outcome{}, &step.Error{Class: step.Transient, What: "no luck"}
			}
			return step.Outcome{}, nil
		}})
		if st := b.run(t); st.Result != journal.Recovered {
			t.Fatal(st.Reason)
		}
		var at []time.Time
		for _, e := range b.seen {
			if f, ok := e.Event.(journal.StepFailed); ok {
				at = append(at, *f.RetryAt)
			}
		}
		if len(at) != 2 || !tries[1].Equal(at[0]) || !tries[2].Equal(at[1]) || at[1].Sub(at[0]) < time.Minute {
			t.Errorf("tried at %v, said %v", tries, at)
		}
	})
}

// A step may talk as much as it likes: a few lines a second are written, the last one among them.
func TestProgressIsThinned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, []step.Spec{command("a")}, map[string]does{"a": func(ctx context.Context, c *step.Call) (step.Outcome, error) {
			for i := range 3000 {
				c.Tell(step.Progress{Message: fmt.Sprint(i)})
				if err := clock.Sleep(ctx, time.Millisecond); err != nil {
					return step.Outcome{}, err
				}
			}
			return step.Outcome{}, nil
		}})
		b.run(t)
		n, last := 0, ""
		for _, e := range b.seen {
			if p, ok := e.Event.(journal.StepProgress); ok {
				n, last = n+1, p.Message
			}
		}
		if n < 8 || n > 12 || last != "2999" {
			t.Errorf("%d lines in 3 s, the last %q", n, last)
		}
	})
}

// A secret that a step gave away is taken out of what later steps say.
func TestSecretsAreTakenOut(t *testing.T) {
	t.Parallel()
	b := setup(t, []step.Spec{command("a"), command("b", "a"), command("c", "a")}, map[string]does{
		"a": func(context.Context, *step.Call) (step.Outcome, error) {
			return step.Outcome{Outputs: step.Outputs{"x": plan.OfSecret(map[string]any{"k": []any{"hunter2hunter2", "no"}})}}, nil
		},
		"b": func(_ context.Context, c *step.Call) (step.Outcome, error) {
			c.Tell(step.Progress{Message: "login hunter2hunter2"})
			return step.Outcome{Summary: "used hunter2hunter2"}, nil
		},
		"c": func(context.Context, *step.Call) (step.Outcome, error) {
			return step.Outcome{}, errors.New("bad password hunter2hunter2, no")
		},
	})
	st := b.run(t)
	if got := st.Step("b").Summary; got != "used (secret)" {
		t.Errorf("summary %q", got)
	}
	if got := st.Step("c").Error.Text; got != "bad password (secret), no" {
		t.Errorf("error %q", got)
	}
	for _, e := range b.seen {
		if strings.Contains(fmt.Sprintf("%+v", e.Event), "hunter2") {
			t.Errorf("entry %d: %+v", e.Seq, e.Event)
		}
	}
}

// When the journal takes no more, everything is cancelled and nothing new begins.
func TestFullJournalStopsTheRun(t *testing.T) {
	t.Parallel()
	stopped := false
	b := setup(t, []step.Spec{command("a"), command("b"), command("c", "b")}, map[string]does{
		"a": func(ctx context.Context, _ *step.Call) (step.Outcome, error) {
			<-ctx.Done()
			stopped = true
			return step.Outcome{}, ctx.Err()
		},
		"b": func(context.Context, *step.Call) (step.Outcome, error) { return step.Outcome{}, nil },
		"c": func(context.Context, *step.Call) (step.Outcome, error) {
			t.Error("c was started although its start could not be written")
			return step.Outcome{}, nil
		},
	})
	b.cfg.Log = &journaltest.Crash{Log: b.cfg.Log, Left: 5} // both probes and starts, and one more
	st, err := local.Run(t.Context(), b.cfg)
	if !errors.Is(err, journaltest.ErrCrash) || !stopped || st.Result != "" {
		t.Errorf("%v, a stopped: %v, %q", err, stopped, st.Result)
	}
}

// What Run cannot do it refuses before anything happens.
func TestRefusals(t *testing.T) {
	t.Parallel()
	steps := []step.Spec{command("a"), command("b", "a")}
	changed := []step.Spec{command("a"), command("b")}
	for name, c := range map[string]struct {
		change func(*local.Config)
		want   error
	}{
		"another procedure": {func(c *local.Config) { c.Steps = changed }, local.ErrOther},
		"a shorter one":     {func(c *local.Config) { c.Steps = steps[:1] }, local.ErrOther},
		"no such kind":      {func(c *local.Config) { c.Makers = nil }, local.ErrNoKind},
		"an empty journal": {func(c *local.Config) {
			c.Log, _ = journaltest.NewMemory().Open()
		}, local.ErrEmpty},
		"a run that is over": {func(c *local.Config) {
			_, _ = c.Log.Append(t.Context(), journal.StopRequested{Mode: journal.Abort}, journal.RunFinished{Result: journal.Aborted})
		}, local.ErrOver},
	} {
		b := setup(t, steps, nil)
		c.change(&b.cfg)
		head := b.cfg.Log.Head()
		if _, err := local.Run(t.Context(), b.cfg); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if b.cfg.Log.Head() != head {
			t.Errorf("%s: the journal was written to", name)
		}
	}
}

// box is an inbox in memory.
type box struct {
	waiting []journal.Event
	removed int
}

func (b *box) Take() ([]journal.Event, func() error, error) {
	return b.waiting, func() error {
		b.removed += len(b.waiting)
		b.waiting = nil
		return nil
	}, nil
}

// Messages are taken within a quarter of a second, and removed only when they are in the journal.
func TestInbox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := &box{}
		b := setup(t, []step.Spec{command("a")}, map[string]does{"a": func(_ context.Context, c *step.Call) (step.Outcome, error) {
			if c.Answers["k"].By != "ann" {
				return step.Outcome{}, &step.Ask{Key: "k", Prompt: "?"}
			}
			return step.Outcome{}, nil
		}})
		b.cfg.Inbox, b.cfg.Wait = in, true
		var opened, decided time.Time
		b.cfg.Observe = func(e journal.Entry) {
			switch e.Event.(type) {
			case journal.GateOpened:
				opened = e.Time
				in.waiting = []journal.Event{journal.GateDecided{Step: "a", Key: "k", Decision: step.Approve, By: "ann"}, journal.RunFinished{}}
			case journal.GateDecided:
				decided = e.Time
				if in.removed > 0 {
					t.Error("the message was removed before it was in the journal")
				}
			default:
			}
		}
		if st := b.run(t); st.Result != journal.Recovered || in.removed != 2 || decided.Sub(opened) > 250*time.Millisecond {
			t.Errorf("%s, %d removed, after %v", st.Result, in.removed, decided.Sub(opened))
		}
	})
}

// slow is a step whose probe takes a while and whose work lasts until it is told to stop.
type slow struct{ probe time.Duration }

func (s slow) Probe(ctx context.Context, _ *step.Call) (step.Probe, error) {
	return step.Probe{Status: step.Needed}, clock.Sleep(ctx, s.probe)
}

func (slow) Ensure(ctx context.Context, _ *step.Call) (step.Outcome, error) {
	<-ctx.Done()
	return step.Outcome{}, ctx.Err()
}

// third is an inbox that gets an abort before it is looked at for the third time.
type third struct{ looks int }

func (i *third) Take() ([]journal.Event, func() error, error) {
	if i.looks++; i.looks < 3 {
		return nil, nil, nil
	}
	return []journal.Event{journal.StopRequested{Mode: journal.Abort, By: "bob"}}, func() error { return nil }, nil
}

// An abort that another process sends in the very moment in which a step starts reaches that step too.
func TestAbortMeetsStart(t *testing.T) {
	t.Parallel()
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			b := setup(t, []step.Spec{command("a")}, nil)
			b.cfg.Makers = step.Makers{step.Command: func(step.Spec) (step.Step, error) { return slow{500 * time.Millisecond}, nil }}
			b.cfg.Inbox = &third{} // polls are at 0, 250 and 500 ms; the last meets the end of the probe
			if st := b.run(t); st.Result != journal.Aborted || st.Reason != "given up by bob" {
				t.Errorf("%s, %s", st.Result, st.Reason)
			}
		})
	}
}

// A secret output that the step cannot give again after an interruption is an error that says so, not an empty text.
func TestNoRecall(t *testing.T) {
	t.Parallel()
	a := command("stack/a")
	b := setup(t, []step.Spec{a, command("b", "stack/a")}, map[string]does{"b": func(_ context.Context, c *step.Call) (step.Outcome, error) {
		_, err := c.Resolve(reader{})
		return step.Outcome{}, err
	}})
	if _, err := b.cfg.Log.Append(t.Context(), journal.StepStarted{Step: "stack/a", Attempt: 1}, journal.StepSucceeded{Step: "stack/a", Secrets: []string{"key"}}); err != nil {
		t.Fatal(err)
	}
	if got := b.run(t).Step("b").Error.Text; !strings.Contains(got, `output "key" of stack/a`) || !strings.Contains(got, "cannot give its outputs again") {
		t.Errorf("error %q", got)
	}
}

// reader reads the output "key" of stack a.
type reader struct{ plan.Literal }

func (reader) Resolve(s plan.Scope) (plan.Value, error) { return s.Output("a", "key") }

// A question that the world may answer is looked at again by the next process; one for people alone waits on without being asked again.
func TestAResumeLooksAgain(t *testing.T) {
	t.Parallel()
	for again, want := range map[bool]int{true: 2, false: 1} {
		calls := 0
		b := setup(t, []step.Spec{command("a")}, map[string]does{"a": func(context.Context, *step.Call) (step.Outcome, error) {
			calls++
			return step.Outcome{}, &step.Ask{Key: "called", Prompt: "?", Who: "web", Only: true, Again: again}
		}})
		for range 2 {
			st := b.run(t)
			if g := st.Step("a").Gate; st.Result != journal.Waiting || g == nil || !g.Only || g.Again != again || g.Who != "web" {
				t.Errorf("again %v: %s, %+v", again, st.Result, g)
			}
		}
		if calls != want {
			t.Errorf("again %v: %d calls", again, calls)
		}
	}
}
