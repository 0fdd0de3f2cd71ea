package stack

import (
	"context"
	"errors"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// turn is one call of the step: it holds the stack's folder from begin to end.
type turn struct {
	*stack
	call    *step.Call
	work    *terraform.Work
	backend terraform.Backend
	values  values
	options terraform.Options
}

func (s *stack) begin(ctx context.Context, c *step.Call) (*turn, error) {
	t := &turn{stack: s, call: c}
	var err error
	if t.backend, err = s.state(c); err != nil {
		return nil, err
	}
	if t.values, err = s.resolve(ctx, c); err != nil {
		return nil, err
	}
	t.work, err = s.Tool.Hold(ctx, c.Dir, func() {
		c.Tell(step.Progress{Message: "an earlier command of this step is still running; waiting for it to end"})
	})
	if err != nil {
		return nil, &step.Error{
			Class: step.ClassOf(err), What: "stack " + s.cfg.Stack.Name + " could not be started", Site: c.Site.Name, Err: err,
			Next: "`lifeboat resume` goes on",
		}
	}
	site, err := s.Env(ctx, c.Site)
	if err != nil {
		t.end()
		return nil, err
	}
	show := &progress{call: c}
	t.options = terraform.Options{
		Env: s.Tool.Environ(site, t.values.env), Parallel: s.cfg.Terraform.Parallel, Secrets: t.values.secrets, Wait: lockWait, On: show.event,
	}
	if t.work.Cut() {
		t.options.Wait = 0 // a lock is most likely our own
	}
	return t, nil
}

func (t *turn) end() { t.work.Close() }

// explain turns a failed command into advice. Other errors say enough themselves.
func (t *turn) explain(err error) error {
	if f, ok := errors.AsType[*terraform.RunError](err); ok {
		return f.Explain(fmt.Sprintf("stack %q", t.cfg.Stack.Name), t.call.Site.Name)
	}
	return err
}

// plan gives the plan that this process has made, or makes one: working copy, init, plan.
func (t *turn) plan(ctx context.Context) (*terraform.Plan, error) {
	if p := t.kept(); p != nil && !t.work.Cut() {
		t.work.Again(t.src)
		return p, nil
	}
	a, err := t.lay(ctx)
	if err != nil {
		return nil, err
	}
	t.adoption = a
	t.call.Tell(step.Progress{Message: "init"})
	if err := t.work.Init(ctx, t.options); err != nil {
		return nil, err
	}
	vars, err := t.values.text(t.work)
	if err != nil {
		return nil, err
	}
	t.call.Tell(step.Progress{Message: "planning"})
	p, err := t.work.Plan(ctx, t.options, t.cfg.Stack.VarFiles, vars)
	if err == nil {
		err = t.values.misspelt(p)
	}
	switch {
	case err != nil:
	case t.cfg.Adopt:
		p, err = t.adopt(ctx, p, vars)
	case len(t.cfg.Brought) > 0:
		p, err = t.adoptBrought(ctx, p, vars)
	}
	if err != nil {
		t.work.DropPlan()
		return nil, err
	}
	t.call.Tell(step.Progress{Message: "planned: " + planned(p)})
	t.keep(p)
	return p, nil
}

// planUnlocking is plan, for one who may break a lock.
func (t *turn) planUnlocking(ctx context.Context) (p *terraform.Plan, err error) {
	err = t.unlocking(ctx, func() (err error) {
		p, err = t.plan(ctx)
		return err
	})
	return p, err
}

// apply plans, judges and applies.
func (t *turn) apply(ctx context.Context) (step.Outcome, error) {
	if t.kept() == nil {
		if err := t.settle(ctx); err != nil {
			return step.Outcome{}, err
		}
	}
	if t.work.Errored() {
		t.call.Tell(step.Progress{Message: "saving the state that an earlier apply could not save"})
		if err := t.unlocking(ctx, func() error { return t.work.PushErrored(ctx, t.options) }); err != nil {
			return step.Outcome{}, err
		}
	}
	p, err := t.planUnlocking(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	if t.cfg.Adopt {
		if p, err = t.consent(ctx, p); err != nil {
			return step.Outcome{}, err
		}
	}
	if p.Empty {
		out, err := t.outputs(ctx, p)
		return step.Outcome{Summary: "no changes: everything is as planned", Outputs: t.proven(out, nil)}, err
	}
	if err := t.judge(p); err != nil {
		return step.Outcome{}, err
	}
	t.options.On = (&progress{call: t.call, total: p.Counts.Total()}).event
	var done *terraform.Applied
	err = t.unlocking(ctx, func() (err error) {
		done, err = t.work.Apply(ctx, t.options)
		return err
	})
	if err != nil {
		return step.Outcome{}, err
	}
	t.forget()
	var left []terraform.Change
	switch {
	case t.cfg.Adopt:
		left, err = t.prove(ctx)
	case len(t.cfg.Brought) > 0:
		left, err = t.proveBrought(ctx)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	out, err := t.applied(ctx, done)
	return step.Outcome{Changed: true, Summary: done.Counts.String(), Outputs: t.proven(out, left)}, err
}
