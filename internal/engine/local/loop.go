package local

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// run is the loop's own data. Only inputs, values, secrets, progress and group are touched by other goroutines.
type run struct {
	Config

	eng   *engine.Engine
	state *journal.State // what is durable
	bound map[string]*bound

	batch  []journal.Event        // applied, not yet written
	starts []engine.Start         // due once the batch is durable
	flying map[string]func(error) // cancels a step that is asked or works
	asked  map[[2]string]bool     // questions that Answer has seen
	asking int                    // probes under way
	ended  bool

	inputs   chan func()
	base     context.Context //nolint:containedctx // the life of this run's goroutines, ended by cancel
	cancel   context.CancelFunc
	group    sync.WaitGroup
	values   *values
	secrets  *scrubber
	progress *progress
}

// bound is a step with its work.
type bound struct {
	spec step.Spec
	work step.Step
}

func newRun(ctx context.Context, c Config) *run {
	r := &run{
		Config: c, eng: engine.New(engine.Options{Limits: c.Limits, Wait: c.Wait}), state: &journal.State{},
		bound: make(map[string]*bound, len(c.Steps)), flying: map[string]func(error){}, asked: map[[2]string]bool{},
		inputs: make(chan func(), 256), secrets: &scrubber{}, progress: newProgress(),
	}
	// The steps outlive ctx: they are told to stop, and what they answer is written.
	r.base, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.values = newValues(r)
	return r
}

// loop takes inputs until the run is finished for this process.
func (r *run) loop(ctx context.Context) error {
	over := ctx.Done()
	for {
		if err := r.flush(); err != nil {
			return err
		}
		if r.ended {
			return nil
		}
		select {
		case f := <-r.inputs:
			f()
		case mode := <-r.Stop:
			r.stop(mode)
		case <-over:
			over = nil
			r.stop(journal.Halt)
		}
		r.gather()
	}
}

// gather takes everything that is waiting, so that it shares one Append. A probe that answers at once is worth the blink that it takes: its
// step's start is then written together with the end of the step before.
func (r *run) gather() {
	for patience := 10; patience > 0; {
		select {
		case f := <-r.inputs:
			f()
		default:
			if r.asking == 0 {
				return
			}
			patience--
			runtime.Gosched()
		}
	}
}

func (r *run) stop(mode journal.StopMode) {
	if mode != "" { // a closed channel says nothing
		r.take(journal.StopRequested{Mode: mode, By: r.Operator.User})
		return
	}
	r.Stop = nil
}

// take applies events, all before anything that follows from them, and then that.
func (r *run) take(events ...journal.Event) {
	for len(events) > 0 {
		var all []journal.Event
		for _, ev := range events {
			all = append(all, r.secrets.clean(ev))
			if opened, ok := ev.(journal.GateOpened); ok {
				all = append(all, r.answer(opened)...)
			}
		}
		r.batch = append(r.batch, all...)
		commands := r.eng.Apply(r.Clock.Now(), all...)
		for _, ev := range all {
			r.values.heard(ev)
		}
		events = r.perform(commands)
	}
}

// do performs commands that no event gave.
func (r *run) do(commands []engine.Command) { r.take(r.perform(commands)...) }

// perform does what can be done at once, and gives the events that the commands write.
func (r *run) perform(commands []engine.Command) []journal.Event {
	var events []journal.Event
	for _, c := range commands {
		if ev := engine.Event(c); ev != nil {
			events = append(events, ev)
		}
		switch c := c.(type) {
		case engine.Probe:
			r.probe(c.Step)
		case engine.Start:
			r.starts = append(r.starts, c)
		case engine.WakeAt:
			r.after(c.At.Sub(r.Clock.Now()), func() { r.do(r.eng.Wake(r.Clock.Now())) })
		case engine.Cancel:
			if cancel := r.flying[c.Step]; cancel != nil {
				cancel(errStopped)
			}
		case engine.Finish:
			r.ended = true
		case engine.Record:
		}
	}
	return events
}

// flush makes the batch durable, shows it, and starts what waited for that.
func (r *run) flush() error {
	if len(r.batch) == 0 {
		return nil
	}
	entries, err := r.Log.Append(r.base, r.batch...)
	if err != nil {
		for _, cancel := range r.flying {
			cancel(errStopped)
		}
		return fmt.Errorf("the run was stopped, because its journal takes no more: %w", err)
	}
	r.batch = r.batch[:0]
	for _, e := range entries {
		r.state.Apply(e)
		if r.Observe != nil {
			r.Observe(e)
		}
	}
	starts := r.starts
	r.starts = nil
	for _, s := range starts {
		r.ensure(s.Step)
		if stop := r.eng.Snapshot().Stop; stop != nil && stop.Mode != journal.Drain {
			r.flying[s.Step](errStopped) // the Cancel came before there was anything to cancel
		}
	}
	return nil
}

// answer lets Answer answer a question, once.
func (r *run) answer(g journal.GateOpened) []journal.Event {
	key := [2]string{g.Step, g.Key}
	if r.Answer == nil || r.asked[key] {
		return nil
	}
	r.asked[key] = true
	a, ok := r.Answer(g)
	if !ok {
		return nil
	}
	return []journal.Event{journal.GateDecided{Step: g.Step, Key: g.Key, Decision: a.Decision, By: a.By, Note: a.Note}}
}

// poll takes in what other processes say, as far as it means anything, and comes back.
func (r *run) poll() {
	defer r.after(pollEvery, r.poll)
	messages, remove, err := r.Inbox.Take()
	if err != nil || len(messages) == 0 {
		return // a folder that cannot be read now is looked at again
	}
	for _, ev := range messages {
		if r.eng.Snapshot().Accepts(ev) {
			r.take(ev)
		}
	}
	if err := r.flush(); err == nil {
		_ = remove() // a message that stays is not accepted twice
	}
}

// input hands f to the loop.
func (r *run) input(f func()) {
	select {
	case r.inputs <- f:
	case <-r.base.Done():
	}
}

// after hands f to the loop later.
func (r *run) after(d time.Duration, f func()) {
	r.group.Go(func() {
		if clock.Sleep(r.base, d) == nil {
			r.input(f)
		}
	})
}

var errStopped = errors.New("stopped on request")

// wait ends when all goroutines did, but for steps that ignore their context.
func (r *run) wait() { r.group.Wait() }
