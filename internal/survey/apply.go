package survey

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Application is a root module as somebody applies it: where, and with which values.
type Application struct {
	Dir       string            // the root module, from the tree's root
	Overlays  []string          // files, or folders of them, that are laid over it; from the tree's root
	VarFiles  []string          // from the tree's root
	Values    map[string]*Value // of variables; they win over all files. One that is not known is NotKnown
	Workspace *Value            // nil: default
	Account   *Value            // where its default AWS provider works
	Region    *Value
}

// maxApplied bounds the instances of one block of an application: so many tables an account can have in a region, unless AWS raises it
// (Amazon DynamoDB Developer Guide, "Quotas").
const maxApplied = 2500

// Apply evaluates root modules of the tree in a folder as they are applied, and nothing else of it. Each gives a Stack, in the same order. The
// error is of the folder as a whole.
func Apply(o Options, list []Application) ([]*Stack, diag.Sources, diag.List, error) {
	s := newSurveyor(o)
	if s.fs == nil {
		root, err := os.OpenRoot(o.Dir)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("the tree cannot be read: %w", err)
		}
		defer root.Close() //nolint:errcheck // it was only read
		s.fs = root.FS()
	}
	if _, err := s.walk(); err != nil {
		return nil, nil, nil, err
	}
	s.inv = &Inventory{Root: o.Dir}
	s.findVendored()
	var out []*Stack
	for _, a := range list {
		out = append(out, s.apply(a))
	}
	s.inv.Files = s.sorted()
	return out, s.inv.Sources(), once(s.diags.Sorted()), nil
}

func (s *surveyor) apply(a Application) *Stack {
	st := &Stack{Name: path.Base(a.Dir), Dir: a.Dir, Overlays: s.overlayFiles(a.Overlays)}
	e := &evaluation{surveyor: s, stack: st, root: a.Dir, manifest: s.manifests[a.Dir], byAddress: map[string]*Resource{}, applied: &a}
	sc := e.scope(s.open(a.Dir, false, st.Overlays...))
	e.readValues(sc)
	for _, f := range a.VarFiles {
		for _, set := range e.settings(f) {
			sc.values[set.Variable] = set.Value
		}
	}
	maps.Copy(sc.values, a.Values)
	sc.contents()
	st.Images = images(st)
	s.report(e.diags...)
	return st
}

// overlayFiles are the files of overlays, of which each is a file or a folder.
func (t *tree) overlayFiles(list []string) []string {
	var out []string
	for _, o := range list {
		if l := t.folders[path.Clean(o)]; l != nil && !isCode(path.Base(o)) {
			out = append(out, l.code...)
		} else {
			out = append(out, path.Clean(o))
		}
	}
	return out
}

// most is how many instances of a block are looked at.
func (e *evaluation) most() int {
	if e.applied != nil {
		return maxApplied
	}
	return maxInstances
}

// fact is what a provider says of itself where the application is applied; nil: it is not known.
func (s *scope) fact(b *hclsyntax.Block, attr string, at Span) *Value {
	if s.applied == nil || b.Type != "data" {
		return nil
	}
	var v *Value
	region, account := s.where(s.providerOf(b))
	switch typ := b.Labels[0]; {
	case typ == "aws_region" && b.Body.Attributes["region"] == nil && slices.Contains([]string{"name", "id", "region"}, attr):
		v = region
	case typ == "aws_caller_identity" && slices.Contains([]string{"account_id", "id"}, attr):
		v = account
	}
	if v == nil {
		return nil
	}
	return s.through(v, s.prefix("data."+b.Labels[0]+"."+b.Labels[1])+"."+attr, s.span(b.TypeRange), at)
}

// where is the region and the account that a provider works in; nil: it is not known. One that says neither has the environment's.
func (s *scope) where(provider string) (region, account *Value) {
	if provider == "aws" {
		region, account = s.applied.Region, s.applied.Account
	}
	for _, p := range s.stack.Providers {
		name := p.Name
		if p.Alias != "" {
			name += "." + p.Alias
		}
		if p.Module != "" || name != provider {
			continue
		}
		if region, account = s.applied.Region, s.applied.Account; !p.Region.IsNull() {
			region = p.Region
		}
		if !p.Body.Get("assume_role").IsNull() || !p.Body.Get("profile").IsNull() {
			account = nil
		}
	}
	return region, account
}

// workspace is the workspace that an application is in.
func (s *scope) workspace(at Span) *Value {
	if s.applied == nil {
		return hole("terraform.workspace", at)
	}
	if s.applied.Workspace.IsNull() {
		return textOf("default", at)
	}
	return s.applied.Workspace
}

// Expression is the value of an expression with nothing around it: what it refers to is not known.
func Expression(text string) *Value {
	f := &File{Path: "expression", Src: []byte(text)}
	x, diags := hclsyntax.ParseExpression(f.Src, f.Path, hcl.InitialPos)
	if unsafe(f.Src) != "" || diags.HasErrors() {
		return NotKnown("(unreadable)")
	}
	s := newSurveyor(Options{})
	s.files[f.Path], s.inv = f, &Inventory{}
	return (&evaluation{surveyor: s, stack: &Stack{}}).scope(emptyFolder("")).eval(x, nil)
}

// NotKnown is a value that waits for something.
func NotKnown(ref string) *Value { return hole(ref, Span{}) }

// Of is a JSON-like value (nil, bool, json.Number, string, []any, map[string]any); anything else is not known.
func Of(v any) *Value {
	switch v := v.(type) {
	case nil:
		return null(Span{})
	case string:
		return textOf(v, Span{})
	case bool:
		return boolean(v, Span{})
	case json.Number:
		return &Value{Kind: Number, size: 1, Text: v.String()}
	case []any:
		var elems []Elem
		for _, x := range v {
			elems = append(elems, Elem{Value: Of(x)})
		}
		return list(Span{}, elems)
	case map[string]any:
		var elems []Elem
		for k, x := range v {
			elems = append(elems, Elem{Key: k, Value: Of(x)})
		}
		slices.SortFunc(elems, func(a, b Elem) int { return strings.Compare(a.Key, b.Key) })
		return object(Span{}, elems...)
	}
	return NotKnown("(unreadable)")
}
