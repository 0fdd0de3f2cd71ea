package journaltest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Place makes and opens the log of one run.
type Place struct {
	Create func(journal.RunStarted) (journal.Log, error)
	Open   func() (journal.Log, error)
}

// Started is a small first event.
func Started() journal.RunStarted {
	return journal.RunStarted{
		Run: "run", Application: "app", Scenario: "region-down", Site: "standby", Label: journal.Simulated, PlanHash: "1",
		Steps:    []step.Spec{{ID: "manual/account", Kind: step.Manual, Clock: true}, {ID: "stack/one", Kind: step.Stack, Needs: []string{"manual/account"}}},
		Operator: journal.Operator{User: "ann", Host: "laptop", PID: 1}, Version: "test",
	}
}

// Log checks the promises of journal.Log. Each call of place gives a new empty place.
func Log(t *testing.T, place func(*testing.T) Place) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, Place){
		"what is appended is read back":     readBack,
		"a journal goes on after reopening": reopen,
		"appends from many sides chain":     concurrent,
		"there is one writer":               oneWriter,
		"a closed log takes nothing":        closed,
		"a journal starts once":             startsOnce,
	} {
		t.Run(name, func(t *testing.T) { check(t, place(t)) })
	}
}

func create(t *testing.T, p Place) journal.Log {
	t.Helper()
	l, err := p.Create(Started())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func add(t *testing.T, l journal.Log, events ...journal.Event) []journal.Entry {
	t.Helper()
	out, err := l.Append(t.Context(), events...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func all(t *testing.T, l journal.Log) []journal.Entry {
	t.Helper()
	var out []journal.Entry
	for e, err := range l.Read(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func readBack(t *testing.T, p Place) {
	t.Helper()
	l := create(t, p)
	want := add(t, l, journal.StepStarted{Step: "manual/account", Attempt: 1}, journal.StepProgress{Step: "manual/account"})
	want = append(want, add(t, l, journal.StepProgress{Step: "manual/account", Progress: step.Progress{Message: "a\nb", Done: 1}})...)
	want = append(want, add(t, l, journal.StepSucceeded{Step: "manual/account", Attempt: 1})...)
	got := all(t, l)
	if d := cmp.Diff(want, got[1:]); d != "" {
		t.Errorf("read is not what was appended (-want +got):\n%s", d)
	}
	if d := cmp.Diff(journal.Event(Started()), got[0].Event); d != "" {
		t.Errorf("first event (-want +got):\n%s", d)
	}
	if l.Head() != want[3].Head() {
		t.Errorf("head is %v, want that of the last entry %v", l.Head(), want[3].Head())
	}
}

func reopen(t *testing.T, p Place) {
	t.Helper()
	l := create(t, p)
	add(t, l, journal.StepStarted{Step: "manual/account", Attempt: 1})
	head, before := l.Head(), all(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if l.Head() != head {
		t.Errorf("head is %v after reopening, was %v", l.Head(), head)
	}
	more := add(t, l, journal.StepSucceeded{Step: "manual/account", Attempt: 1})
	if d := cmp.Diff(append(before, more...), all(t, l)); d != "" {
		t.Errorf("after reopening (-want +got):\n%s", d)
	}
}

func concurrent(t *testing.T, p Place) {
	t.Helper()
	l := create(t, p)
	const sides, each = 8, 10
	var wg sync.WaitGroup
	for side := range sides {
		wg.Go(func() {
			for i := range each {
				a := journal.StepStarted{Step: fmt.Sprint(side), Attempt: i}
				out, err := l.Append(t.Context(), a, journal.StepSucceeded{Step: fmt.Sprint(side), Attempt: i})
				if err != nil || len(out) != 2 || out[1].Seq != out[0].Seq+1 || out[1].Prev != out[0].Hash {
					t.Errorf("a batch is not kept together: %v, %v", out, err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(all(t, l)); got != 1+2*sides*each {
		t.Errorf("%d entries, want %d", got, 1+2*sides*each)
	}
}

func oneWriter(t *testing.T, p Place) {
	t.Helper()
	first := create(t, p)
	second, err := p.Open()
	if err != nil {
		return // refused at once
	}
	t.Cleanup(func() { _ = second.Close() })
	add(t, second, journal.RunResumed{})
	if _, err := first.Append(t.Context(), journal.RunResumed{}); err == nil {
		t.Error("two writers appended to one journal")
	}
}

func closed(t *testing.T, p Place) {
	t.Helper()
	l := create(t, p)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), journal.RunResumed{}); err == nil {
		t.Error("a closed log took an event")
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func startsOnce(t *testing.T, p Place) {
	t.Helper()
	l := create(t, p)
	if _, err := l.Append(t.Context(), Started()); err == nil {
		t.Error("a second run_started was taken")
	}
	if got := len(all(t, l)); got != 1 {
		t.Errorf("%d entries after a refused event, want 1", got)
	}
}
