package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Case is what a runtime is given: a run whose journal begins with RunStarted, or is resumed.
type Case struct {
	Log     journal.Log
	Steps   []step.Spec
	Makers  step.Makers
	Limits  engine.Limits
	Wait    bool
	Answer  func(journal.GateOpened) (step.Answer, bool)
	Inbox   func() []journal.Event // messages of other processes, each given once; nil: none
	Stop    <-chan journal.StopMode
	Observe func(journal.Entry)
}

// Runtime performs a run until it is finished for this process, and gives what the journal then says.
type Runtime func(context.Context, Case) (*journal.State, error)

// Test checks a runtime.
func Test(t *testing.T, run Runtime) { //nolint:tparallel // the caller says whether it is parallel
	t.Helper()
	for name, check := range map[string]func(*testing.T, Runtime){
		"needs come first":                         needsFirst,
		"what is there is skipped, because":        skips,
		"failures are tried again, some":           retries,
		"a failure stops only what needs it":       failure,
		"an optional failure fails nothing":        optional,
		"what is left out is left out":             without,
		"people decide":                            people,
		"people in other processes decide":         inbox,
		"only people left: waiting":                waiting,
		"a panic fails its step":                   panics,
		"a step has its time":                      timeout,
		"drain lets finish, halt cancels":          stops,
		"abort is for ever":                        aborts,
		"the end of the context halts":             contextEnds,
		"outputs reach later steps, also later on": outputs,
		"a cut off step is asked, not guessed":     interrupted,
		"limits hold":                              limits,
		"any crash, same end":                      crashes(run),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, run)
		})
	}
}

// stage is one run in one world.
type stage struct {
	t     *testing.T
	run   Runtime
	world *World
	place *journaltest.Memory
	c     Case
}

// spec is a step of a procedure for tests.
func spec(id string, needs ...string) step.Spec {
	return step.Spec{ID: id, Kind: step.Command, Needs: needs, Retry: step.Retry{Attempts: 3, Delay: time.Microsecond}}
}

func newStage(t *testing.T, run Runtime, steps []step.Spec, scripts map[string]Script) *stage {
	t.Helper()
	s := &stage{t: t, run: run, world: NewWorld(steps, scripts), place: journaltest.NewMemory()}
	s.c = Case{Steps: steps, Makers: s.world.Makers()}
	s.begin(journal.RunStarted{Run: "r", Steps: steps})
	return s
}

func (s *stage) begin(first journal.RunStarted) {
	s.t.Helper()
	s.place = journaltest.NewMemory()
	l := s.open()
	if _, err := l.Append(s.t.Context(), first); err != nil {
		s.t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) open() journal.Log {
	s.t.Helper()
	l, err := s.place.Open()
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

// goes performs the run once and compares the result, the statuses and what the journal says with what was returned.
func (s *stage) goes(result journal.Result, statuses string) *journal.State {
	s.t.Helper()
	return s.goesWith(s.t.Context(), result, statuses)
}

func (s *stage) goesWith(ctx context.Context, result journal.Result, statuses string) *journal.State {
	s.t.Helper()
	l := s.open()
	defer l.Close()
	s.c.Log = l
	got, err := s.run(ctx, s.c)
	if err != nil {
		s.t.Fatal(err)
	}
	if got.Result != result || Statuses(got) != statuses {
		s.t.Errorf("got %s (%s): %s\nwant %s: %s", got.Result, got.Reason, Statuses(got), result, statuses)
	}
	stored, err := journal.Load(s.t.Context(), l)
	if err != nil {
		s.t.Fatal(err)
	}
	if stored.Head != got.Head || Statuses(stored) != Statuses(got) {
		s.t.Errorf("the journal says %s, the runtime %s", Statuses(stored), Statuses(got))
	}
	if err := errors.Join(s.world.Err(), Never(s.place.Text())); err != nil {
		s.t.Error(err)
	}
	return got
}

// Statuses is a line of all steps and their statuses.
func Statuses(s *journal.State) string {
	words := make([]string, 0, len(s.Steps))
	for _, t := range s.Steps {
		words = append(words, t.Spec.ID+"="+string(t.Status))
	}
	return strings.Join(words, " ")
}

// Never gives what must never be in a journal: a step that is started after it was done, or whose end was not begun.
func Never(text []byte) error {
	done, running := map[string]bool{}, map[string]bool{}
	for e, err := range journaltest.Decode(text) {
		if err != nil {
			return err
		}
		switch ev := e.Event.(type) {
		case journal.StepStarted:
			if done[ev.Step] {
				return fmt.Errorf("entry %d starts %s, which is done", e.Seq, ev.Step)
			}
			running[ev.Step] = true
		case journal.StepSucceeded:
			if !running[ev.Step] {
				return fmt.Errorf("entry %d ends %s, which was not started", e.Seq, ev.Step)
			}
			done[ev.Step] = true
		case journal.StepSkipped:
			done[ev.Step] = !ev.LeftOut
		default:
		}
	}
	return nil
}

func needsFirst(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("d", "b", "c"), spec("c", "a"), spec("b", "a"), spec("a")}, nil)
	s.goes(journal.Recovered, "d=succeeded c=succeeded b=succeeded a=succeeded")
	if got := s.world.Order(); got[0] != "a" || got[3] != "d" {
		t.Errorf("order %v", got)
	}
}

