package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

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
