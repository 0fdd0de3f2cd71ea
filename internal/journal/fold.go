package journal

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Fold gives the state that entries add up to.
func Fold(entries iter.Seq[Entry]) *State {
	s := &State{}
	for e := range entries {
		s.Apply(e)
	}
	return s
}

// Apply takes the next entry into account. It never panics, whatever the order: what makes no sense changes nothing, and a step that
// is done stays done.
func (s *State) Apply(e Entry) {
	before := s.Last
	s.Head, s.Last = e.Head(), e.Time
	switch ev := e.Event.(type) {
	case RunStarted:
		s.start(ev, e.Time)
	case RunResumed:
		s.resume(ev, before)
	case PlanChanged:
		s.load(ev.Steps)
		s.Facts.PlanHash, s.Facts.PlanParts, ev.Steps, ev.Parts = ev.To, ev.Parts, nil, nil
		s.PlanChanges = append(s.PlanChanges, ev)
	case Marked:
		s.Marks = append(s.Marks, ev)
	case StopRequested:
		s.Stop = &ev
	case RunFinished:
		s.Ended, s.Result, s.Reason = e.Time, ev.Result, ev.Reason
	case StepProbed:
		s.with(ev.Step, func(t *Step) { t.Probe = &ev })
	case StepStarted:
		s.with(ev.Step, func(t *Step) { t.start(ev, e.Time) })
	case StepProgress:
		s.with(ev.Step, func(t *Step) { t.Progress = &ev.Progress })
	case StepSucceeded:
		s.with(ev.Step, func(t *Step) {
			t.end(StatusSucceeded, e.Time)
			t.Changed, t.Summary, t.Outputs, t.Secrets, t.Error = ev.Changed, ev.Summary, ev.Outputs, ev.Secrets, nil
			for _, d := range ev.Duties {
				s.Duties = append(s.Duties, Duty{Step: ev.Step, Duty: d, Since: e.Time})
			}
		})
	case DutyDone:
		if d := s.Duty(ev.Step, ev.Key); d != nil && d.Done.IsZero() {
			d.Done, d.By, d.Note = e.Time, ev.By, ev.Note
		}
	case StepSkipped:
		s.with(ev.Step, func(t *Step) {
			t.end(StatusSkipped, e.Time)
			t.Reason, t.LeftOut, t.Outputs, t.Secrets, t.Error = ev.Reason, ev.LeftOut, ev.Outputs, ev.Secrets, nil
		})
	case StepFailed:
		s.with(ev.Step, func(t *Step) { s.fail(t, ev, e.Time) })
	case GateOpened:
		s.with(ev.Step, func(t *Step) {
			t.Status, t.Gate, t.Decision, t.Progress = StatusWaiting, gateOf(ev, e.Time), nil, nil
		})
	case GateDecided:
		s.with(ev.Step, func(t *Step) { s.decide(t, ev, e.Time) })
	}
}

func gateOf(ev GateOpened, at time.Time) *Gate {
	return &Gate{Step: ev.Step, Key: ev.Key, Prompt: ev.Prompt, Detail: ev.Detail, Who: ev.Who, Only: ev.Only, Again: ev.Again, Since: at}
}

// with calls f for a step that is known and not done.
func (s *State) with(id string, f func(*Step)) {
	if t := s.byID[id]; t != nil && !t.Done() {
		f(t)
		t.record(s.Last)
	}
}

// record keeps what the step goes through: the last span ends where another status begins.
func (t *Step) record(at time.Time) {
	if n := len(t.Spans); n > 0 && t.Spans[n-1].To.IsZero() {
		last := &t.Spans[n-1]
		if last.Status == t.Status {
			return
		}
		last.To = at
		if last.Status == StatusRunning && (t.Status == StatusRetrying || t.Status == StatusFailed || t.Status == StatusCancelled) {
			last.Error = t.Error
		}
	}
	if t.Status == StatusRunning || t.Status == StatusWaiting || t.Status == StatusRetrying {
		t.Spans = append(t.Spans, Span{Status: t.Status, From: at})
	}
}

func (s *State) start(ev RunStarted, at time.Time) {
	if s.byID != nil {
		return
	}
	s.load(ev.Steps)
	ev.Steps = nil
	s.Facts, s.Began, s.Operators = ev, at, []Operator{ev.Operator}
}

