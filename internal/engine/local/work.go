package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// said is a step's answer to a probe or an attempt.
type said struct {
	probe   step.Probe
	outcome step.Outcome
	err     error
}

func (r *run) probe(id string) {
	work := r.bound[id].work
	r.asking++
	r.launch(id, func(ctx context.Context, c *step.Call) (s said) {
		s.probe, s.err = work.Probe(ctx, c)
		return s
	}, func(s said) []journal.Event {
		r.asking--
		if s.err == nil && s.probe.Status == step.Done {
			r.values.made(id, s.probe.Outputs)
		}
		return r.eng.Probed(id, s.probe, s.err, r.Clock.Now())
	})
}

func (r *run) ensure(id string) {
	work := r.bound[id].work
	r.launch(id, func(ctx context.Context, c *step.Call) (s said) {
		s.outcome, s.err = work.Ensure(ctx, c)
		return s
	}, func(s said) []journal.Event {
		if s.err == nil {
			r.values.made(id, s.outcome.Outputs)
		}
		return r.eng.Ensured(id, s.outcome, s.err, r.Clock.Now())
	})
}

// unlimited is the time limit of a step without one.
const unlimited = 10 * 365 * 24 * time.Hour

// launch lets a step work in a goroutine of its own, and hands what it said to decide, in the loop.
//
//nolint:contextcheck,nolintlint // (contextcheck reads this itself) steps live as long as the run: the end of the caller's context is a Halt, which the engine turns into Cancel
func (r *run) launch(id string, work func(context.Context, *step.Call) said, decide func(said) []journal.Event) {
	b := r.bound[id]
	stoppable, stop := context.WithCancelCause(r.base)
	ctx, end := context.WithTimeoutCause(stoppable, cmp.Or(b.spec.Timeout, unlimited), errTimeout)
	call := r.call(ctx, b)
	r.flying[id] = stop
	done := make(chan said, 1)
	go func() { done <- r.guard(ctx, call, work) }()
	r.group.Go(func() {
		defer stop(nil)
		defer end()
		s := await(ctx, b, done)
		r.input(func() {
			delete(r.flying, id)
			r.take(r.progress.last(id)...)
			r.take(decide(s)...)
		})
	})
}

// await waits for the end of a step, and for a while longer after it was told to stop.
func await(ctx context.Context, b *bound, done <-chan said) said {
	select {
	case s := <-done:
		return because(ctx, b, s)
	case <-ctx.Done():
	}
	late, end := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer end()
	select {
	case s := <-done:
		return because(ctx, b, s)
	case <-late.Done():
		return said{err: &step.Error{
			Class: step.Cancelled, What: fmt.Sprintf("%s did not stop within %v of being told to (%v)", b.spec.ID, grace, context.Cause(ctx)), Site: b.spec.Site,
			Why: "it may still be at work", Next: "end this process, see that nothing works on it any more, and resume the run: the step will be probed",
		}}
	}
}

var errTimeout = errors.New("the step's time limit has passed")

// because says why a step failed whose context had ended.
func because(ctx context.Context, b *bound, s said) said {
	if s.err == nil || ctx.Err() == nil || errors.As(s.err, new(*step.Ask)) {
		return s
	}
	e := &step.Error{Class: step.Cancelled, What: b.spec.ID + " was stopped on request", Site: b.spec.Site, Err: s.err, Next: "resume the run: the step will be probed"}
	if errors.Is(context.Cause(ctx), errTimeout) {
		e.Class, e.What = step.Timeout, fmt.Sprintf("%s was not done within %v", b.spec.ID, b.spec.Timeout)
		e.Next = "if it needs longer, give it a longer timeout in the plan"
	}
	return said{err: e}
}

// guard calls a step, and turns a panic into an error.
func (r *run) guard(ctx context.Context, call *step.Call, work func(context.Context, *step.Call) said) (s said) {
	defer func() {
		if v := recover(); v != nil {
			s = said{err: &step.Error{
				Class: step.Permanent, What: fmt.Sprintf("%s panicked: %v", call.Step, v), Err: errors.New(printable(debug.Stack())),
				Why: "this is a defect of lifeboat", Next: "report it; resume the run to try again",
			}}
		}
	}()
	if r.Dir != nil {
		var err error
		if call.Dir, err = r.Dir(call.Step); err != nil {
			return said{err: &step.Error{
				Class: step.Permanent, What: "the folder of " + call.Step + " cannot be made", Err: err,
				Next: "see that the folder of the runs can be written and has space, then resume the run",
			}}
		}
	}
	return work(ctx, call)
}

// printable is a stack trace, bounded, without control characters.
func printable(stack []byte) string {
	const most = 4 << 10
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' || c == 0x7f {
			return ' '
		}
		return c
	}, string(stack[:min(len(stack), most)]))
}

// call is what a step is given. It is made by the loop, which owns the engine.
func (r *run) call(ctx context.Context, b *bound) *step.Call {
	id, t := b.spec.ID, r.eng.Snapshot().Step(b.spec.ID)
	var disaster time.Time
	if s := r.eng.Snapshot(); s.Struck() {
		disaster = s.DisasterThere()
	}
	return &step.Call{
		Disaster: disaster, Run: r.state.Facts.Run, Step: id, Attempt: max(1, t.Attempts), Site: r.Sites[b.spec.Site], Answers: maps.Clone(t.Answers),
		Resolve: func(x plan.Expr) (plan.Value, error) { return r.values.resolve(ctx, b, x) },
		Report:  func(p step.Progress) { r.report(id, p) },
	}
}
