package survey

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxConfigs bounds the files that are read for one unit.
const maxConfigs = 64

// unitContext is what Terragrunt's own functions know where a file of a unit is evaluated.
type unitContext struct {
	unit string            // its folder
	from string            // folder of the file that is evaluated: the unit's own, or one above that it includes
	read map[string]*Value // files that were read for the unit; nil: one is being read, or cannot be
	// exposed are the files that the unit includes, by the include block's name.
	exposed map[string]string
}

// unitScope is a scope in which a file of a unit is evaluated, with the file's locals.
func (s *surveyor) unitScope(body *hclsyntax.Body, c unitContext) *scope {
	e := &evaluation{surveyor: s, root: c.unit, stack: &Stack{}, grunt: &c}
	fo := emptyFolder(c.unit)
	fo.locals = map[string]*hclsyntax.Attribute{}
	c.exposed = map[string]string{}
	if c.read == nil {
		c.read = map[string]*Value{}
	}
	for _, b := range body.Blocks {
		if b.Type == "locals" {
			maps.Copy(fo.locals, b.Body.Attributes)
		}
	}
	sc := e.scope(fo)
	for _, b := range body.Blocks {
		if b.Type == "include" {
			c.exposed[strings.Join(b.Labels, " ")] = sc.included(c.unit, b)
		}
	}
	return sc
}

// terragruntCall gives the functions of Terragrunt that the tree alone answers; nil: it is another, or it is not evaluated for Terragrunt.
func (s *scope) terragruntCall(name string, args []*Value, at Span) *Value {
	if s.grunt == nil {
		return nil
	}
	switch name {
	case "path_relative_to_include":
		return textOf(strings.TrimPrefix(strings.TrimPrefix(s.grunt.unit, s.grunt.from), "/"), at)
	case "find_in_parent_folders":
		names := []string{"terragrunt.hcl", "root.hcl"}
		if len(args) > 0 {
			wanted, known := args[0].Str()
			if !known {
				return nil
			}
			names = []string{wanted}
		}
		if p := s.parentFile(s.grunt.unit, names); p != "" {
			return textOf(p, at)
		}
	case "read_terragrunt_config":
		if len(args) > 0 {
			return s.readConfig(args[0], at)
		}
	}
	return nil
}

// parentFile is the nearest file of a name in the folders above.
func (s *surveyor) parentFile(dir string, names []string) string {
	for up := dir; up != "."; {
		up = path.Dir(up)
		for _, n := range names {
			if p := path.Join(up, n); s.has(p) {
				return p
			}
		}
	}
	return ""
}

// has tells whether the tree has a file.
func (s *surveyor) has(p string) bool {
	if !fs.ValidPath(p) {
		return false
	}
	info, err := fs.Stat(s.fs, p)
	return err == nil && info.Mode().IsRegular()
}

// readConfig is what another file of Terragrunt says: its locals and inputs.
func (s *scope) readConfig(name *Value, at Span) *Value {
	p, known := name.Str()
	if !known {
		if p = knownPart(name, s.grunt.unit); p == "" {
			return nil
		}
	}
	for _, p := range []string{path.Clean(p), path.Join(s.grunt.unit, p)} {
		if v := s.configFile(p, at); v != nil {
			return v
		}
	}
	return nil
}

// configFile reads a file of Terragrunt's; nil if the tree has none there.
func (s *scope) configFile(p string, at Span) *Value {
	v, known := s.grunt.read[p]
	if !known && len(s.grunt.read) < maxConfigs && path.Ext(p) == ".hcl" && s.has(p) {
		s.grunt.read[p] = nil // for a file that reads itself
		v = s.config(p, at)
		s.grunt.read[p] = v
	}
	return v
}

func (s *scope) config(p string, at Span) *Value {
	f := s.read(p)
	if f == nil {
		return nil
	}
	body, diags := parse(f)
	s.report(diags...)
	if body == nil {
		return nil
	}
	sc := s.unitScope(body, unitContext{unit: s.grunt.unit, from: s.grunt.from, read: s.grunt.read})
	var locals []Elem
	for _, name := range slices.Sorted(maps.Keys(sc.folder.locals)) {
		locals = append(locals, Elem{Key: name, Value: sc.local(name, at), At: sc.span(sc.folder.locals[name].NameRange)})
	}
	out := []Elem{{Key: "locals", Value: object(at, locals...)}}
	if a := body.Attributes["inputs"]; a != nil {
		out = append(out, Elem{Key: "inputs", Value: sc.eval(a.Expr, nil)})
	}
	return object(at, out...)
}

// include is what an included file exposes: include.root.locals.region.
func (s *scope) include(t hcl.Traversal, at Span) *Value {
	if s.grunt == nil || len(t) < 2 {
		return nil
	}
	p, rest := s.grunt.exposed[stepName(t[1])], t[2:]
	if only, bare := s.grunt.exposed[""]; bare { // include { ... }, and include.locals.region
		p, rest = only, t[1:]
	}
	v := s.configFile(p, at)
	if p == "" || v == nil {
		return nil
	}
	return s.descend(v, rest, at)
}
