// Package enginetest holds what every runtime of the engine must do, and a scripted world to do it in.
//
// Promise: a runtime that passes Runtime orders, retries, asks, stops and resumes as the engine says, and writes down what it did.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Script is how a step behaves. The zero Script is work that succeeds at once.
type Script struct {
	Present bool          // the probe says done from the start
	Fails   []step.Class  // of the first attempts that get that far, in order
	Broken  bool          // every attempt fails for good
	Asks    string        // the key of a question that must be answered before the work
	Murky   bool          // once touched and not done, the probe cannot tell
	Panics  bool          // every attempt panics
	Hangs   bool          // every attempt lasts until its context ends
	Takes   time.Duration // of an attempt
	Outputs step.Outputs
	Reads   plan.Expr // resolved by an attempt, and kept as the output "read"
}

// World is what scripted steps work on. It outlives the processes, as the real one does.
type World struct {
	mu      sync.Mutex
	scripts map[string]Script
	specs   map[string]step.Spec
	touched map[string]bool
	done    map[string]bool
	tries   map[string]int
	order   []string // ids, as their work was done
	now     []step.Spec
	wrong   []error
	check   func(now []step.Spec) error
}

// NewWorld is a world for a procedure. Steps without a script succeed at once.
func NewWorld(steps []step.Spec, scripts map[string]Script) *World {
	w := &World{scripts: scripts, specs: map[string]step.Spec{}, touched: map[string]bool{}, done: map[string]bool{}, tries: map[string]int{}}
	for _, s := range steps {
		w.specs[s.ID] = s
		w.done[s.ID] = scripts[s.ID].Present
	}
	return w
}

// Makers give scripted steps for every kind.
func (w *World) Makers() step.Makers {
	mk := func(s step.Spec) (step.Step, error) { return scripted{w: w, spec: s}, nil }
	return step.Makers{step.Manual: mk, step.Stack: mk, step.Command: mk, step.Verify: mk}
}

// Order is the ids of the steps whose work was done, as it was done.
func (w *World) Order() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.order)
}

// Tries is how often the work of a step was begun.
func (w *World) Tries(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tries[id]
}

// Err is everything that a runtime did wrong.
func (w *World) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.wrong...)
}

type scripted struct {
	w    *World
	spec step.Spec
}

func (s scripted) Probe(ctx context.Context, c *step.Call) (step.Probe, error) {
	defer s.w.enter(s.spec)()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	script := s.w.scripts[s.spec.ID]
	switch {
	case ctx.Err() != nil:
		return step.Probe{}, ctx.Err()
	case s.w.done[s.spec.ID]:
		return step.Probe{Status: step.Done, Reason: "it is there", Outputs: maps.Clone(script.Outputs)}, nil
	case script.Murky && s.w.touched[s.spec.ID]:
		return step.Probe{Status: step.Unknown, Reason: "half of it is there"}, nil
	}
	return step.Probe{Status: step.Needed, Reason: "it is not there"}, nil
}

func (s scripted) Ensure(ctx context.Context, c *step.Call) (step.Outcome, error) {
	defer s.w.enter(s.spec)()
	id, script := s.spec.ID, s.w.scripts[s.spec.ID]
	if a := c.Answers[script.Asks]; script.Asks != "" && a.Decision != step.Approve && a.Decision != step.Confirm {
		return step.Outcome{}, &step.Ask{Key: script.Asks, Prompt: "may I?", Who: "ann"}
	}
	try := s.w.begin(s.spec)
	c.Tell(step.Progress{Message: "working on " + id})
	switch {
	case script.Hangs:
		<-ctx.Done()
		return step.Outcome{}, ctx.Err()
	case script.Panics:
		panic("a bug in " + id)
	case script.Broken:
		return step.Outcome{}, &step.Error{Class: step.Permanent, What: id + " is broken", Action: "s3:CreateBucket", Next: "mend it"}
	case try < len(script.Fails):
		return step.Outcome{}, &step.Error{Class: script.Fails[try], What: fmt.Sprintf("%s failed, try %d", id, try+1)}
	}
	out := maps.Clone(script.Outputs)
	if script.Reads != nil {
		v, err := c.Resolve(script.Reads)
		if err != nil {
			return step.Outcome{}, err
		}
		out = step.Outputs{"read": v}
	}
	if err := clock.Sleep(ctx, script.Takes); err != nil {
		return step.Outcome{}, err
	}
	return step.Outcome{Changed: s.w.finish(id), Summary: "made", Outputs: out}, nil
}

// Recall gives the outputs again.
func (s scripted) Recall(context.Context, *step.Call) (step.Outputs, error) {
	return maps.Clone(s.w.scripts[s.spec.ID].Outputs), nil
}

// begin notes an attempt, and what it needs that is not done.
func (w *World) begin(s step.Spec) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, need := range s.Needs {
		if !w.done[need] && !w.specs[need].Optional {
			w.wrong = append(w.wrong, fmt.Errorf("%s was started before %s was done", s.ID, need))
		}
	}
	w.touched[s.ID] = true
	w.tries[s.ID]++
	return w.tries[s.ID] - 1
}

func (w *World) finish(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.order = append(w.order, id)
	changed := !w.done[id]
	w.done[id] = true
	return changed
}

// enter notes that a step is asked or works, until the function that it gives is called.
func (w *World) enter(s step.Spec) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = append(w.now, s)
	if w.check != nil {
		if err := w.check(w.now); err != nil {
			w.wrong = append(w.wrong, err)
		}
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		i := slices.IndexFunc(w.now, func(o step.Spec) bool { return o.ID == s.ID })
		w.now = slices.Delete(w.now, i, i+1)
	}
}
