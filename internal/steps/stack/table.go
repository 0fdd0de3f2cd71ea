package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/adopt"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// adoptBrought imports the tables and repositories that were brought back before the stack and that its state does not have. Nothing else is looked up: the
// state, if there was one, is there. What the plan would destroy or replace is asked for as ever.
func (t *turn) adoptBrought(ctx context.Context, p *terraform.Plan, vars []byte) (*terraform.Plan, error) {
	if p.Empty || !slices.ContainsFunc(p.Changes, func(c terraform.Change) bool { return c.Action == "create" && t.brought(c.Address) }) {
		return p, nil
	}
	if t.Sites == nil {
		return nil, fmt.Errorf("stack %q: something of it is back, and nothing here looks it up", t.cfg.Stack.Name)
	}
	detail, err := t.work.Show(ctx, t.options)
	if err != nil {
		return nil, err
	}
	detail.Resources = slices.DeleteFunc(detail.Resources, func(r terraform.Resource) bool { return !t.brought(r.Address) })
	found, err := adopt.Look(ctx, t.Sites, t.call.Site, detail)
	if err != nil {
		return nil, err
	}
	a := &adoption{found: found}
	if !a.take() {
		return p, nil
	}
	if err := t.work.Imports(a.taken); err != nil {
		return nil, err
	}
	t.call.Tell(step.Progress{Message: fmt.Sprintf("back already: %d; planning to adopt", len(a.taken))})
	return t.work.Plan(ctx, t.options, t.cfg.Stack.VarFiles, vars)
}

func (t *turn) brought(address string) bool { return slices.Contains(t.cfg.Brought, address) }

// proveBrought plans once more: what a plan still changes of what was brought back is told. One that is destroyed or replaced is an error.
func (t *turn) proveBrought(ctx context.Context) ([]terraform.Change, error) {
	t.forget()
	p, err := t.planUnlocking(ctx)
	if err != nil {
		return nil, err
	}
	t.forget()
	left := slices.DeleteFunc(slices.Clone(p.Changes), func(c terraform.Change) bool { return !t.brought(c.Address) })
	var words []string
	for _, c := range left {
		if c.Action != "update" {
			return nil, &step.Error{
				Class: step.Permanent, Site: t.call.Site.Name, What: fmt.Sprintf("stack %q: after the apply a plan would %s %s", t.cfg.Stack.Name, c.Action, c.Address),
				Why: "what was brought back is not what the code describes", Next: "compare its name, and a table's key, with the code's; `lifeboat resume` plans again",
			}
		}
		words = append(words, c.Address)
	}
	if len(left) == 0 {
		t.took("an empty plan proves the adoption of " + strings.Join(t.cfg.Brought, ", "))
	} else {
		t.took("every plan changes " + strings.Join(words, ", "))
	}
	return left, nil
}

// Adopted is the name of the output that says of each resource which was brought back, by its address, whether a plan of it is empty. No output of
// Terraform can have this name.
const Adopted = "lifeboat.adopted"

// proven adds to the outputs what the last plan still changes of what was brought back.
func (t *turn) proven(out step.Outputs, left []terraform.Change) step.Outputs {
	if len(t.cfg.Brought) == 0 {
		return out
	}
	proof := map[string]any{}
	for _, a := range t.cfg.Brought {
		proof[a] = !slices.ContainsFunc(left, func(c terraform.Change) bool { return c.Address == a })
	}
	if out == nil {
		out = step.Outputs{}
	}
	out[Adopted] = plan.Of(proof)
	return out
}
