package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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

// state is where the stack's state lives at the site.
func (s *stack) state(c *step.Call) (terraform.Backend, error) {
	st := s.cfg.Terraform.State
	b := terraform.Backend{Type: "s3", Workspace: s.cfg.Stack.Workspace, Settings: map[string]any{"region": c.Site.Region, "encrypt": true}}
	key := st.Key
	if s.cfg.Stack.BackendKey != nil {
		key = s.cfg.Stack.BackendKey
	}
	for name, e := range map[string]plan.Expr{"bucket": st.Bucket, "key": key, "dynamodb_table": st.LockTable, "kms_key_id": st.KMSKey} {
		if e == nil {
			continue
		}
		x, err := c.Resolve(e)
		if err != nil {
			return b, fmt.Errorf("state of stack %q: %s: %w", s.cfg.Stack.Name, name, err)
		}
		text, err := x.Text()
		if err != nil {
			return b, fmt.Errorf("state of stack %q: %s: %w", s.cfg.Stack.Name, name, err)
		}
		b.Settings[name] = text.Reveal()
	}
	if st.Lockfile {
		b.Settings["use_lockfile"] = true
	}
	return b, nil
}

// outputs are those of a stack that has nothing to change.
func (t *turn) outputs(ctx context.Context, p *terraform.Plan) (step.Outputs, error) {
	t.forget()
	if !p.Outputs {
		return step.Outputs{}, t.work.Clean()
	}
	return t.read(ctx)
}

// applied are the outputs after an apply. The stream has them all, unless some are sensitive.
func (t *turn) applied(ctx context.Context, a *terraform.Applied) (step.Outputs, error) {
	for _, o := range a.Outputs {
		if o.Sensitive {
			return t.read(ctx)
		}
	}
	out, err := t.values.outputs(a.Outputs)
	return out, errors.Join(err, t.work.Clean())
}

// read reads the outputs from the state, and removes the working copy.
func (t *turn) read(ctx context.Context) (step.Outputs, error) {
	found, err := t.work.Outputs(ctx, t.options)
	if err != nil {
		return nil, t.explain(err)
	}
	out, err := t.values.outputs(found)
	return out, errors.Join(err, t.work.Clean())
}

// outputs makes values of them. One that carries a secret variable's text is secret too, whatever the code says.
func (v *values) outputs(found map[string]terraform.Output) (step.Outputs, error) {
	out := step.Outputs{}
	for name, o := range found {
		d := json.NewDecoder(bytes.NewReader(o.Value))
		d.UseNumber()
		var x any
		if err := d.Decode(&x); err != nil {
			return nil, fmt.Errorf("output %q of stack %q: %w", name, v.stack, err)
		}
		carries := slices.ContainsFunc(v.secrets, func(s string) bool { return contains(x, s) })
		if o.Sensitive || carries {
			out[name] = plan.OfSecret(x)
		} else {
			out[name] = plan.Of(x)
		}
	}
	return out, nil
}

// contains tells whether a text stands anywhere in a JSON-like value.
func contains(v any, text string) bool {
	switch x := v.(type) {
	case string:
		return strings.Contains(x, text)
	case []any:
		return slices.ContainsFunc(x, func(e any) bool { return contains(e, text) })
	case map[string]any:
		for _, e := range x {
			if contains(e, text) {
				return true
			}
		}
	}
	return false
}
