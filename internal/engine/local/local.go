// Package local is the runtime that performs a run in this process: goroutines for the steps, a journal.Log for the truth.
//
// Promise: what a step does is durable in the journal before (StepStarted) and after it happens, whatever ends the process. One goroutine owns
// the engine; it takes in everything that is waiting, writes the events of all of it with one Append, and then starts what they allow.
// A probe changes nothing, so it does not wait for that. A panic in a step fails the step. Secrets that steps gave or resolved are taken out
// of every text before it is written.
package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Config is everything that a run needs. Log, Steps, Makers and Clock are required.
type Config struct {
	Log      journal.Log // holds RunStarted at least
	Steps    []step.Spec // the procedure, with each step's Config; the journal has the rest
	Makers   step.Makers
	Sites    map[string]*plan.Site
	Limits   engine.Limits
	Clock    clock.Clock
	Operator journal.Operator // this process

	// Wait keeps the run going while only people are waited for, so that Inbox can bring their answers.
	Wait bool
	// Inbox brings what other processes say. Nil: nobody does.
	Inbox Inbox
	// Answer answers a question at once, for drills; false leaves it to people. It is asked once for each question of a step.
	Answer func(journal.GateOpened) (step.Answer, bool)
	// Stop tells to stop: first Drain, then Halt, as the caller likes. Nil: never.
	Stop <-chan journal.StopMode
	// Observe sees every entry that this process writes, once it is durable, in order. It must not block. Nil: nobody looks.
	Observe func(journal.Entry)
	// Dir gives the private folder of a step, which then exists. It is called from several goroutines. Nil: steps have none.
	Dir func(stepID string) (string, error)
}

// Inbox brings messages of other processes to a run that this process works on.
type Inbox interface {
	// Take gives the messages that wait, and how to remove them once they are in the journal.
	Take() (messages []journal.Event, remove func() error, err error)
}

// What Run refuses.
var (
	ErrOver   = errors.New("the run is over: it cannot be resumed")
	ErrEmpty  = errors.New("the journal is empty: a run starts with run_started")
	ErrOther  = errors.New("the procedure is not the one in the journal")
	ErrNoKind = errors.New("no maker for the kind of step")
)

// Run performs a run from where its journal ends, until the engine says Finish. It returns what the journal then says. An error
// means that the run could not be begun, or that the journal took no more; then everything was cancelled. When ctx ends,
// the run is halted: it can be resumed.
func Run(ctx context.Context, c Config) (*journal.State, error) {
	r, err := prepare(ctx, c)
	if err != nil {
		return nil, err
	}
	if r.state.Over() && r.state.Result != "" {
		return r.state, ErrOver
	}
	defer r.wait()
	defer r.cancel()
	if r.state.Touched() || r.state.Operators[0] != c.Operator {
		r.take(r.resumed()...)
	} else {
		r.do(r.eng.Pending())
	}
	if c.Inbox != nil {
		r.after(0, r.poll)
	}
	return r.state, r.loop(ctx)
}

// prepare reads the journal and builds the steps. It changes nothing.
func prepare(ctx context.Context, c Config) (*run, error) {
	if err := engine.Check(c.Steps); err != nil {
		return nil, err
	}
	r := newRun(ctx, c)
	for e, err := range c.Log.Read(ctx) {
		if err != nil {
			r.cancel()
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		r.state.Apply(e)
		r.eng.Apply(e.Time, e.Event)
	}
	if err := r.bind(); err != nil {
		r.cancel()
		return nil, err
	}
	return r, nil
}

// resumed is how this process goes on: with answers to the questions that are open.
func (r *run) resumed() []journal.Event {
	events := []journal.Event{journal.RunResumed{Operator: r.Operator}}
	for _, t := range r.state.Steps {
		if g := t.Gate; g != nil && !g.Again {
			events = append(events, r.answer(journal.GateOpened{Step: g.Step, Key: g.Key, Prompt: g.Prompt, Detail: g.Detail, Who: g.Who})...)
		}
	}
	return events
}

// bind joins the steps of the journal with the work of this program.
func (r *run) bind() error {
	if r.state.Began.IsZero() {
		return ErrEmpty
	}
	specs := make(map[string]step.Spec, len(r.Steps))
	for _, s := range r.Steps {
		specs[s.ID] = s
	}
	var errs []error
	for _, t := range r.state.Steps {
		s, ok := specs[t.Spec.ID]
		if !ok || s.Kind != t.Spec.Kind || !slices.Equal(s.Needs, t.Spec.Needs) {
			errs = append(errs, fmt.Errorf("%w: %s is missing or different", ErrOther, t.Spec.ID))
			continue
		}
		mk := r.Makers[s.Kind]
		if mk == nil {
			errs = append(errs, fmt.Errorf("step %s: %w %q", s.ID, ErrNoKind, s.Kind))
			continue
		}
		work, err := mk(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("step %s: %w", s.ID, err))
			continue
		}
		r.bound[s.ID] = &bound{spec: s, work: work}
		if t.Done() {
			r.values.recorded(t.Spec.ID, t.Outputs)
		}
	}
	if len(r.state.Steps) != len(r.Steps) {
		errs = append(errs, fmt.Errorf("%w: it has %d steps, the journal %d", ErrOther, len(r.Steps), len(r.state.Steps)))
	}
	return errors.Join(errs...)
}

const (
	// pollEvery is how often the inbox is looked at. A person does not notice it; a folder is read in microseconds.
	pollEvery = 250 * time.Millisecond
	// progressEvery is how often the progress of the steps is written.
	progressEvery = 300 * time.Millisecond
	// grace is how long a step may take to end after its context. The contract says a second; a terraform process that is
	// interrupted puts its state away first.
	grace = 30 * time.Second
)
