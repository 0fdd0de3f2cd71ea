// Package engine decides what a run does next. It is a state machine without I/O, clock, goroutines or map order: events of the journal go in,
// commands come out. A runtime (package local, or a workflow service) performs the commands and feeds back what happened.
//
// Promise: the same events in the same order give the same commands. No step starts before everything that it needs is done, a step that is done
// in the journal is never started again, and limits hold. The rules:
//
//   - A step is probed first. Done: it is skipped, because of the probe's reason. Needed: it is started. Unknown: a person decides.
//   - A step that was started and has no outcome, because a process died, is probed in the next process: done, needed, or a question
//     (KeyInterrupted) to a person, never a guess. The interruption does not count as a failure.
//   - Of the steps that could start, the one with the longest forecast way to the end starts first.
//   - A failed attempt is tried again as RetryAt says. A step that failed blocks what needs it; everything else goes on.
//   - An optional step may fail. Optional steps that need it are left out, because of it; required ones go on, for the plan calls the
//     recovery complete without the optional step (one that reads its outputs then fails, and says why).
//   - Approve and Confirm call the step again with the answer; for the engine's own questions Approve runs the step and Confirm takes it as done.
//     Reject fails the step.
//   - The end is Recovered when every required step is done and nothing is left to do, Failed when a required one failed, Waiting when
//     only people are waited for or somebody stopped the run, Aborted when somebody gave it up.
package engine

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// Options are what a process brings to a run.
type Options struct {
	Limits Limits
	Wait   bool // when only people are waited for: go on waiting, instead of finishing with Waiting
}

// Engine is one run's state machine. It is not safe for concurrent use.
type Engine struct {
	opt       Options
	state     *journal.State
	nodes     []*node
	byID      map[string]*node
	ready     ready
	load      load
	sleepers  int
	notes     int // Records under way
	out       []Command
	cancelled bool // Cancel was sent to everything in flight
	finish    *Finish
	over      bool
}

// New is the engine of a run whose first event, RunStarted, is yet to be applied.
func New(o Options) *Engine {
	e := &Engine{opt: o, state: &journal.State{}}
	e.build()
	return e
}

// Snapshot is what the events so far add up to. It is the engine's own: read it, before the next Apply.
func (e *Engine) Snapshot() *journal.State { return e.state }

// Apply takes events into account, and gives the commands that are due after the last of them and were not given before.
func (e *Engine) Apply(at time.Time, events ...journal.Event) []Command {
	for _, ev := range events {
		e.state.Apply(journal.Entry{Time: at, Event: ev})
		e.absorb(ev)
	}
	return e.issue()
}

func (e *Engine) absorb(ev journal.Event) {
	switch ev := ev.(type) {
	case journal.RunStarted, journal.RunResumed, journal.PlanChanged:
		e.build()
	case journal.StepProbed:
		e.asked(ev)
	case journal.StepStarted:
		e.update(ev.Step)
	case journal.StepSucceeded:
		e.update(ev.Step)
	case journal.StepSkipped:
		e.update(ev.Step)
	case journal.StepFailed:
		e.update(ev.Step)
	case journal.GateOpened:
		e.update(ev.Step)
	case journal.GateDecided:
		e.update(ev.Step)
	case journal.RunFinished:
		e.over = true
	case journal.StopRequested:
		e.cancelled = false // a stronger stop cancels what a weaker one let finish
	case journal.StepProgress, journal.Marked, journal.DutyDone:
	}
}

// Wake lets the steps go on whose retry is due.
func (e *Engine) Wake(now time.Time) []Command {
	for _, n := range e.nodes {
		if n.phase == sleeping && !n.RetryAt.After(now) {
			e.sleepers--
			n.todo = nil
			e.queue(n)
		}
	}
	return e.issue()
}

// Pending gives all commands that were given and are not answered: what a process has to do that has just read the journal.
func (e *Engine) Pending() []Command {
	var out []Command
	for _, n := range e.nodes {
		if n.todo != nil {
			out = append(out, n.todo)
		}
	}
	if e.finish != nil && !e.over {
		out = append(out, *e.finish)
	}
	return out
}

// build makes the graph anew from the state. Nothing is in flight: a process starts here.
func (e *Engine) build() {
	e.nodes, e.byID = linkStates(e.state.Steps)
	measure(e.nodes)
	e.ready = ready{byKey: map[classKey]*class{}}
	e.load = load{limits: e.opt.Limits, sites: map[string]int{}, exclusive: map[string]bool{}}
	e.sleepers, e.notes, e.out, e.cancelled, e.finish, e.over = 0, 0, nil, false, nil, e.state.Result != ""
	for _, n := range e.nodes {
		for _, need := range n.needs {
			if !need.Final() {
				n.unresolved++
			}
		}
		n.resolved = n.Final()
	}
	e.leaveOut()
	for _, n := range e.nodes {
		e.settle(n)
	}
}

// update follows the state of a step after an event about it.
func (e *Engine) update(id string) {
	if n := e.byID[id]; n != nil {
		e.settle(n)
	}
}

// settle does what a step's state asks for.
func (e *Engine) settle(n *node) {
	switch n.Status {
	case journal.StatusPending:
		switch {
		case n.Decision != nil:
			e.decided(n)
		case n.phase == idle && n.unresolved == 0:
			e.consider(n)
		}
	case journal.StatusRunning:
		e.fly(n)
		n.todo = nil
	case journal.StatusRetrying:
		if n.phase != sleeping {
			e.land(n)
			n.phase, n.todo = sleeping, WakeAt{At: n.RetryAt}
			e.sleepers++
			e.out = append(e.out, n.todo)
		}
	case journal.StatusWaiting:
		e.land(n)
	case journal.StatusSucceeded, journal.StatusSkipped, journal.StatusFailed, journal.StatusBlocked, journal.StatusCancelled:
		e.land(n)
		e.resolve(n)
	}
}

// resolve tells what needs a final step.
func (e *Engine) resolve(n *node) {
	for queue := []*node{n}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if n.resolved {
			continue
		}
		n.resolved = true
		for _, d := range n.dependents {
			d.unresolved--
			switch {
			case d.Status == journal.StatusBlocked:
				queue = append(queue, d)
			case d.unresolved == 0 && d.phase == idle && d.Status == journal.StatusPending:
				e.consider(d)
			}
		}
	}
}

// fly makes a step take its room.
func (e *Engine) fly(n *node) {
	if n.phase != flying {
		e.land(n)
		n.phase = flying
		e.load.take(&n.Spec)
	}
}

// land ends what the engine does about a step.
func (e *Engine) land(n *node) {
	switch n.phase {
	case flying:
		e.load.give(&n.Spec)
	case sleeping:
		e.sleepers--
	case noting:
		e.notes--
	case idle, queued:
	}
	n.phase, n.todo = idle, nil
}
