package journal_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// diamond is a -> b, c -> d, with d on the recovery clock and e, optional, after c.
func diamond() journal.RunStarted {
	s := journaltest.Started()
	s.Steps = []step.Spec{
		{ID: "a"},
		{ID: "b", Needs: []string{"a"}},
		{ID: "c", Needs: []string{"a"}},
		{ID: "d", Needs: []string{"b", "c"}, Clock: true},
		{ID: "e", Needs: []string{"c"}, Optional: true, Clock: true},
	}
	return s
}

// fold applies events, one a second.
func fold(events ...journal.Event) *journal.State {
	s := &journal.State{}
	for i, ev := range events {
		s.Apply(journal.Entry{Seq: uint64(i) + 1, Time: at(i), Event: ev})
	}
	return s
}

func statuses(s *journal.State) string {
	var out string
	for _, t := range s.Steps {
		out += t.Spec.ID + "=" + string(t.Status) + " "
	}
	return out
}

func started(id string, n int) journal.Event { return journal.StepStarted{Step: id, Attempt: n} }
func done(id string) journal.Event           { return journal.StepSucceeded{Step: id, Attempt: 1} }
func failed(id string) journal.Event {
	return journal.StepFailed{Step: id, Attempt: 1, Error: journal.Failure{Class: step.Permanent, Text: "no"}}
}

