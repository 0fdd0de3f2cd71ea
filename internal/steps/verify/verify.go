// Package verify is the step that proves that the application works: the recovery clock stops here.
//
// Promise: it succeeds only on what it saw itself in this run: the answer of a URL, the state of an AWS resource, the exit code of a command. It asks
// again, more and more slowly, until the proof holds or the step's time is over, and then says what the last answer was. What
// trying again cannot change, such as a missing permission, ends it at once. It changes nothing.
package verify

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
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
