package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/adopt"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// swap is a table in whose place this run put another.
type swap struct{ address, had, now string }

// swaps are those of the stack's tables.
func (t *turn) swaps() ([]swap, error) {
	var out []swap
	for _, x := range t.cfg.Swaps {
		had, err := t.text(x.Table)
		if err != nil {
			return nil, fmt.Errorf("name of table %q: %w", x.Name, err)
		}
		now, err := t.text(plan.TableName{Table: x})
		if err != nil {
			return nil, fmt.Errorf("new name of table %q: %w", x.Name, err)
		}
		if had != now {
			out = append(out, swap{x.Address, had, now})
		}
	}
	return out, nil
}

func (t *turn) text(x plan.Expr) (string, error) {
	v, err := t.call.Resolve(x)
	if err != nil {
		return "", err
	}
	s, err := v.Text()
	return s.Reveal(), err
}

// held are the swaps whose old table the state still has.
func (t *turn) held(swaps []swap, r *rest) ([]swap, error) {
	if r == nil || !r.there {
		return nil, nil
	}
	refuse := func(what, why, next string) error {
		return &step.Error{Class: step.Permanent, Site: t.call.Site.Name, What: fmt.Sprintf("stack %q: %s", t.cfg.Stack.Name, what), Why: why, Next: next}
	}
	if r.doc.Encrypted != nil {
		return nil, refuse("its state is encrypted", "What a swap changes is shown with a copy of the state, and this one cannot be read",
			"swap the table by hand (docs/data-recovery.md, Swap), or choose rewind")
	}
	var out []swap
	for _, s := range swaps {
		switch name := r.doc.table(s.address); name {
		case "", s.now:
		case s.had:
			out = append(out, s)
		default:
			return nil, refuse(fmt.Sprintf("its state has table %s at %s, not %s", name, s.address, s.had),
				"The swap would put another table aside than the one that was compared", "correct the table's name or address in the plan")
		}
	}
	return out, nil
}

// table is the name of the table at an address of the state; empty: there is none.
func (d *stateDoc) table(at string) string {
	for _, x := range d.Resources {
		for _, i := range x.Instances {
			if x.Mode != "managed" || address(x.Module, x.Type, x.Name, i.IndexKey) != at {
				continue
			}
			var a struct {
				Name string `json:"name"`
			}
			_ = json.Unmarshal(i.Attributes, &a) // another type: no table
			return a.Name
		}
	}
	return ""
}

// address is how Terraform writes where an instance is.
func address(module, kind, name string, index any) string {
	out := kind + "." + name
	if module != "" {
		out = module + "." + out
	}
	if key, err := json.Marshal(index); err == nil && index != nil {
		out += "[" + string(key) + "]"
	}
	return out
}

// without is a state without the tables that were swapped.
func without(text []byte, old []swap) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	word := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	list, _ := doc["resources"].([]any)
	for _, x := range list {
		r, _ := x.(map[string]any)
		instances, _ := r["instances"].([]any)
		if instances == nil || word(r, "mode") != "managed" {
			continue
		}
		r["instances"] = slices.DeleteFunc(instances, func(i any) bool {
			m, _ := i.(map[string]any)
			at := address(word(r, "module"), word(r, "type"), word(r, "name"), m["index_key"])
			return slices.ContainsFunc(old, func(s swap) bool { return s.address == at })
		})
	}
	doc["resources"] = slices.DeleteFunc(list, func(x any) bool {
		r, _ := x.(map[string]any)
		instances, ok := r["instances"].([]any)
		return ok && len(instances) == 0
	})
	return json.Marshal(doc)
}

// lay makes the working copy. While the state has tables that were swapped, the copy works on a state without them, in a file of its own: its plan
// shows what the swap would change, and nothing is changed yet.
func (t *turn) lay(ctx context.Context) (*adoption, error) {
	a := &adoption{}
	var err error
	if a.swaps, err = t.swaps(); err != nil {
		return nil, err
	}
	if len(a.swaps) == 0 {
		return a, t.work.Lay(t.src, &t.backend)
	}
	r, err := t.rest(ctx)
	if err != nil {
		return nil, err
	}
	if a.old, err = t.held(a.swaps, r); err != nil {
		return nil, err
	}
	if len(a.old) == 0 {
		return a, t.work.Lay(t.src, &t.backend)
	}
	text, err := without(r.text, a.old)
	if err != nil {
		return nil, fmt.Errorf("state %s: %w", r, err)
	}
	return a, t.work.LayBeside(t.src, text, t.backend.Workspace)
}

// check refuses a plan that would not end with the swapped tables at their addresses.
func (a *adoption) check(stack, site string) error {
	for _, s := range a.swaps {
		i := slices.IndexFunc(a.detail.Resources, func(r terraform.Resource) bool { return r.Address == s.address })
		e := &step.Error{Class: step.Permanent, Site: site, Next: "give the stack the variable with table.NAME.name, and use it as the table's name in the code; no table was touched"}
		switch {
		case i < 0:
			e.What, e.Next = fmt.Sprintf("stack %q has nothing at %s, where table %s should be adopted", stack, s.address, s.now), "correct the table's address in the plan; no table was touched"
		case a.detail.Resources[i].After["name"] != s.now:
			e.What = fmt.Sprintf("stack %q: the code gives the table at %s the name %v, not %s", stack, s.address, a.detail.Resources[i].After["name"], s.now)
		case a.detail.Resources[i].Action == "create":
			e.What, e.Next = fmt.Sprintf("stack %q: table %s cannot be adopted at %s", stack, s.now, s.address), "apply the code that the table's data was written with; no table was touched"
			if f := slices.IndexFunc(a.found, func(f adopt.Finding) bool { return f.Address == s.address }); f >= 0 {
				e.What += ": " + a.found[f].Why
			}
		default:
			continue
		}
		return e
	}
	return nil
}

// letGo has the state forget the tables that were swapped. Nothing happens to the tables.
func (t *turn) letGo(ctx context.Context) error {
	t.forget()
	var addresses []string
	for _, s := range t.adoption.old {
		addresses = append(addresses, s.address)
	}
	err := t.work.Lay(t.src, &t.backend)
	if err == nil {
		err = t.work.Init(ctx, t.options)
	}
	if err == nil {
		t.call.Tell(step.Progress{Message: "the state forgets what was swapped"})
		err = t.unlocking(ctx, func() error { return t.work.Disown(ctx, t.options, addresses) })
	}
	if err != nil {
		return err
	}
	for _, s := range t.adoption.old {
		t.took(fmt.Sprintf("table %s forgotten and left as it is", s.had))
	}
	return nil
}
