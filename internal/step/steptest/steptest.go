// Package steptest is the conformance kit of the step contract: every kind of step passes it.
//
// Promise: a kind that passes does its work once however often it is asked; comes to the same end after a crash before or after any of its calls
// to the outside, and after the answer of any call was lost; ends with its context, whatever call it waits for;
// changes nothing when it probes; and names the AWS action when a call is denied. The kit stands between the step and the world: its
// Faults wrap the step's HTTP connection and its Runner, and the world behind them is as real as the test can make it.
package steptest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// World is a place in which the step has work to do.
type World struct {
	// Step builds the step anew, as a new process would. All its calls to the outside pass the Faults.
	Step func() (step.Step, error)
	Call step.Call
	// Check tells what is missing in the world once the step has succeeded.
	Check func() error
	// Writes counts changes of the world that Faults cannot see, such as runs of a program. May be nil.
	Writes func() int
}

// Kit is what a kind of step brings to the conformance kit.
type Kit struct {
	// New makes a fresh world, as often as it is called.
	New func(tb testing.TB, f *Faults) World
	// Harmless is set for kinds that only look: each run needs them, and they never change anything.
	Harmless bool
	// Fresh is what Probe says of a fresh world, when that is not Needed.
	Fresh step.Status
	// Calls bounds how many calls of the step meet faults, evenly chosen. Zero is 60.
	Calls int
}

// patience is when a step that was told to end counts as deaf. The contract says a second; a machine that has no time for the test may take longer.
const patience = 5 * time.Second

// Run holds the kind to every rule of the contract.
func Run(t *testing.T, k Kit) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if err := r.hold(t, k); err != nil {
				t.Error(err)
			}
		})
	}
}

type rule struct {
	name string
	hold func(testing.TB, Kit) error
}

func rules() []rule {
	return []rule{
		{"ensure twice changes once", once},
		{"a crash at any call converges", crashes},
		{"a lost answer converges", losses},
		{"a cancelled context ends it", cancels},
		{"a denied call names its action", denials},
	}
}

// session is a world under test.
type session struct {
	Kit
	World
	faults *Faults
}

func open(tb testing.TB, k Kit) *session {
	tb.Helper()
	f := &Faults{}
	return &session{Kit: k, World: k.New(tb, f), faults: f}
}

func (s *session) writes() int {
	n := s.faults.Writes()
	if s.Writes != nil {
		n += s.Writes()
	}
	return n
}

// ensure runs Ensure in a new process, whose end is told to the faults.
func (s *session) ensure(ctx context.Context) (step.Outcome, error) {
	st, err := s.Step()
	if err != nil {
		return step.Outcome{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.faults.process(cancel)
	call := s.Call
	return st.Ensure(ctx, &call)
}

// probe runs Probe in a new process, and refuses any change that it makes.
func (s *session) probe(ctx context.Context) (step.Probe, error) {
	st, err := s.Step()
	if err != nil {
		return step.Probe{}, err
	}
	before, call := s.writes(), s.Call
	p, err := st.Probe(ctx, &call)
	if n := s.writes() - before; n != 0 {
		return p, fmt.Errorf("probe changed the world %d times", n)
	}
	if err == nil && p.Reason == "" {
		return p, errors.New("probe gave no reason")
	}
	return p, err
}

// settled tells whether the step is done: its world is right, and neither probe nor ensure finds anything to do.
func (s *session) settled(ctx context.Context) error {
	if err := s.Check(); err != nil {
		return fmt.Errorf("the world is not as it should be: %w", err)
	}
	before := s.writes()
	out, err := s.ensure(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("ensure again: %w", err)
	case out.Changed || s.writes() != before:
		return fmt.Errorf("ensure again: changed is %v, and the world changed %d times", out.Changed, s.writes()-before)
	case s.Harmless:
		return nil
	}
	if err := s.probes(ctx, step.Done); err != nil {
		return fmt.Errorf("probe after ensure: %w", err)
	}
	return nil
}

func (s *session) probes(ctx context.Context, want step.Status) error {
	p, err := s.probe(ctx)
	if err == nil && p.Status != want {
		return fmt.Errorf("it says %s, because %s", p.Status, p.Reason)
	}
	return err
}

func once(tb testing.TB, k Kit) error {
	tb.Helper()
	s, ctx := open(tb, k), tb.Context()
	if err := s.probes(ctx, cmp.Or(k.Fresh, step.Needed)); err != nil {
		return fmt.Errorf("probe of a fresh world: %w", err)
	}
	out, err := s.ensure(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("ensure: %w", err)
	case out.Changed == k.Harmless:
		return fmt.Errorf("ensure: changed is %v", out.Changed)
	case (s.writes() == 0) != k.Harmless:
		return fmt.Errorf("ensure changed the world %d times", s.writes())
	case out.Summary == "":
		return errors.New("ensure gave no summary")
	}
	return s.settled(ctx)
}
