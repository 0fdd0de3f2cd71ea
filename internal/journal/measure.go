package journal

import (
	"slices"
	"time"
)

// RecoveryTime measures from the disaster (its mark, else the start of the run) to the finish of the last step that the recovery clock
// waits for; without such steps, of the last step. Waits for people and between processes count: the application was away.
// ok is false while such a step is not done (a failed or left out optional one is not waited for); the time is then until the
// last entry.
func (s *State) RecoveryTime() (d time.Duration, ok bool) { return s.until(s.clocked()) }

// ConsumersTime measures likewise until consumers work: besides what the recovery clock waits for, until the last step that hands a key over
// or sees the first call with it. applies is false for a procedure without consumers.
func (s *State) ConsumersTime() (d time.Duration, ok, applies bool) {
	steps := s.clocked()
	for _, t := range s.Steps {
		if t.Spec.Consumers {
			applies = true
			if !slices.Contains(steps, t) {
				steps = append(steps, t)
			}
		}
	}
	if !applies {
		return 0, false, false
	}
	d, ok = s.until(steps)
	return d, ok, true
}

// until measures from the disaster to the finish of the last of some steps.
func (s *State) until(steps []*Step) (d time.Duration, ok bool) {
	if len(steps) == 0 {
		return 0, false
	}
	from, to := s.Disaster(), time.Time{}
	for _, t := range steps {
		if t.Done() {
			to = later(to, t.Finished)
		} else if !t.Final() || !t.Spec.Optional && !t.LeftOut {
			return max(0, s.Last.Sub(from)), false
		}
	}
	return max(0, to.Sub(from)), !to.IsZero()
}

// Disaster is the instant at which the recovery clock starts.
func (s *State) Disaster() time.Time {
	for _, m := range slices.Backward(s.Marks) {
		if m.Name == MarkDisaster {
			return m.At
		}
	}
	return s.Began
}

// DisasterThere is the instant of the disaster on the clock of the sites, which a drill cloud may have of its own.
func (s *State) DisasterThere() time.Time {
	for _, m := range slices.Backward(s.Marks) {
		if m.Name == MarkDisaster && !m.World.IsZero() {
			return m.World
		}
	}
	return s.Disaster()
}

// Struck tells whether the disaster has been marked. Only a drill's recovery begins without it.
func (s *State) Struck() bool {
	return slices.ContainsFunc(s.Marks, func(m Marked) bool { return m.Name == MarkDisaster })
}

// CriticalPath is the chain of steps that made the recovery take as long as it did, first to last: from the step that finished last,
// back over the need that finished last. Only steps that ended are in it.
func (s *State) CriticalPath() []*Step {
	var path []*Step
	// The bound ends a walk over a damaged procedure that needs itself.
	for t := lastDone(s.clocked()); t != nil && len(path) < len(s.Steps); {
		path = append(path, t)
		needs := make([]*Step, 0, len(t.Spec.Needs))
		for _, id := range t.Spec.Needs {
			needs = append(needs, s.byID[id])
		}
		t = lastDone(needs)
	}
	slices.Reverse(path)
	return path
}

func (s *State) clocked() []*Step {
	var out []*Step
	for _, t := range s.Steps {
		if t.Spec.Clock {
			out = append(out, t)
		}
	}
	if out == nil {
		return slices.Clone(s.Steps)
	}
	return out
}

func lastDone(steps []*Step) *Step {
	var last *Step
	for _, t := range steps {
		if t != nil && t.Done() && (last == nil || t.Finished.After(last.Finished)) {
			last = t
		}
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
