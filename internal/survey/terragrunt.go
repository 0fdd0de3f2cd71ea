package survey

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// unit is a Terragrunt folder: an application of a module.
type unit struct {
	dir     string
	source  string // as far as it is known
	from    Span   // the block that names it
	stack   string // folder of the module, if it is in the tree
	inputs  *Value
	backend *Backend
	provide []*Provider
	deps    []dependency
	at      Span
	parents []string // files that it includes
}

type dependency struct {
	name, dir string
	at        Span
}

// readTerragrunt reads the folders that Terragrunt applies.
func (s *surveyor) readTerragrunt() {
	for _, dir := range slices.Sorted(maps.Keys(s.folders)) {
		for _, p := range s.folders[dir].terragrunt {
			if path.Base(p) != "terragrunt.hcl" {
				continue
			}
			if u := s.unit(dir, p); u != nil {
				s.units = append(s.units, u)
			}
		}
	}
}

// unit reads one folder; nil if its file is only there to be included by others.
func (s *surveyor) unit(dir, p string) *unit {
	u := &unit{dir: dir}
	s.unitFile(u, p, 0)
	if u.source == "" && !s.hasCode(dir) {
		return nil
	}
	switch to, ok := localSource(dir, strings.Replace(u.source, "//", "/", 1)); {
	case ok && s.hasCode(to):
		u.stack = to
	case u.source == "":
		u.stack = dir
	}
	return u
}

// unitFile reads a terragrunt.hcl, and those that it includes. What the unit itself says comes first.
func (s *surveyor) unitFile(u *unit, p string, depth int) {
	f := s.read(p)
	if f == nil || depth > 4 {
		return
	}
	body, diags := parse(f)
	s.report(diags...)
	if body == nil {
		return
	}
	if u.at.File == nil {
		u.at = Span{File: f}
	}
	u.parents = append(u.parents, p)
	sc := s.unitScope(body, unitContext{unit: u.dir, from: path.Dir(p)})
	if a := body.Attributes["inputs"]; a != nil {
		in := sc.eval(a.Expr, nil)
		if u.inputs != nil {
			in = mergeValues([]*Value{in, u.inputs}, in.Span)
		}
		u.inputs = in
	}
	if a := body.Attributes["remote_state"]; a != nil && u.backend == nil {
		u.backend = backendOf(sc.eval(a.Expr, nil))
	}
	for _, b := range body.Blocks {
		s.unitBlock(u, sc, b, depth)
	}
}

func (s *surveyor) unitBlock(u *unit, sc *scope, b *hclsyntax.Block, depth int) {
	switch b.Type {
	case "terraform":
		if a := b.Body.Attributes["source"]; a != nil && u.source == "" {
			u.source, u.from = knownPart(sc.eval(a.Expr, nil), u.dir), sc.header(b)
		}
	case "remote_state":
		if u.backend == nil {
			u.backend = backendOf(sc.body(b.Body, nil, false))
		}
	case "dependency":
		if a := b.Body.Attributes["config_path"]; a != nil && len(b.Labels) == 1 {
			u.depend(b.Labels[0], sc.eval(a.Expr, nil))
		}
	case "dependencies":
		if a := b.Body.Attributes["paths"]; a != nil {
			for _, v := range sc.eval(a.Expr, nil).All() {
				u.depend("", v)
			}
		}
	case "generate":
		s.generated(u, sc, b)
	case "include":
		if parent := sc.included(u.dir, b); parent != "" && !slices.Contains(u.parents, parent) {
			s.unitFile(u, parent, depth+1)
		}
	}
}

func (u *unit) depend(name string, v *Value) {
	p := knownPart(v, u.dir)
	if p == "" {
		return
	}
	u.deps = append(u.deps, dependency{name, path.Join(u.dir, p), v.Span})
}