func skips(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b", "a")}, map[string]Script{"a": {Present: true}})
	got := s.goes(journal.Recovered, "a=skipped b=succeeded")
	if a := got.Step("a"); a.Reason != "it is there" || s.world.Tries("a") != 0 {
		t.Errorf("reason %q, %d tries", a.Reason, s.world.Tries("a"))
	}
}

func retries(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b"), spec("c")}, map[string]Script{
		"a": {Fails: []step.Class{step.Transient, step.Timeout}},
		"b": {Fails: []step.Class{step.Transient, step.Transient, step.Transient}},
		"c": {Fails: []step.Class{step.Permanent}},
	})
	s.goes(journal.Failed, "a=succeeded b=failed c=failed")
	if a, b, c := s.world.Tries("a"), s.world.Tries("b"), s.world.Tries("c"); a != 3 || b != 3 || c != 1 {
		t.Errorf("tries: %d, %d, %d, want 3, 3, 1", a, b, c)
	}
	s.goes(journal.Recovered, "a=succeeded b=succeeded c=succeeded") // a resume tries again what failed, and only that
	if a, b, c := s.world.Tries("a"), s.world.Tries("b"), s.world.Tries("c"); a != 3 || b != 4 || c != 2 {
		t.Errorf("tries after the resume: %d, %d, %d, want 3, 4, 2", a, b, c)
	}
}

func failure(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b", "a"), spec("c", "b"), spec("d")}, map[string]Script{"a": {Broken: true}})
	got := s.goes(journal.Failed, "a=failed b=blocked c=blocked d=succeeded")
	f := got.Step("a").Error
	if f.Class != step.Permanent || f.Action != "s3:CreateBucket" || f.Next != "mend it" || !strings.Contains(f.Text, "a is broken") {
		t.Errorf("failure %+v", f)
	}
	if !strings.Contains(got.Reason, "a failed") || !strings.Contains(got.Reason, "b, c") {
		t.Errorf("reason %q", got.Reason)
	}
}

func optional(t *testing.T, run Runtime) {
	t.Helper()
	steps := []step.Spec{spec("a"), spec("b", "a"), spec("c", "a", "b"), spec("d", "a")}
	steps[0].Optional, steps[1].Optional = true, true
	s := newStage(t, run, steps, map[string]Script{"a": {Broken: true}})
	got := s.goes(journal.Recovered, "a=failed b=skipped c=succeeded d=succeeded")
	if b := got.Step("b"); !b.LeftOut || b.Reason != "needs a, which failed (optional)" || !strings.Contains(got.Reason, "a") {
		t.Errorf("reason of b %q, of the run %q", b.Reason, got.Reason)
	}
}

