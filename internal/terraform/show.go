package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
)

// maxShown bounds a plan as JSON. A stack of 1,000 resources has about 10 MB, its configuration included.
const maxShown = 256 << 20

// Detail is what a saved plan would do, value by value. It holds secrets: nothing of it but addresses and names of attributes may be shown.
type Detail struct {
	Resources []Resource // managed ones, those without a change too

	providers map[string]providerCode
	variables map[string]struct {
		Value any `json:"value"`
	}
	root moduleCode
}

// Resource is one planned resource.
type Resource struct {
	Address string
	Module  string // address of its module; empty: the root
	Type    string
	Name    string
	Key     any    // of for_each or count; nil: none
	Source  string // of its provider, such as registry.terraform.io/hashicorp/aws
	Action  string // create, update, delete, replace, no-op, read, forget
	Import  string // the id that it is imported by; empty: it is not
	Before  map[string]any
	After   map[string]any // what is known
	Unknown map[string]any // true where a value is known only after the apply
}

// Differs are the names of the attributes that would change, sorted.
func (r Resource) Differs() []string {
	var out []string
	for name, after := range r.After {
		was, err1 := json.Marshal(r.Before[name])
		is, err2 := json.Marshal(after)
		if err1 != nil || err2 != nil || !bytes.Equal(was, is) {
			out = append(out, name)
		}
	}
	for name, unknown := range r.Unknown {
		if _, known := r.After[name]; unknown == true && !known {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown is the text of `show -json` of a plan, format 1 (Terraform internals, "JSON Output Format").
type shown struct {
	Format    string `json:"format_version"`
	Variables map[string]struct {
		Value any `json:"value"`
	} `json:"variables"`
	Changes []struct {
		Address string `json:"address"`
		Module  string `json:"module_address"`
		Mode    string `json:"mode"`
		Type    string `json:"type"`
		Name    string `json:"name"`
		Index   any    `json:"index"`
		Deposed string `json:"deposed"`
		Source  string `json:"provider_name"`
		Change  struct {
			Actions   []string       `json:"actions"`
			Before    map[string]any `json:"before"`
			After     map[string]any `json:"after"`
			Unknown   any            `json:"after_unknown"` // false when nothing comes after
			Importing *struct {
				ID string `json:"id"`
			} `json:"importing"`
		} `json:"change"`
	} `json:"resource_changes"`
	Configuration struct {
		Providers map[string]providerCode `json:"provider_config"`
		Root      moduleCode              `json:"root_module"`
	} `json:"configuration"`
}

// Show reads the saved plan, with values.
func (w *Work) Show(ctx context.Context, o Options) (*Detail, error) {
	var out limited
	if _, err := w.run(ctx, call{Options: o, args: showArgs(planName), stdout: &out}); err != nil {
		return nil, err
	}
	return ParseDetail(out.Bytes())
}
