package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// proof asks once. It gives what it saw; a *notYetError may change by itself.
type proof func(context.Context) (seen string, err error)

// notYetError says what the answer was instead.
type notYetError struct{ seen string }

func (e *notYetError) Error() string { return e.seen }

// final tells whether asking again gives the same.
func final(err error) bool {
	var not *notYetError
	return !errors.As(err, &not) && step.ClassOf(err) == step.Permanent
}

// ended is the error when the time is over, or when we were told to stop.
func ended(ctx context.Context, call *step.Call, what string, last error) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", what, err)
	}
	e := &step.Error{Class: step.Timeout, What: what, Err: last, Next: "Look at what it is about, then run `lifeboat resume`; a longer `timeout` in the plan waits longer"}
	if call.Site != nil {
		e.Site = call.Site.Name
	}
	if last == nil {
		e.Err = errors.New("there was no answer at all")
	}
	return e
}

// proof chooses what is asked, and says in one line what it means when it does not hold.
func (s *verify) proof(ctx context.Context, call *step.Call) (ask proof, what string, err error) {
	v := s.cfg.Verify
	switch {
	case v.HTTP != nil:
		return s.http(call, v.HTTP)
	case v.Resource != nil:
		return s.resource(ctx, call, v.Resource)
	default:
		line := argv.Line{Argv: v.Argv, Env: v.Env, Dir: s.cfg.Dir}
		return func(ctx context.Context) (string, error) { return s.command(ctx, call, line) }, "the command does not prove it", nil
	}
}

func (s *verify) command(ctx context.Context, call *step.Call, line argv.Line) (string, error) {
	err := s.run.Run(ctx, call, line)
	if _, ok := errors.AsType[*proc.Exit](err); ok {
		return "", &notYetError{seen: err.Error()}
	}
	return "the command ended well", err
}

// text resolves an expression to a string, and tells whether it is secret.
func text(call *step.Call, e plan.Expr) (content string, hidden bool, err error) {
	v, err := call.Resolve(e)
	if err != nil {
		return "", false, err
	}
	t, err := v.Text()
	if err != nil {
		return "", false, fmt.Errorf("value at %s: %w", e.Range(), err)
	}
	return t.Reveal(), v.IsSecret(), nil
}
