package terraform

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// moduleCode is a module's code as a plan shows it: which expressions refer to what, and not how.
type moduleCode struct {
	Resources []struct {
		Mode        string                     `json:"mode"`
		Type        string                     `json:"type"`
		Name        string                     `json:"name"`
		Provider    string                     `json:"provider_config_key"`
		Expressions map[string]json.RawMessage `json:"expressions"`
		ForEach     expression                 `json:"for_each_expression"`
	} `json:"resources"`
	Outputs map[string]struct {
		Expression expression `json:"expression"`
	} `json:"outputs"`
	Calls map[string]struct {
		Expressions map[string]json.RawMessage `json:"expressions"`
		Module      moduleCode                 `json:"module"`
	} `json:"module_calls"`
}

// providerCode is one provider block.
type providerCode struct {
	Expressions map[string]json.RawMessage `json:"expressions"`
}

// expression is an argument of the code. References go from the longest to the shortest: a.b.id, a.b.
type expression struct {
	Constant   any      `json:"constant_value"`
	References []string `json:"references"`
}

// asExpression reads an argument. A nested block is none.
func asExpression(text json.RawMessage) expression {
	var e expression
	_ = json.Unmarshal(text, &e) // a list of blocks: no expression
	return e
}

// Reference is where a value comes from.
type Reference struct {
	Address   string // of a resource
	Attribute string // of it; empty: not said by the plan
}

// Refers tells from which resource's attribute an attribute of r takes its value, when that is one and no other: through variables and
// outputs of modules, and from the instance with the same key. A plan does not say what else the expression does with it.
func (d *Detail) Refers(r Resource, attribute string) (Reference, bool) {
	path := splitModule(r.Module)
	m, ok := d.module(path)
	if !ok {
		return Reference{}, false
	}
	for _, x := range m.Resources {
		if x.Mode == "managed" && x.Type == r.Type && x.Name == r.Name {
			return d.trace(path, asExpression(x.Expressions[attribute]).References, x.ForEach.References, r.Key)
		}
	}
	return Reference{}, false
}

// call is one module call on the way to a module: its name, and the text with the key of its instance.
type moduleStep struct{ name, text string }

func (d *Detail) module(path []moduleStep) (moduleCode, bool) {
	m := d.root
	for _, s := range path {
		c, ok := m.Calls[s.name]
		if !ok {
			return m, false
		}
		m = c.Module
	}
	return m, true
}

// trace follows references that are all prefixes of one.
func (d *Detail) trace(path []moduleStep, refs, forEach []string, key any) (Reference, bool) {
	refs = slices.DeleteFunc(slices.Clone(refs), func(s string) bool {
		return s == "each.key" || s == "each.value" || s == "count.index" || strings.HasPrefix(s, "path.")
	})
	if len(refs) == 0 {
		return Reference{}, false
	}
	first := slices.MaxFunc(refs, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	for _, s := range refs {
		if rest, ok := strings.CutPrefix(first, s); !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
			return Reference{}, false // two sources
		}
	}
	w := splitAddress(first)
	switch {
	case len(w) < 2:
		return Reference{}, false
	case w[0] == "var":
		return d.outward(path, w[1])
	case w[0] == "module" && len(w) > 2:
		return d.inward(path, w[1], w[2])
	case w[0] == "each" && len(w) > 2: // each.value.id: an attribute of what for_each goes over
		of, ok := d.trace(path, forEach, nil, key)
		of.Attribute = w[2]
		return of, ok && w[1] == "value"
	case slices.Contains([]string{"data", "local", "each", "self", "terraform"}, w[0]):
		return Reference{}, false
	}
	ref := Reference{Address: within(path) + w[0] + "." + w[1]}
	if len(w) > 2 {
		ref.Attribute = w[2]
	}
	if !strings.HasSuffix(w[1], "]") && d.find(ref.Address) == nil {
		ref.Address += index(key)
	}
	return ref, d.find(ref.Address) != nil
}

// outward follows a variable of a module to its call.
func (d *Detail) outward(path []moduleStep, variable string) (Reference, bool) {
	if len(path) == 0 {
		return Reference{}, false
	}
	last := path[len(path)-1]
	outer, ok := d.module(path[:len(path)-1])
	if !ok {
		return Reference{}, false
	}
	return d.trace(path[:len(path)-1], asExpression(outer.Calls[last.name].Expressions[variable]).References, nil, nil)
}

// inward follows an output of a module to where it comes from.
func (d *Detail) inward(path []moduleStep, call, output string) (Reference, bool) {
	name, _, _ := strings.Cut(call, "[")
	path = append(slices.Clone(path), moduleStep{name, "module." + call})
	m, ok := d.module(path)
	if !ok {
		return Reference{}, false
	}
	return d.trace(path, m.Outputs[output].Expression.References, nil, nil)
}

func (d *Detail) find(address string) *Resource {
	i := slices.IndexFunc(d.Resources, func(r Resource) bool { return r.Address == address })
	if i < 0 {
		return nil
	}
	return &d.Resources[i]
}

// index writes the key of an instance as addresses have it.
func index(key any) string {
	switch k := key.(type) {
	case string:
		return "[" + Quote(k) + "]"
	case float64:
		return "[" + strconv.FormatFloat(k, 'f', -1, 64) + "]"
	default:
		return ""
	}
}

func within(path []moduleStep) string {
	var b strings.Builder
	for _, s := range path {
		b.WriteString(s.text + ".")
	}
	return b.String()
}

// splitModule splits the address of a module: module.a["x"].module.b.
func splitModule(address string) []moduleStep {
	var out []moduleStep
	for i, w := range splitAddress(address) {
		if i%2 == 1 {
			name, _, _ := strings.Cut(w, "[")
			out = append(out, moduleStep{name, "module." + w})
		}
	}
	return out
}

// splitAddress splits at the dots that stand outside of brackets and quotes.
func splitAddress(address string) []string {
	if address == "" {
		return nil
	}
	var out []string
	start, depth, quoted := 0, 0, false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '.' && depth == 0:
			out = append(out, address[start:i])
			start = i + 1
		}
	}
	return append(out, address[start:])
}

// Region tells in which region the provider of a resource works; empty: where the environment says. It fails for a provider whose region is
// computed, and for one that goes to another account.
func (d *Detail) Region(r Resource) (string, error) {
	m, _ := d.module(splitModule(r.Module))
	key := ""
	for _, x := range m.Resources {
		if x.Mode == "managed" && x.Type == r.Type && x.Name == r.Name {
			key = x.Provider
		}
	}
	p, ok := d.providers[key]
	if !ok { // a module's own name for the provider of its caller
		p = d.providers[key[strings.LastIndexByte(key, ':')+1:]]
	}
	for _, other := range []string{"assume_role", "assume_role_with_web_identity", "access_key", "profile"} {
		if _, set := p.Expressions[other]; set {
			return "", fmt.Errorf("its provider has %s, and may reach another account", other)
		}
	}
	text, set := p.Expressions["region"]
	if !set {
		return "", nil
	}
	e := asExpression(text)
	if s, ok := e.Constant.(string); ok {
		return s, nil
	}
	if len(e.References) == 1 {
		name, isVar := strings.CutPrefix(e.References[0], "var.")
		if s, ok := d.variables[name].Value.(string); isVar && ok {
			return s, nil
		}
	}
	return "", fmt.Errorf("the region of its provider is computed")
}