func without(t *testing.T, run Runtime) {
	t.Helper()
	steps := []step.Spec{spec("a"), spec("b", "a"), spec("c", "a")}
	steps[0].Optional, steps[1].Optional = true, true
	s := newStage(t, run, steps, nil)
	s.begin(journal.RunStarted{Run: "r", Steps: steps, Without: []string{"a"}})
	got := s.goes(journal.Recovered, "a=skipped b=skipped c=succeeded")
	if got.Step("a").Reason != "left out on request" || s.world.Tries("a") != 0 {
		t.Errorf("reason %q", got.Step("a").Reason)
	}
}

// says is an Answer that always decides the same.
func says(d step.Decision) func(journal.GateOpened) (step.Answer, bool) {
	return func(journal.GateOpened) (step.Answer, bool) { return step.Answer{Decision: d, By: "ann"}, true }
}

func people(t *testing.T, run Runtime) {
	t.Helper()
	for d, want := range map[step.Decision]struct {
		result journal.Result
		status string
	}{
		step.Approve: {journal.Recovered, "a=succeeded b=succeeded"},
		step.Confirm: {journal.Recovered, "a=succeeded b=succeeded"},
		step.Reject:  {journal.Failed, "a=failed b=blocked"},
	} {
		s := newStage(t, run, []step.Spec{spec("a"), spec("b", "a")}, map[string]Script{"a": {Asks: "sure"}})
		s.c.Answer = says(d)
		got := s.goes(want.result, want.status)
		if len(got.Decisions) != 1 || got.Decisions[0].By != "ann" || got.Decisions[0].Prompt != "may I?" {
			t.Errorf("%s: decisions %v", d, got.Decisions)
		}
	}
}

func inbox(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b", "a")}, map[string]Script{"a": {Asks: "sure"}})
	s.c.Wait = true
	opened := false
	s.c.Observe = func(e journal.Entry) { opened = opened || e.Event.Kind() == journal.KindGateOpened }
	s.c.Inbox = func() []journal.Event {
		return []journal.Event{
			journal.GateDecided{Step: "b", Key: "sure", Decision: step.Approve, By: "eve"}, // b is not asked for
			journal.StopRequested{Mode: journal.Halt, By: "eve"},                           // only this process may
			journal.GateDecided{Step: "a", Key: "sure", Decision: step.Approve, By: "ann"},
		}
	}
	got := s.goes(journal.Recovered, "a=succeeded b=succeeded")
	if len(got.Decisions) != 1 || got.Decisions[0].By != "ann" || !opened {
		t.Errorf("decisions %v", got.Decisions)
	}
}

