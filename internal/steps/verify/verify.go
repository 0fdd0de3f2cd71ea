// Package verify is the step that proves that the application works: the recovery clock stops here.
//
// Promise: it succeeds only on what it saw itself in this run: the answer of a URL, the state of an AWS resource, the exit code of a command. It asks
// again, more and more slowly, until the proof holds or the step's time is over, and then says what the last answer was. What
// trying again cannot change, such as a missing permission, ends it at once. It changes nothing.
package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The delays between two questions, doubled from the first to the last.
const (
	firstDelay = 250 * time.Millisecond
	lastDelay  = 5 * time.Second
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// New makes the kind. A Spec's Config is a *step.VerifyConfig. Web carries the http proofs; nil is http.DefaultTransport.
func New(sites Sites, run argv.Runner, web http.RoundTripper) step.Maker {
	if web == nil {
		web = http.DefaultTransport
	}
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.VerifyConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: verify needs a *step.VerifyConfig, not %T", spec.ID, spec.Config)
		}
		return &verify{cfg: cfg, timeout: spec.Timeout, sites: sites, run: run, web: web}, nil
	}
}

type verify struct {
	cfg     *step.VerifyConfig
	timeout time.Duration
	sites   Sites
	run     argv.Runner
	web     http.RoundTripper
}

var _ step.Step = (*verify)(nil)

// Probe is always Needed: a proof is made anew in every run.
func (*verify) Probe(context.Context, *step.Call) (step.Probe, error) {
	return step.Probe{Status: step.Needed, Reason: "a proof is made anew in every run"}, nil
}

// proof asks once. It gives what it saw; a *notYetError may change by itself.
type proof func(context.Context) (seen string, err error)

// notYetError says what the answer was instead.
type notYetError struct{ seen string }

func (e *notYetError) Error() string { return e.seen }

// Ensure asks until the proof holds.
func (s *verify) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	ask, what, err := s.proof(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	bounded := ctx
	if s.timeout > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	var last error
	for delay := firstDelay; ; delay = min(2*delay, lastDelay) {
		seen, err := ask(bounded)
		if err == nil {
			return step.Outcome{Summary: seen}, nil
		}
		if bounded.Err() == nil {
			last = err
			if final(err) {
				return step.Outcome{}, err
			}
			call.Tell(step.Progress{Message: "not yet: " + err.Error()})
			_ = clock.Sleep(bounded, delay) // its error is bounded's, read below
		}
		if bounded.Err() != nil {
			return step.Outcome{}, ended(ctx, call, what, last)
		}
	}
}

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
