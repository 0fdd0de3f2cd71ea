package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// values are what the plan gives a stack, resolved.
type values struct {
	stack   string
	shared  map[string]plan.Expr // for stacks that declare them; resolved when it is known which
	resolve func(plan.Expr) (plan.Value, error)
	own     map[string]any // named by the stack's block, so it must declare them
	env     proc.Env
	secrets []string
}

func (s *stack) resolve(ctx context.Context, c *step.Call) (values, error) {
	v := values{stack: s.cfg.Stack.Name, shared: s.cfg.Terraform.Variables, resolve: c.Resolve, own: map[string]any{}, env: proc.Env{}}
	for name, e := range s.cfg.Stack.Variables {
		x, err := c.Resolve(e)
		if err != nil {
			return v, fmt.Errorf("variable %q of stack %q: %w", name, v.stack, err)
		}
		v.own[name] = x.Reveal()
		v.hide(x)
	}
	for name, e := range s.cfg.Stack.Env {
		x, err := c.Resolve(e)
		if err != nil {
			return v, fmt.Errorf("environment %q of stack %q: %w", name, v.stack, err)
		}
		text, err := x.Text()
		if err != nil {
			return v, fmt.Errorf("environment %q of stack %q: %w", name, v.stack, err)
		}
		v.env[name] = text.Reveal()
		v.hide(x)
	}
	for name, ref := range s.cfg.Stack.Secrets {
		if s.Secrets == nil {
			return v, fmt.Errorf("secret variable %q of stack %q: nothing here reads secrets", name, v.stack)
		}
		x, err := s.Secrets.Get(ctx, c.Site, ref)
		if err != nil {
			return v, fmt.Errorf("secret variable %q of stack %q: %w", name, v.stack, err)
		}
		v.own[name] = x.Reveal()
		v.env["TF_VAR_"+name] = x.Reveal() // apply asks for ephemeral variables again
		v.hide(plan.OfSecret(x.Reveal()))
	}
	return v, nil
}

// hide remembers a secret's text, so that it is taken out of what terraform says. Very short ones would tear words apart.
func (v *values) hide(x plan.Value) {
	if s, ok := x.Reveal().(string); ok && x.IsSecret() && len(s) >= 4 {
		v.secrets = append(v.secrets, s)
	}
}

// text is what the plan command reads: the stack's own variables, and those shared ones that its code declares.
func (v *values) text(w *terraform.Work) ([]byte, error) {
	all := map[string]any{}
	names := slices.Collect(maps.Keys(v.shared))
	undeclared := w.Undeclared(names)
	for _, name := range names {
		if slices.Contains(undeclared, name) {
			continue
		}
		x, err := v.resolve(v.shared[name])
		if err != nil {
			return nil, fmt.Errorf("variable %q of all stacks: %w", name, err)
		}
		all[name] = x.Reveal()
		v.hide(x)
	}
	maps.Copy(all, v.own)
	return terraform.VarFile(all)
}

// misspelt refuses a plan that left out a variable which the stack's block names. Terraform only warns.
func (v *values) misspelt(p *terraform.Plan) error {
	for _, x := range p.Ignored {
		for name := range v.own {
			if strings.Contains(x.Detail, fmt.Sprintf("%q", name)) {
				return &step.Error{
					Class: step.Permanent, What: fmt.Sprintf("stack %q has no variable %q", v.stack, name),
					Why: "its value would silently not be used", Next: "declare it in the stack's code, or take it out of the stack block",
				}
			}
		}
	}
	return nil
}
