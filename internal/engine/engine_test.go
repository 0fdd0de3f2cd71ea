package engine

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func begin(o Options, steps ...step.Spec) (*Engine, []Command) {
	e := New(o)
	return e, e.Apply(noon, journal.RunStarted{Run: "r", Steps: steps})
}

func long(id string, typical time.Duration, needs ...string) step.Spec {
	return step.Spec{ID: id, Needs: needs, Forecast: step.Forecast{Typical: typical}}
}

// line shows commands, in their order.
func line(commands []Command) string {
	var words []string
	for _, c := range commands {
		word := strings.TrimPrefix(fmt.Sprintf("%T", c), "engine.")
		switch c := c.(type) {
		case Probe:
			word += " " + c.Step
		case Start:
			word += fmt.Sprintf(" %s/%d", c.Step, c.Attempt)
		case Cancel:
			word += " " + c.Step
		case Record:
			word += " " + string(c.Event.Kind())
		case Finish:
			word += " " + string(c.Event.Result)
		case WakeAt:
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func expect(t *testing.T, got []Command, want string) {
	t.Helper()
	if line(got) != want {
		t.Errorf("commands: %s\nwant:     %s", line(got), want)
	}
}

// found answers a probe: there is work.
func (e *Engine) found(id string) []Command {
	return e.Apply(noon, e.Probed(id, step.Probe{Status: step.Needed}, nil, noon)...)
}

// went answers an attempt, after its start.
func (e *Engine) went(id string, err error) []Command {
	e.Apply(noon, journal.StepStarted{Step: id, Attempt: e.byID[id].Attempts + 1})
	return e.Apply(noon, e.Ensured(id, step.Outcome{}, err, noon)...)
}

// The step with the longest way behind it goes first when there is one slot.
func TestLongestWayFirst(t *testing.T) {
	t.Parallel()
	e, got := begin(Options{Limits: Limits{Slots: 1}},
		long("short", time.Second), long("head", time.Second), long("tail", time.Hour, "head"), long("middle", time.Minute))
	expect(t, got, "Probe head")
	expect(t, e.found("head"), "Start head/1")
	expect(t, e.went("head", nil), "Probe tail")
	e.found("tail")
	expect(t, e.went("tail", nil), "Probe middle")
}

// A big step is not kept waiting for ever by small ones, but what takes nothing of the machine may pass it.
func TestBigStepIsNotStarved(t *testing.T) {
	t.Parallel()
	use := func(id string, mb int, typical time.Duration) step.Spec {
		s := long(id, typical)
		s.Uses.MemoryMB = mb
		return s
	}
	e, got := begin(Options{Limits: Limits{MemoryMB: 100}}, use("a", 60, time.Hour), use("big", 80, time.Minute), use("small", 10, time.Second), use("free", 0, time.Millisecond))
	expect(t, got, "Probe a, Probe free")
	e.found("a")
	expect(t, e.went("a", nil), "Probe big, Probe small")
}

// A step that wants more than the machine has runs alone.
func TestTooBigRunsAlone(t *testing.T) {
	t.Parallel()
	a, b := long("a", time.Hour), long("b", time.Second)
	a.Uses, b.Uses = step.Uses{MemoryMB: 5000, Cores: 9}, step.Uses{MemoryMB: 1, Cores: 0.1}
	e, got := begin(Options{Limits: LimitsFor(1000, 2)}, a, b)
	expect(t, got, "Probe a")
	e.found("a")
	expect(t, e.went("a", nil), "Probe b")
}

// Pending after a journal was read is what a new process must do: nothing that is done, everything that is not.
func TestPendingAfterReading(t *testing.T) {
	t.Parallel()
	e, _ := begin(Options{}, long("a", 0), long("b", 0), long("c", 0, "a"), long("d", 0))
	e.found("a")
	e.went("a", nil)
	e.found("b")
	e.Apply(noon, journal.StepStarted{Step: "b", Attempt: 1})
	e.Apply(noon, e.Ensured("b", step.Outcome{}, &step.Ask{Key: "k"}, noon)...)
	expect(t, e.Pending(), "Probe c, Probe d")
	e.Apply(noon, journal.GateDecided{Step: "b", Key: "k", Decision: step.Reject, By: "ann"})
	expect(t, e.Pending(), "Record step_failed, Probe c, Probe d")
	expect(t, e.Apply(noon, journal.RunResumed{}), "Record step_failed, Probe c, Probe d")
}

// A process with fewer slots than the one before reads what that did beyond them, and does not do it again.
func TestNarrowReadsWide(t *testing.T) {
	t.Parallel()
	e, _ := begin(Options{Limits: Limits{Slots: 1}}, long("a", time.Hour), long("b", 0))
	expect(t, e.Apply(noon, journal.StepStarted{Step: "b", Attempt: 1}, journal.StepSucceeded{Step: "b"}), "")
	expect(t, e.found("a"), "Start a/1")
	expect(t, e.went("a", nil), "Finish recovered")
}

// A late answer of a step that nobody waits for any more says nothing.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	e, _ := begin(Options{}, long("a", 0))
	e.found("a")
	e.went("a", nil)
	if got := append(e.Ensured("a", step.Outcome{}, nil, noon), e.Probed("x", step.Probe{}, nil, noon)...); got != nil {
		t.Errorf("events %v", got)
	}
}

// A stop that comes between probe and start lets the step be; resuming starts it.
func TestDrainBetweenProbeAndStart(t *testing.T) {
	t.Parallel()
	e, _ := begin(Options{}, long("a", 0))
	expect(t, e.Apply(noon, journal.StopRequested{Mode: journal.Drain, By: "ann"}), "")
	expect(t, e.found("a"), "Finish waiting")
	e.Apply(noon, journal.RunFinished{Result: journal.Waiting})
	expect(t, e.Apply(noon, journal.RunResumed{}), "Probe a")
}

// Halt cancels what works, once; a retry that is due later does not keep the run.
func TestHalt(t *testing.T) {
	t.Parallel()
	b := long("b", 0)
	b.Retry = step.Retry{Attempts: 2, Delay: time.Hour}
	e, _ := begin(Options{}, long("a", 0), b)
	e.found("a")
	e.Apply(noon, journal.StepStarted{Step: "a", Attempt: 1})
	e.found("b")
	expect(t, e.went("b", &step.Error{Class: step.Transient}), "WakeAt")
	expect(t, e.Apply(noon, journal.StopRequested{Mode: journal.Halt, By: "ann"}), "Cancel a")
	expect(t, e.went("a", &step.Error{Class: step.Cancelled}), "Finish waiting")
}

// A probe that answers nothing knows nothing: a person decides.
func TestSilentProbeIsUnknown(t *testing.T) {
	t.Parallel()
	e, _ := begin(Options{}, long("a", 0))
	events := e.Probed("a", step.Probe{}, nil, noon)
	if g, ok := events[len(events)-1].(journal.GateOpened); !ok || g.Key != KeyUnknown {
		t.Errorf("events %v", events)
	}
}

// What is wrong with a graph is said by name.
func TestCheck(t *testing.T) {
	t.Parallel()
	for want, steps := range map[string][]step.Spec{
		`"a" twice`:       {long("a", 0), long("a", 0)},
		`needs "x"`:       {long("a", 0, "x")},
		"among or before": {long("a", 0, "b"), long("b", 0, "a"), long("c", 0)},
	} {
		if err := Check(steps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := Check([]step.Spec{long("b", 0, "a"), long("a", 0)}); err != nil {
		t.Error(err)
	}
}

// The same events give the same commands, whatever they are, and none makes the engine panic.
func TestSameEventsSameCommands(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Second)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "steps")
		var steps []step.Spec
		for i := range n {
			s := long(fmt.Sprint(i), time.Duration(rapid.IntRange(0, 2).Draw(t, "typical")))
			s.Optional = rapid.Bool().Draw(t, "optional")
			for j := range n {
				if j != i && rapid.IntRange(0, 4).Draw(t, "edge") == 0 {
					s.Needs = append(s.Needs, fmt.Sprint(j)) // circles too
				}
			}
			steps = append(steps, s)
		}
		o := Options{Limits: Limits{Slots: rapid.IntRange(0, 2).Draw(t, "slots")}}
		one, first := begin(o, steps...)
		two, second := begin(o, steps...)
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			if !reflect.DeepEqual(first, second) || !reflect.DeepEqual(one.Pending(), two.Pending()) {
				t.Fatalf("%s\n%s", line(first), line(second))
			}
			id := fmt.Sprint(rapid.IntRange(0, n).Draw(t, "step"))
			ev := rapid.SampledFrom([]journal.Event{
				journal.StepProbed{Step: id, Status: step.Needed},
				journal.StepStarted{Step: id, Attempt: 1},
				journal.StepSucceeded{Step: id},
				journal.StepSkipped{Step: id, LeftOut: true},
				journal.StepFailed{Step: id},
				journal.StepFailed{Step: id, RetryAt: &later},
				journal.GateOpened{Step: id, Key: "k"},
				journal.GateDecided{Step: id, Key: "k", Decision: step.Reject},
				journal.StopRequested{Mode: journal.Halt},
				journal.RunResumed{},
				journal.RunFinished{Result: journal.Failed},
			}).Draw(t, "event")
			first, second = one.Apply(noon, ev), two.Apply(noon, ev)
			first, second = append(first, one.Wake(later)...), append(second, two.Wake(later)...)
			if one.load.slots < 0 || one.load.memory < 0 || one.sleepers < 0 || one.notes < 0 {
				t.Fatalf("after %s: %+v, %d sleepers, %d notes", ev.Kind(), one.load, one.sleepers, one.notes)
			}
		}
	})
}

// A step that met a full disk says so in its advice, whatever it was about to write.
func TestFullDiskIsAdvised(t *testing.T) {
	t.Parallel()
	e, _ := begin(Options{}, long("load", time.Second))
	e.found("load")
	e.Apply(noon, journal.StepStarted{Step: "load", Attempt: 1})
	err := &step.Error{What: "table history cannot be written", Err: &fs.PathError{Op: "write", Path: "load.json", Err: syscall.ENOSPC}, Next: "look at the table"}
	ev, ok := e.Ensured("load", step.Outcome{}, err, noon)[0].(journal.StepFailed)
	if !ok || !strings.Contains(ev.Error.Next, "make room on the disk") {
		t.Errorf("%+v", ev)
	}
}
