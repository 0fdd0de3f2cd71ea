// Package stack is the step that applies one Terraform stack at a site.
//
// Promise: what is applied is exactly the plan that was judged. A plan that destroys or replaces anything waits for a person, by
// address; so does a state lock that somebody else holds. An apply that was killed is taken up again: an orphan is waited for, its
// own left-over lock is broken, a state that it could not save is pushed, and a new plan shows what is missing. Before that, keys and secrets
// of the state that are in their deletion window are taken back, and a lock digest that disagrees with its state is repaired,
// where that is no guess. Sensitive outputs stay secret. Probe makes the plan that Ensure applies, so init and plan run once.
package stack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// Secrets reads secrets at run time.
type Secrets interface {
	// Get reads the secret or parameter that ref names, at ref.Site, or at the given site when ref names none.
	Get(ctx context.Context, site *plan.Site, ref plan.SecretRef) (secret.Value, error)
}

// Deps are what stacks share.
type Deps struct {
	Tool *terraform.Tool
	// Env gives the whole environment for a program that works at a site. It verifies that the account is the site's.
	Env     func(context.Context, *plan.Site) (proc.Env, error)
	Secrets Secrets // nil: no stack has secret variables
	// Sites look at states at rest, and take back what is about to be deleted. Nil: neither is done.
	Sites Sites
	Clock clock.Clock
}

const (
	// fresh is how long a plan may wait for its apply, at a gate for instance, before the world may have moved on.
	fresh = 10 * time.Minute
	// lockWait rides out somebody's short look at the state.
	lockWait = 5 * time.Second
)

// Source is where a stack's code lies in the user's tree. Terraform.Tool.Warm takes the sources of all stacks.
func Source(cfg *step.StackConfig) terraform.Source {
	root := join(cfg.Dir, cfg.Terraform.Root)
	src := terraform.Source{Root: root, Path: filepath.Clean(cfg.Stack.Path)}
	for _, list := range [][]string{cfg.Terraform.Overlay, cfg.Stack.Overlay} {
		for _, o := range list {
			src.Overlay = append(src.Overlay, join(root, o))
		}
	}
	for _, f := range cfg.Stack.VarFiles {
		if !filepath.IsLocal(f) {
			src.Beside = append(src.Beside, filepath.Join(src.Path, f))
		}
	}
	return src
}

func join(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// New gives the Maker of stack steps.
func New(d Deps) step.Maker {
	if d.Clock == nil {
		d.Clock = clock.System{}
	}
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.StackConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: config is %T, want *step.StackConfig", spec.ID, spec.Config)
		}
		return &stack{Deps: d, cfg: cfg, src: Source(cfg)}, nil
	}
}

type stack struct {
	Deps
	cfg *step.StackConfig
	src terraform.Source

	mu    sync.Mutex
	ready *terraform.Plan // made by this process and not applied yet
	made  time.Time
	did   []string // besides applying

	adoption *adoption // of the plan that was made last; only one turn runs at a time
}

var (
	_ step.Step     = (*stack)(nil)
	_ step.Recaller = (*stack)(nil)
)

// Probe plans. An empty plan is Done.
func (s *stack) Probe(ctx context.Context, c *step.Call) (step.Probe, error) {
	t, err := s.begin(ctx, c)
	if err != nil {
		return step.Probe{}, err
	}
	defer t.end()
	if t.work.Errored() {
		return step.Probe{Status: step.Needed, Reason: "an earlier apply could not save its state"}, nil
	}
	switch why, err := t.unsettled(ctx); {
	case err != nil:
		return step.Probe{}, err
	case why != "":
		return step.Probe{Status: step.Needed, Reason: why}, nil
	}
	p, err := t.plan(ctx)
	if f, ok := errors.AsType[*terraform.RunError](err); ok && f.Lock() != nil {
		return step.Probe{Status: step.Needed, Reason: "the state is locked by " + f.Lock().Who}, nil
	}
	if err != nil {
		return step.Probe{}, t.explain(err)
	}
	if !p.Empty {
		return step.Probe{Status: step.Needed, Reason: planned(p)}, nil
	}
	out, err := t.outputs(ctx, p)
	if err != nil {
		return step.Probe{}, err
	}
	return step.Probe{Status: step.Done, Reason: "no changes: everything is as planned", Outputs: t.proven(out, nil)}, nil
}

// Ensure applies the plan, once it has been judged.
func (s *stack) Ensure(ctx context.Context, c *step.Call) (step.Outcome, error) {
	t, err := s.begin(ctx, c)
	if err != nil {
		return step.Outcome{}, err
	}
	defer t.end()
	out, err := t.apply(ctx)
	if f, ok := errors.AsType[*terraform.RunError](err); ok && f.Stale() {
		c.Tell(step.Progress{Message: "the state was changed since the plan was made; planning again"})
		s.forget()
		out, err = t.apply(ctx)
	}
	if err != nil {
		if _, waits := errors.AsType[*step.Ask](err); !waits {
			s.forget()
			t.work.DropPlan()
		}
		return step.Outcome{}, t.explain(err)
	}
	return s.telling(out), nil
}

// Recall reads the outputs from the state. Where it can, it does so without the code, and so without its providers.
func (s *stack) Recall(ctx context.Context, c *step.Call) (step.Outputs, error) {
	t, err := s.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	defer t.end()
	bare, err := t.work.LayBare(s.src, &t.backend)
	if err == nil && !bare {
		err = t.work.Lay(s.src, &t.backend)
	}
	if err == nil {
		err = t.work.Init(ctx, t.options)
	}
	if err != nil {
		return nil, t.explain(err)
	}
	return t.read(ctx)
}

func (s *stack) keep(p *terraform.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready, s.made = p, s.Clock.Now()
}

func (s *stack) forget() { s.keep(nil) }

// kept is the plan that this process made, if it is fresh.
func (s *stack) kept() *terraform.Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == nil || s.Clock.Now().Sub(s.made) > fresh {
		return nil
	}
	return s.ready
}