func waiting(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b", "a"), spec("c")}, map[string]Script{"a": {Asks: "sure"}})
	got := s.goes(journal.Waiting, "a=waiting b=pending c=succeeded")
	if g := got.Step("a").Gate; g == nil || g.Who != "ann" || g.Prompt != "may I?" {
		t.Errorf("gate %+v", g)
	}
	// While nobody works on the run a person answers, straight into the journal.
	l := s.open()
	if _, err := l.Append(t.Context(), journal.GateDecided{Step: "a", Key: "sure", Decision: step.Approve, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	l.Close()
	s.goes(journal.Recovered, "a=succeeded b=succeeded c=succeeded")
}

func panics(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b")}, map[string]Script{"a": {Panics: true}})
	got := s.goes(journal.Failed, "a=failed b=succeeded")
	if text := got.Step("a").Error.Text; !strings.Contains(text, "a bug in a") || !strings.Contains(text, "world.go") {
		t.Errorf("text %q", text)
	}
}

func timeout(t *testing.T, run Runtime) {
	t.Helper()
	a := spec("a")
	a.Timeout, a.Retry.Attempts = 10*time.Millisecond, 2
	s := newStage(t, run, []step.Spec{a}, map[string]Script{"a": {Hangs: true}})
	got := s.goes(journal.Failed, "a=failed")
	if f := got.Step("a").Error; f.Class != step.Timeout || s.world.Tries("a") != 2 {
		t.Errorf("failure %+v after %d tries", f, s.world.Tries("a"))
	}
}

// stopWhen sends modes once all steps named have been started.
func (s *stage) stopWhen(modes []journal.StopMode, ids ...string) {
	stop := make(chan journal.StopMode, len(modes))
	s.c.Stop = stop
	left := slices.Clone(ids)
	s.c.Observe = func(e journal.Entry) {
		if ev, ok := e.Event.(journal.StepStarted); ok && len(left) > 0 {
			left = slices.DeleteFunc(left, func(id string) bool { return id == ev.Step })
			for _, m := range modes {
				if len(left) == 0 {
					stop <- m
				}
			}
		}
	}
}

func stops(t *testing.T, run Runtime) {
	t.Helper()
	steps := []step.Spec{spec("a"), spec("b", "a")}
	s := newStage(t, run, steps, map[string]Script{"a": {Takes: 20 * time.Millisecond}})
	s.stopWhen([]journal.StopMode{journal.Drain}, "a")
	s.goes(journal.Waiting, "a=succeeded b=pending")
	s.c.Stop = nil
	s.goes(journal.Recovered, "a=succeeded b=succeeded")

	s = newStage(t, run, steps, map[string]Script{"a": {Hangs: true}})
	s.stopWhen([]journal.StopMode{journal.Drain, journal.Halt}, "a")
	got := s.goes(journal.Waiting, "a=cancelled b=blocked")
	if got.Stop == nil || got.Stop.Mode != journal.Halt {
		t.Errorf("stop %v", got.Stop)
	}
	s.world.scripts["a"] = Script{}
	s.c.Stop = nil
	s.goes(journal.Recovered, "a=succeeded b=succeeded")
}

func aborts(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a"), spec("b", "a")}, map[string]Script{"a": {Hangs: true}})
	s.stopWhen([]journal.StopMode{journal.Abort}, "a")
	s.goes(journal.Aborted, "a=cancelled b=blocked")
	l := s.open()
	defer l.Close()
	s.c.Log = l
	if _, err := run(t.Context(), s.c); err == nil {
		t.Error("an aborted run was resumed")
	}
}

func contextEnds(t *testing.T, run Runtime) {
	t.Helper()
	s := newStage(t, run, []step.Spec{spec("a")}, map[string]Script{"a": {Hangs: true}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.c.Observe = func(e journal.Entry) {
		if e.Event.Kind() == journal.KindStepStarted {
			cancel()
		}
	}
	s.goesWith(ctx, journal.Waiting, "a=cancelled")
}

// reads is an expression that reads an output of a stack.
type reads struct{ stack, output string }

func (r reads) Refs() []plan.Ref {
	return []plan.Ref{{Kind: "stack", Name: r.stack, Output: r.output}}
}
func (reads) Range() diag.Range                          { return diag.Range{} }
func (r reads) Resolve(s plan.Scope) (plan.Value, error) { return s.Output(r.stack, r.output) }

func outputs(t *testing.T, run Runtime) {
	t.Helper()
	a := spec("stack/a")
	a.Kind = step.Stack
	steps := []step.Spec{a, spec("plain", "stack/a"), spec("hidden", "stack/a"), spec("absent", "stack/a")}
	s := newStage(t, run, steps, map[string]Script{
		"stack/a": {Outputs: step.Outputs{"n": plan.Of(json.Number("5")), "key": plan.OfSecret("hunter2hunter2")}},
		"plain":   {Reads: reads{"a", "n"}, Asks: "x"},
		"hidden":  {Reads: reads{"a", "key"}, Asks: "x"},
		"absent":  {Reads: reads{"a", "no"}, Asks: "x"},
	})
	s.goes(journal.Waiting, "stack/a=succeeded plain=waiting hidden=waiting absent=waiting")
	s.c.Answer = says(step.Approve) // in another process: what the journal lacks is asked for again
	got := s.goes(journal.Failed, "stack/a=succeeded plain=succeeded hidden=succeeded absent=failed")
	if n := string(got.Step("plain").Outputs["read"]); n != "5" {
		t.Errorf("plain read %s", n)
	}
	if h := got.Step("hidden"); !slices.Equal(h.Secrets, []string{"read"}) || len(h.Outputs) != 0 {
		t.Errorf("hidden read %v, %v", h.Secrets, h.Outputs)
	}
	if text := got.Step("absent").Error.Text; !strings.Contains(text, `no output "no"`) || !strings.Contains(text, "key, n") {
		t.Errorf("absent: %s", text)
	}
	if strings.Contains(string(s.place.Text()), "hunter2") {
		t.Error("the secret is in the journal")
	}
}

// cutOff is the journal of a run that died while a step worked.
func (s *stage) cutOff(id string) {
	s.t.Helper()
	l := s.open()
	defer l.Close()
	if _, err := l.Append(s.t.Context(), journal.StepProbed{Step: id, Status: step.Needed}, journal.StepStarted{Step: id, Attempt: 1}); err != nil {
		s.t.Fatal(err)
	}
	s.world.touched[id] = true
}

func interrupted(t *testing.T, run Runtime) {
	t.Helper()
	for name, c := range map[string]struct {
		script  Script
		says    step.Decision
		result  journal.Result
		status  string
		tries   int
		summary string
	}{
		"not done":          {Script{}, "", journal.Recovered, "a=succeeded", 1, "made"},
		"done":              {Script{Present: true}, "", journal.Recovered, "a=succeeded", 0, "found done after an interruption: it is there"},
		"unknown":           {Script{Murky: true}, "", journal.Waiting, "a=waiting", 0, ""},
		"unknown, approved": {Script{Murky: true}, step.Approve, journal.Recovered, "a=succeeded", 1, "made"},
		"unknown, done":     {Script{Murky: true}, step.Confirm, journal.Recovered, "a=succeeded", 0, "ann confirmed that it is done"},
		"unknown, refused":  {Script{Murky: true}, step.Reject, journal.Failed, "a=failed", 0, ""},
		"fails twice more":  {Script{Fails: []step.Class{step.Transient, step.Transient}}, "", journal.Recovered, "a=succeeded", 3, "made"},
	} {
		s := newStage(t, run, []step.Spec{spec("a")}, map[string]Script{"a": c.script})
		s.cutOff("a")
		if c.says != "" {
			s.c.Answer = says(c.says)
		}
		got := s.goes(c.result, c.status)
		if tries := s.world.Tries("a"); tries != c.tries || got.Step("a").Summary != c.summary {
			t.Errorf("%s: %d tries, %q; want %d, %q", name, tries, got.Step("a").Summary, c.tries, c.summary)
		}
	}
}

func limits(t *testing.T, run Runtime) {
	t.Helper()
	var steps []step.Spec
	scripts := map[string]Script{}
	for i := range 24 {
		s := spec(fmt.Sprint(i))
		s.Site = []string{"x", "y"}[i%2]
		s.Uses = step.Uses{MemoryMB: 100 * (i % 4), Cores: 0.5, Exclusive: []string{"", "", "state"}[i%3]}
		steps, scripts[s.ID] = append(steps, s), Script{Takes: time.Millisecond}
	}
	l := engine.Limits{Slots: 5, PerSite: 3, MemoryMB: 600, Cores: 2}
	s := newStage(t, run, steps, scripts)
	s.c.Limits, s.world.check = l, within(l)
	l2 := s.open()
	defer l2.Close()
	s.c.Log = l2
	got, err := run(t.Context(), s.c)
	if err = errors.Join(err, s.world.Err()); err != nil || got.Result != journal.Recovered {
		t.Errorf("%v", err)
	}
}

// within tells whether what happens at the same time is within limits.
func within(l engine.Limits) func([]step.Spec) error {
	return func(now []step.Spec) error {
		sites, words, memory, cores := map[string]int{}, map[string]int{}, 0, 0.0
		for _, s := range now {
			sites[s.Site]++
			words[s.Uses.Exclusive]++
			memory += min(s.Uses.MemoryMB, l.MemoryMB) // one that wants more than there is gets all
			cores += min(s.Uses.Cores, l.Cores)
		}
		delete(words, "")
		delete(sites, "")
		most := func(m map[string]int) int { return max(0, slices.Max(append(slices.Collect(maps.Values(m)), 0))) }
		if len(now) > l.Slots || most(sites) > l.PerSite || most(words) > 1 || memory > l.MemoryMB || cores > l.Cores {
			return fmt.Errorf("over the limits %+v: %d steps, %v, %v, %d MB, %v cores", l, len(now), sites, words, memory, cores)
		}
		return nil
	}
}
