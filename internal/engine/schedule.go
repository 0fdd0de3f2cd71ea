package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// issue gives the commands that became due.
func (e *Engine) issue() []Command {
	if e.over {
		e.out = nil
		return nil
	}
	stop := e.state.Stop
	for stop == nil {
		n := e.ready.pop(&e.load)
		if n == nil {
			break
		}
		e.fly(n)
		if n.probed {
			e.start(n)
		} else {
			e.give(n, Probe{Step: n.Spec.ID})
		}
	}
	if stop != nil && stop.Mode != journal.Drain && !e.cancelled {
		e.cancelled = true
		for _, n := range e.nodes {
			if n.phase == flying {
				e.out = append(e.out, Cancel{Step: n.Spec.ID})
			}
		}
	}
	if e.finish == nil {
		if e.finish = e.end(); e.finish != nil {
			e.out = append(e.out, *e.finish)
		}
	}
	out := e.out
	e.out = nil
	return out
}

// give hands out a command that stays pending until an event answers it.
func (e *Engine) give(n *node, c Command) {
	n.todo = c
	e.out = append(e.out, c)
}

// asked goes on after a probe that found work. The other answers come with an event that ends the step or opens a gate.
func (e *Engine) asked(ev journal.StepProbed) {
	n := e.byID[ev.Step]
	if n == nil || n.phase != flying || n.probed || n.Status != journal.StatusPending || ev.Status != step.Needed {
		return
	}
	n.probed = true
	e.start(n)
}

// start gives the Start of a step that has its room, unless the run is being stopped.
func (e *Engine) start(n *node) {
	if e.state.Stop != nil {
		e.land(n)
		return
	}
	e.give(n, Start{Step: n.Spec.ID, Attempt: n.Attempts + 1})
}

func (e *Engine) queue(n *node) {
	n.phase = queued
	e.ready.push(n)
}

// consider decides about a step whose needs are all final and that is not blocked.
func (e *Engine) consider(n *node) {
	if n.Spec.Optional {
		for _, need := range n.needs {
			if !need.Done() {
				e.note(n, journal.StepSkipped{Step: n.Spec.ID, LeftOut: true, Reason: "needs " + missing(need)})
				return
			}
		}
	}
	e.queue(n)
}

func missing(n *node) string {
	if n.LeftOut {
		return n.Spec.ID + ", which is left out"
	}
	return fmt.Sprintf("%s, which %s (optional)", n.Spec.ID, verb(n.Status))
}

func verb(s journal.Status) string {
	if s == journal.StatusCancelled {
		return "was stopped"
	}
	return string(s)
}

// leaveOut leaves out what was asked to be left out.
func (e *Engine) leaveOut() {
	for _, n := range e.nodes {
		if n.Status == journal.StatusPending && slices.Contains(e.state.Facts.Without, n.Spec.ID) {
			e.note(n, journal.StepSkipped{Step: n.Spec.ID, LeftOut: true, Reason: "left out on request"})
		}
	}
}

// note has an event written that needs no work.
func (e *Engine) note(n *node, ev journal.Event) {
	e.land(n)
	n.phase = noting
	e.notes++
	e.give(n, Record{Event: ev})
}

// decided acts on a person's answer.
func (e *Engine) decided(n *node) {
	if n.phase != idle {
		return
	}
	d := n.Decision
	own := d.Key == KeyInterrupted || d.Key == KeyUnknown
	switch {
	case d.Decision == step.Reject:
		text := strings.TrimSuffix(fmt.Sprintf("%s refused: %s", d.By, d.Note), ": ")
		e.note(n, journal.StepFailed{Step: n.Spec.ID, Attempt: n.Attempts, Error: journal.Failure{
			Class: step.Permanent, Text: text, Site: n.Spec.Site, Next: "resume the run to be asked again",
		}})
	case own && d.Decision == step.Confirm:
		e.note(n, journal.StepSucceeded{Step: n.Spec.ID, Attempt: n.Attempts, Summary: d.By + " confirmed that it is done"})
	default:
		n.probed = true
		e.queue(n)
	}
}

// end tells how the run ends, or nil while there is something to do.
func (e *Engine) end() *Finish {
	stop := e.state.Stop
	if len(e.nodes) == 0 && e.state.Began.IsZero() || e.load.slots > 0 || e.notes > 0 || stop == nil && (e.ready.size > 0 || e.sleepers > 0) {
		return nil
	}
	t := e.tally()
	finish := func(r journal.Result, reason string) *Finish {
		return &Finish{Event: journal.RunFinished{Result: r, Reason: reason}}
	}
	switch {
	case stop != nil && stop.Mode == journal.Abort:
		return finish(journal.Aborted, "given up by "+stop.By)
	case t.complete():
		return finish(journal.Recovered, t.optional())
	case stop != nil:
		return finish(journal.Waiting, "stopped by "+stop.By)
	case len(t.gates) > 0 && e.opt.Wait:
		return nil
	case len(t.failed) > 0:
		return finish(journal.Failed, t.failure())
	case len(t.gates) > 0:
		return finish(journal.Waiting, "for a person: "+strings.Join(t.gates, ", "))
	default:
		return finish(journal.Failed, "steps that cannot be reached: "+strings.Join(t.left, ", "))
	}
}

// tally is how the steps stand at the end.
type tally struct {
	failed, blocked, gates, left, optionalFailed []string
}

func (e *Engine) tally() tally {
	var t tally
	for _, n := range e.nodes {
		id := n.Spec.ID
		switch {
		case n.Done() || n.LeftOut:
		case n.Status == journal.StatusWaiting:
			t.gates = append(t.gates, id)
		case n.Status == journal.StatusBlocked:
			t.blocked = append(t.blocked, id)
		case n.Status == journal.StatusFailed, n.Status == journal.StatusCancelled && e.state.Stop == nil:
			if n.Spec.Optional {
				t.optionalFailed = append(t.optionalFailed, id)
			} else {
				t.failed = append(t.failed, id)
			}
		default:
			t.left = append(t.left, id)
		}
	}
	return t
}

// complete tells whether nothing is left to do and everything required is done.
func (t tally) complete() bool { return len(t.failed)+len(t.blocked)+len(t.gates)+len(t.left) == 0 }

func (t tally) optional() string {
	if len(t.optionalFailed) == 0 {
		return ""
	}
	return "without what is optional and failed: " + strings.Join(t.optionalFailed, ", ")
}

func (t tally) failure() string {
	text := strings.Join(t.failed, ", ") + " failed"
	if n := len(t.blocked); n > 0 {
		text += fmt.Sprintf("; %d blocked by that: %s", n, strings.Join(t.blocked, ", "))
	}
	if len(t.gates) > 0 {
		text += "; waiting for a person: " + strings.Join(t.gates, ", ")
	}
	return text
}
