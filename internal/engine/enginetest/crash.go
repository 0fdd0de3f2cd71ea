package enginetest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// story is a procedure and how its steps behave.
type story struct {
	steps   []step.Spec
	scripts map[string]Script
	without []string
	limits  engine.Limits
}

// stories draws any graph with any behaviour whose end does not hang on how often a step was tried.
func stories() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := story{scripts: map[string]Script{}, limits: engine.Limits{
			Slots: rapid.IntRange(1, 6).Draw(t, "slots"), PerSite: rapid.IntRange(1, 4).Draw(t, "per site"), MemoryMB: 300, Cores: 3,
		}}
		n := rapid.IntRange(1, 12).Draw(t, "steps")
		for i := range n {
			sp := spec(fmt.Sprint(i))
			for j := range i {
				if rapid.IntRange(0, n).Draw(t, "edge") < 2 {
					sp.Needs = append(sp.Needs, fmt.Sprint(j))
				}
			}
			sp.Optional = rapid.IntRange(0, 3).Draw(t, "optional") == 0
			sp.Site = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "site")
			sp.Uses = step.Uses{MemoryMB: rapid.IntRange(0, 4).Draw(t, "memory") * 100, Exclusive: rapid.SampledFrom([]string{"", "", "state"}).Draw(t, "word")}
			sp.Forecast.Typical = time.Duration(rapid.IntRange(0, 3).Draw(t, "forecast")) * time.Second
			if sp.Optional && rapid.IntRange(0, 5).Draw(t, "without") == 0 {
				s.without = append(s.without, sp.ID)
			}
			s.steps, s.scripts[sp.ID] = append(s.steps, sp), rapid.SampledFrom(behaviours()).Draw(t, "script")
		}
		slices.Reverse(s.steps) // the order of the text is not the order of the work
		return s
	})
}

func behaviours() []Script {
	return []Script{
		{},
		{},
		{},
		{Murky: true},
		{Present: true},
		{Fails: []step.Class{step.Transient}},
		{Fails: []step.Class{step.Timeout, step.Transient}},
		{Broken: true},
		{Panics: true},
		{Asks: "sure"},
		{Asks: "really"},
		{Asks: "sure", Murky: true, Fails: []step.Class{step.Transient}},
	}
}

// decide answers the same for the same question of a step in every process. What is cut off is run again.
func decide(g journal.GateOpened) (step.Answer, bool) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(g.Step))
	switch {
	case g.Key == engine.KeyInterrupted || g.Key == engine.KeyUnknown:
		return step.Answer{Decision: step.Approve, By: "ann"}, true
	case g.Key == "really" && h.Sum32()%2 == 0:
		return step.Answer{Decision: step.Reject, By: "ann"}, true
	case g.Key == "really":
		return step.Answer{}, false
	}
	return step.Answer{Decision: step.Confirm, By: "ann"}, true
}

// crashes: any graph, any behaviour, cut off at any entry, any number of times, with a torn line or without, and resumed, ends as if
// nothing had happened; no step that is done is started again; needs come first; limits hold.
func crashes(run Runtime) func(*testing.T, Runtime) {
	return func(t *testing.T, _ Runtime) {
		t.Helper()
		rapid.Check(t, func(t *rapid.T) {
			s := stories().Draw(t, "story")
			want := s.perform(t, run, nil)
			cuts := rapid.SliceOfN(rapid.IntRange(0, 4*len(s.steps)), 0, 4).Draw(t, "cuts")
			if got := s.perform(t, run, cuts); got != want {
				t.Fatalf("with crashes: %s\nwithout:      %s", got, want)
			}
		})
	}
}

// perform runs the story in a new world, dies after as many entries as each cut says, and gives how it ended.
func (s story) perform(t *rapid.T, run Runtime, cuts []int) string {
	world := NewWorld(s.steps, s.scripts)
	world.check = within(s.limits)
	text, _, err := (journal.Head{}).Append(nil, time.Now(), journal.RunStarted{Run: "r", Steps: s.steps, Without: s.without})
	if err != nil {
		t.Fatal(err)
	}
	for {
		place := journaltest.Of(text)
		l, err := place.Open()
		if err != nil {
			t.Fatal(err)
		}
		c := Case{Steps: s.steps, Makers: world.Makers(), Limits: s.limits, Answer: decide, Log: l}
		if len(cuts) > 0 {
			c.Log = &journaltest.Crash{Log: l, Left: cuts[0]}
			cuts = cuts[1:]
		}
		got, err := run(context.Background(), c)
		if bad := errors.Join(world.Err(), Never(place.Text())); bad != nil {
			t.Fatal(bad)
		}
		text = place.Text()
		if err == nil {
			return fmt.Sprintf("%s (%s): %s", got.Result, got.Reason, Statuses(got))
		}
		if !errors.Is(err, journaltest.ErrCrash) {
			t.Fatal(err)
		}
		text = append(text, `{"seq":`...) // the line that was being written
	}
}
