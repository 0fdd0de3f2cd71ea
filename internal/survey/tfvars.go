package survey

import (
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// readValues gives the stack's variables what terraform would load by itself, and what the only Terragrunt folder that applies it gives.
func (e *evaluation) readValues(s *scope) {
	for _, u := range e.units {
		if u.stack != e.root || e.unitsOf(e.root) > 1 {
			continue
		}
		for _, el := range u.inputs.All() {
			for _, in := range el.Elems {
				s.values[in.Key] = in.Value
			}
		}
	}
	from := map[string]*Value{}
	for _, p := range autoLoaded(e.folders[e.root]) {
		for _, set := range e.settings(p) {
			if old := from[set.Variable]; old != nil {
				e.conflict(set, old)
			}
			from[set.Variable], s.values[set.Variable] = set.Value, set.Value
		}
	}
}

func (e *evaluation) conflict(set Setting, old *Value) {
	a, ok1 := old.Str()
	b, ok2 := set.Value.Str()
	if !ok1 || !ok2 || a == b {
		return
	}
	e.diags = append(e.diags, diag.Diagnostic{
		Severity: diag.Warning, Summary: "Two files give the variable " + set.Variable + " different values", Subject: set.At.Range(),
		Detail: "Terraform takes the one that it reads last, which is this.", Hint: "keep one of them", Notes: []diag.Note{{Text: "the other value", Range: old.Span.Range()}},
	})
}

// autoLoaded are a folder's files of values that terraform loads by itself, in its order.
func autoLoaded(l *listing) []string {
	if l == nil {
		return nil
	}
	var first, auto []string
	for _, p := range l.values {
		switch name := path.Base(p); {
		case name == "terraform.tfvars", name == "terraform.tfvars.json":
			first = append(first, p)
		case strings.HasSuffix(name, ".auto.tfvars"), strings.HasSuffix(name, ".auto.tfvars.json"):
			auto = append(auto, p)
		}
	}
	return append(first, auto...)
}

// settings reads a file of values.
func (s *surveyor) settings(p string) []Setting {
	f := s.read(p)
	if f == nil {
		return nil
	}
	body, diags := parse(f)
	s.report(diags...)
	if body == nil {
		return nil
	}
	e := &evaluation{surveyor: s, root: path.Dir(p), stack: &Stack{}}
	sc := e.scope(emptyFolder(path.Dir(p)))
	var out []Setting
	for _, a := range inOrder(body.Attributes) {
		out = append(out, Setting{Variable: a.Name, Value: sc.eval(a.Expr, nil), At: e.span(a.NameRange)})
	}
	return out
}

func emptyFolder(dir string) *folder { return &folder{dir: dir} }

// backendFiles adds to the backend what its only file of settings, or a command of a script, gives at init.
func (e *evaluation) backendFiles() {
	b := e.stack.Backend
	if b == nil {
		return
	}
	body := *b.Body
	body.Elems = slices.Clone(body.Elems)
	give := func(key string, v *Value, at Span) {
		if body.field(key).IsNull() {
			body.Elems = append(body.Elems, Elem{Key: key, Value: v, At: at})
		}
	}
	if l := e.folders[e.root]; l != nil && len(l.backend) == 1 {
		for _, set := range e.settings(l.backend[0]) {
			give(set.Variable, set.Value, set.At)
		}
	}
	seen := map[string]string{}
	for _, h := range e.inv.Hints {
		if h.Kind == SetsBackend && h.Stack == e.stack.Name && h.Value != "" {
			if old, known := seen[h.Key]; known && old != h.Value {
				continue // several environments
			}
			seen[h.Key] = h.Value
			give(h.Key, textOf(h.Value, h.At), h.At)
		}
	}
	b.Body = &body
}