// Each story of events ends in the statuses that a person would name.
func TestFoldStories(t *testing.T) {
	t.Parallel()
	later := at(60)
	gate := []journal.Event{diamond(), started("a", 1), journal.GateOpened{Step: "a", Key: "k", Prompt: "?"}}
	for name, c := range map[string]struct {
		events []journal.Event
		want   string
	}{
		"nothing yet": {[]journal.Event{diamond()}, "a=pending b=pending c=pending d=pending e=pending "},
		"retrying": {
			[]journal.Event{diamond(), started("a", 1), journal.StepFailed{Step: "a", RetryAt: &later}},
			"a=retrying b=pending c=pending d=pending e=pending ",
		},
		"a failure blocks what needs it": {
			[]journal.Event{diamond(), started("a", 1), done("a"), started("b", 1), started("c", 1), failed("b")},
			"a=succeeded b=failed c=running d=blocked e=pending ",
		},
		"an optional failure blocks nothing": {
			[]journal.Event{diamond(), failed("e")}, "a=pending b=pending c=pending d=pending e=failed ",
		},
		"a resume makes the failed, the blocked and the interrupted pending": {
			[]journal.Event{diamond(), done("a"), started("b", 1), started("c", 1), failed("b"), journal.RunResumed{}},
			"a=succeeded b=pending c=pending d=pending e=pending ",
		},
		"waiting":                         {gate, "a=waiting b=pending c=pending d=pending e=pending "},
		"a resume leaves a question open": {append(slices.Clip(gate), journal.RunResumed{}), "a=waiting b=pending c=pending d=pending e=pending "},
		"decided":                         {append(slices.Clip(gate), journal.GateDecided{Step: "a", Key: "k", Decision: step.Approve}), "a=pending b=pending c=pending d=pending e=pending "},
		"an answer to another question":   {append(slices.Clip(gate), journal.GateDecided{Step: "a", Key: "x"}), "a=waiting b=pending c=pending d=pending e=pending "},
		"what is done stays done":         {[]journal.Event{diamond(), done("a"), started("a", 2), failed("a")}, "a=succeeded b=pending c=pending d=pending e=pending "},
	} {
		if got := statuses(fold(c.events...)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// Answers stay over a resume, except refusals: the person is asked again.
func TestAnswersAndResume(t *testing.T) {
	t.Parallel()
	story := func(d step.Decision) *journal.State {
		return fold(diamond(), started("a", 1), journal.GateOpened{Step: "a", Key: "k", Prompt: "?"},
			journal.GateDecided{Step: "a", Key: "k", Decision: d, By: "ann"}, failed("a"), journal.RunResumed{})
	}
	if got := story(step.Approve).Step("a").Answers["k"]; got.By != "ann" {
		t.Errorf("approval is lost: %v", got)
	}
	if got := story(step.Reject).Step("a").Answers; len(got) != 0 {
		t.Errorf("refusal is kept: %v", got)
	}
	if got := story(step.Reject).Decisions; len(got) != 1 || got[0].Prompt != "?" || !got[0].At.Equal(at(3)) {
		t.Errorf("the decision is not on record: %v", got)
	}
}

// A new version of the plan keeps what happened to the steps that it still has.
func TestPlanChanged(t *testing.T) {
	t.Parallel()
	next := []step.Spec{{ID: "a"}, {ID: "f", Needs: []string{"a"}}}
	s := fold(diamond(), done("a"), done("c"), journal.PlanChanged{From: "1", To: "2", Steps: next, By: "ann"})
	if got := statuses(s); got != "a=succeeded f=pending " || s.Facts.PlanHash != "2" || s.Step("c") != nil {
		t.Errorf("got %s, plan %s", got, s.Facts.PlanHash)
	}
}

// The recovery time runs from the disaster to the last step on the clock, without the optional one that failed.
func TestRecoveryTimeAndCriticalPath(t *testing.T) {
	t.Parallel()
	events := []journal.Event{
		diamond(),
		journal.Marked{Name: journal.MarkDisaster, At: at(-100)},
		started("a", 1), done("a"), started("b", 1), started("c", 1),
		done("b"), done("c"), started("d", 1), failed("e"),
	}
	s := fold(events...)
	if d, ok := s.RecoveryTime(); ok || d != 109*time.Second {
		t.Errorf("unfinished: %v, %v", d, ok)
	}
	s = fold(append(events, done("d"), journal.RunFinished{Result: journal.Recovered})...)
	if d, ok := s.RecoveryTime(); !ok || d != 110*time.Second {
		t.Errorf("got %v, %v, want 110 s", d, ok)
	}
	var path string
	for _, t := range s.CriticalPath() {
		path += t.Spec.ID
	}
	if path != "acd" {
		t.Errorf("critical path %s, want acd: c finished after b", path)
	}
	if d, ok := fold(diamond(), done("d")).RecoveryTime(); ok || d != time.Second {
		t.Errorf("without a mark, and e pending and optional: %v, %v", d, ok)
	}
}

// No order of events panics, and no later event undoes a step that is done.
func TestFoldNeverPanics(t *testing.T) {
	t.Parallel()
	kinds := everyKind()
	rapid.Check(t, func(t *rapid.T) {
		s := &journal.State{}
		was := map[string]bool{}
		for i, k := range rapid.SliceOf(rapid.IntRange(0, len(kinds)-1)).Draw(t, "kinds") {
			s.Apply(journal.Entry{Seq: uint64(i), Time: at(i), Event: kinds[k]})
			for _, st := range s.Steps {
				if was[st.Spec.ID] && !st.Done() {
					t.Fatalf("%s was undone by %s", st.Spec.ID, kinds[k].Kind())
				}
				was[st.Spec.ID] = st.Done()
			}
			s.RecoveryTime()
			s.CriticalPath()
		}
	})
}

// What a step went through is kept in order: attempts with why they failed, pauses, waits for people, and what was cut off ends where
// its process was last heard of.
func TestAStepsSpansTellWhatItWentThrough(t *testing.T) {
	t.Parallel()
	later := at(60)
	busy := failed("a").(journal.StepFailed)
	busy.RetryAt = &later
	s := fold(diamond(), started("a", 1), busy, started("a", 2), journal.StepProgress{Step: "a"}, journal.RunResumed{}, started("a", 3),
		journal.GateOpened{Step: "a", Key: "k"}, journal.GateDecided{Step: "a", Key: "k", Decision: step.Approve}, started("a", 4), done("a"), started("b", 1))
	var got []string
	for _, x := range append(s.Step("a").Spans, s.Step("b").Spans...) {
		text := fmt.Sprintf("%s %d-", x.Status, int(x.From.Sub(at(0)).Seconds()))
		if !x.To.IsZero() {
			text += fmt.Sprint(int(x.To.Sub(at(0)).Seconds()))
		}
		if x.Error != nil {
			text += " " + x.Error.Text
		}
		got = append(got, text)
	}
	want := []string{"running 1-2 no", "retrying 2-3", "running 3-4", "running 6-7", "waiting 7-8", "running 9-10", "running 11-"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The promise: a question that one person alone may answer takes a yes from nobody else, and a no from anybody; one that the world may answer is
// looked at again by the next process, unless a person answered it.
func TestQuestionsForOnePersonOrTheWorld(t *testing.T) {
	t.Parallel()
	open := func() *journal.State {
		s := &journal.State{}
		for _, ev := range []journal.Event{
			journal.RunStarted{Run: "r", Steps: []step.Spec{{ID: "a"}}},
			journal.StepStarted{Step: "a", Attempt: 1},
			journal.GateOpened{Step: "a", Key: "called", Who: "Web@example.org", Only: true, Again: true},
			journal.RunFinished{Result: journal.Waiting},
		} {
			s.Apply(journal.Entry{Event: ev})
		}
		return s
	}
	for ev, want := range map[journal.GateDecided]bool{
		{Decision: step.Confirm, By: "web@example.org "}: true, {Decision: step.Confirm, By: "ann"}: false,
		{Decision: step.Approve, By: "Web@example.org"}: false, {Decision: step.Reject, By: "ann"}: true, {Decision: "maybe", By: "Web@example.org"}: false,
	} {
		ev.Step, ev.Key = "a", "called"
		if got := open().Accepts(ev); got != want {
			t.Errorf("%+v: %v", ev, got)
		}
	}
	s := open()
	s.Apply(journal.Entry{Event: journal.RunResumed{}})
	if a := s.Step("a"); a.Status != journal.StatusPending || a.Gate != nil {
		t.Errorf("after a resume: %s", a.Status)
	}
	s = open()
	s.Apply(journal.Entry{Event: journal.GateDecided{Step: "a", Key: "called", Decision: step.Confirm, By: "web@example.org"}})
	s.Apply(journal.Entry{Event: journal.RunResumed{}})
	if a := s.Step("a"); a.Decision == nil || a.Answers["called"].By != "web@example.org" {
		t.Errorf("the answer is lost: %+v", a)
	}
}
