package local

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// shortest is the length from which a secret is taken out of texts. Shorter ones are words that occur by chance.
const shortest = 6

// scrubber takes the secrets of the run out of texts. It is the second net: a step must not put them there.
type scrubber struct {
	mu    sync.Mutex
	known map[string]bool
	out   *strings.Replacer
}

// learn takes the texts inside a secret value.
func (s *scrubber) learn(v plan.Value) {
	if v.IsSecret() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.add(v.Reveal())
	}
}

func (s *scrubber) add(v any) {
	switch v := v.(type) {
	case string:
		if len(v) < shortest || s.known[v] {
			return
		}
		if s.known == nil {
			s.known = map[string]bool{}
		}
		s.known[v] = true
		s.out = nil
	case []any:
		for _, x := range v {
			s.add(x)
		}
	case map[string]any:
		for _, x := range v {
			s.add(x)
		}
	}
}

func (s *scrubber) text(t string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) == 0 {
		return t
	}
	if s.out == nil {
		var pairs []string
		for _, k := range slices.SortedFunc(maps.Keys(s.known), func(a, b string) int { return len(b) - len(a) }) {
			pairs = append(pairs, k, secret.Hidden)
		}
		s.out = strings.NewReplacer(pairs...)
	}
	return s.out.Replace(t)
}

// clean gives the event without secrets in what steps wrote for people.
func (s *scrubber) clean(ev journal.Event) journal.Event {
	switch ev := ev.(type) {
	case journal.StepProbed:
		ev.Reason = s.text(ev.Reason)
		return ev
	case journal.StepProgress:
		ev.Message = s.text(ev.Message)
		return ev
	case journal.StepSucceeded:
		ev.Summary, ev.Duties = s.text(ev.Summary), slices.Clone(ev.Duties)
		for i := range ev.Duties {
			ev.Duties[i].Text = s.text(ev.Duties[i].Text)
		}
		return ev
	case journal.StepSkipped:
		ev.Reason = s.text(ev.Reason)
		return ev
	case journal.StepFailed:
		ev.Error.Text, ev.Error.Next = s.text(ev.Error.Text), s.text(ev.Error.Next)
		return ev
	case journal.GateOpened:
		ev.Prompt, ev.Detail = s.text(ev.Prompt), s.text(ev.Detail)
		return ev
	default:
		return ev
	}
}

// learnAll takes the secrets among outputs.
func (s *scrubber) learnAll(out step.Outputs) {
	for _, v := range out {
		s.learn(v)
	}
}