// knownPart is a path as far as it is known: a hole at its beginning, such as get_terragrunt_dir(), stands for the folder itself.
func knownPart(v *Value, dir string) string {
	if t, ok := v.Str(); ok {
		return t
	}
	if v.Kind != String || len(v.Parts) < 2 || !v.Parts[0].Hole() {
		return ""
	}
	rest := v.Parts[1:]
	if slices.ContainsFunc(rest, Part.Hole) {
		return ""
	}
	t, _ := template(rest, v.Span).Str()
	switch ref := v.Parts[0].Ref; {
	case strings.HasPrefix(ref, "get_terragrunt_dir"):
		return "." + t
	case strings.HasPrefix(ref, "get_repo_root"), strings.HasPrefix(ref, "get_path_to_repo_root"), strings.HasPrefix(ref, "get_parent_terragrunt_dir"), strings.HasPrefix(ref, "dirname("):
		return strings.Repeat("../", strings.Count(dir, "/")+1) + strings.TrimPrefix(t, "/")
	}
	return ""
}

func backendOf(v *Value) *Backend {
	typ, _ := v.Get("backend").Str()
	config := v.Get("config")
	if typ == "" || config == nil {
		return nil
	}
	return &Backend{Type: typ, Body: config, At: config.Span}
}

// included is the file that an include block names: by a path, from the folder of the unit or from the tree's root where it was looked for above.
func (s *scope) included(dir string, b *hclsyntax.Block) string {
	a := b.Body.Attributes["path"]
	if a == nil {
		return ""
	}
	if t := constant(a.Expr); t != "" {
		return path.Join(dir, t)
	}
	v := s.eval(a.Expr, nil)
	p, known := v.Str()
	if !known {
		if p = knownPart(v, dir); p == "" {
			return ""
		}
	}
	if p = path.Clean(p); s.has(p) {
		return p
	}
	return path.Join(dir, p)
}

// unitSources are the folders of modules that Terragrunt applies: they are stacks, whoever else calls them.
func (s *surveyor) unitSources() map[string]bool {
	out := map[string]bool{}
	for _, u := range s.units {
		if u.stack != "" {
			out[u.stack] = true
		}
	}
	return out
}

func (s *surveyor) unitsOf(stack string) int {
	n := 0
	for _, u := range s.units {
		if u.stack == stack {
			n++
		}
	}
	return n
}

// applyUnit gives a stack what its Terragrunt folder says of backend, providers and a module that is fetched.
func (s *surveyor) applyUnit(st *Stack) {
	for _, u := range s.units {
		if u.stack != st.Dir && u.dir != st.Dir {
			continue
		}
		if st.Backend == nil || st.Backend.Body != nil && len(st.Backend.Body.Elems) == 0 {
			st.Backend = u.backend
		}
		if len(st.Providers) == 0 {
			st.Providers = u.provide
		}
		if u.stack == "" {
			in := u.inputs
			if in == nil {
				in = object(u.at)
			}
			st.Calls = append(st.Calls, &Call{Module: "module." + st.Name, Source: u.source, Kind: RemoteModule, Inputs: in, At: u.from, SourceAt: u.from})
		}
	}
}

// terragrunt makes edges of the dependencies that Terragrunt folders state.
func (c *connector) terragrunt() {
	stacks := map[string]*Stack{} // by Terragrunt folder
	for _, u := range c.units {
		for _, st := range c.inv.Stacks {
			if st.Dir == u.stack || u.stack == "" && st.Dir == u.dir {
				stacks[u.dir] = st
			}
		}
	}
	for _, u := range c.units {
		for _, d := range u.deps {
			from, to := stacks[u.dir], stacks[d.dir]
			if from == nil || to == nil {
				continue
			}
			c.edge(&Edge{
				From: from.Name, To: to.Name, How: ByHint, Reader: "dependency." + d.name, At: d.at, Confidence: High,
				Why: "Terragrunt: " + u.dir + " depends on " + d.dir,
			})
		}
	}
}