// load takes a procedure: steps that are known keep what happened to them.
func (s *State) load(specs []step.Spec) {
	old := s.byID
	s.Steps, s.byID, s.dependents = make([]*Step, 0, len(specs)), make(map[string]*Step, len(specs)), make(map[string][]*Step, len(specs))
	for _, spec := range specs {
		if s.byID[spec.ID] != nil {
			continue
		}
		t := old[spec.ID]
		if t == nil {
			t = &Step{Status: StatusPending}
		}
		t.Spec = spec
		s.Steps, s.byID[spec.ID] = append(s.Steps, t), t
		for _, need := range spec.Needs {
			s.dependents[need] = append(s.dependents[need], t)
		}
	}
}

// resume makes ready to go on what an earlier process, last heard of at the given time, could not finish.
func (s *State) resume(ev RunResumed, last time.Time) {
	s.Operators = append(s.Operators, ev.Operator)
	s.Ended, s.Result, s.Reason = time.Time{}, "", ""
	if s.Stop != nil && s.Stop.Mode != Abort {
		s.Stop = nil
	}
	for _, t := range s.Steps {
		if t.Done() {
			continue
		}
		t.Failures = 0
		switch t.Status {
		case StatusRunning:
			t.Interrupted = true
			t.Status, t.Progress = StatusPending, nil
		case StatusFailed, StatusCancelled, StatusBlocked, StatusSkipped, StatusRetrying:
			t.Status, t.LeftOut, t.Reason, t.Finished, t.RetryAt = StatusPending, false, "", time.Time{}, time.Time{}
			// A person who refused is asked again.
			maps.DeleteFunc(t.Answers, func(_ string, a step.Answer) bool { return a.Decision == step.Reject })
		case StatusWaiting:
			if t.Gate.Again {
				t.Status, t.Gate = StatusPending, nil
			}
		case StatusPending, StatusSucceeded:
		}
		t.record(last)
	}
}

func (t *Step) start(ev StepStarted, at time.Time) {
	t.Status, t.Attempts, t.Decision, t.Gate, t.RetryAt, t.Progress = StatusRunning, max(ev.Attempt, t.Attempts), nil, nil, time.Time{}, nil
	t.Reason, t.LeftOut, t.Interrupted, t.Finished = "", false, false, time.Time{}
	if t.Started.IsZero() {
		t.Started = at
	}
}

func (t *Step) end(in Status, at time.Time) {
	t.Status, t.Finished, t.Gate, t.Decision, t.Progress, t.RetryAt, t.Interrupted = in, at, nil, nil, nil, time.Time{}, false
}

func (s *State) fail(t *Step, ev StepFailed, at time.Time) {
	t.Failures++
	switch {
	case ev.RetryAt != nil:
		t.end(StatusRetrying, time.Time{})
		t.RetryAt = *ev.RetryAt
	case ev.Error.Class == step.Cancelled:
		t.end(StatusCancelled, at)
	default:
		t.end(StatusFailed, at)
	}
	t.Error = &ev.Error
	if t.Final() && !t.Spec.Optional {
		s.block(t, at)
	}
}

// block marks everything that cannot be done without a failed step.
func (s *State) block(failed *Step, at time.Time) {
	reason := fmt.Sprintf("needs %s, which %s", failed.Spec.ID, failed.Status)
	if failed.Status == StatusCancelled {
		reason = fmt.Sprintf("needs %s, which was stopped", failed.Spec.ID)
	}
	queue := slices.Clone(s.dependents[failed.Spec.ID])
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if t.Status != StatusPending {
			continue
		}
		t.Status, t.Reason, t.Finished = StatusBlocked, reason, at
		queue = append(queue, s.dependents[t.Spec.ID]...)
	}
}

func (s *State) decide(t *Step, ev GateDecided, at time.Time) {
	if t.Gate == nil || t.Gate.Key != ev.Key {
		return
	}
	s.Decisions = append(s.Decisions, Decided{Step: ev.Step, Key: ev.Key, Prompt: t.Gate.Prompt, Decision: ev.Decision, By: ev.By, Note: ev.Note, At: at})
	if t.Answers == nil {
		t.Answers = map[string]step.Answer{}
	}
	t.Answers[ev.Key] = step.Answer{Decision: ev.Decision, By: ev.By, Note: ev.Note}
	t.Status, t.Gate, t.Decision = StatusPending, nil, &ev
}
