package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// block reads what every block that becomes a step has.
func (b *body) block(x *hclsyntax.Block) plan.Block {
	out := plan.Block{Name: x.Labels[0], After: b.refs("after", steps()), Optional: b.isSet("optional"), Timeout: b.duration("timeout"), Range: at(x.DefRange())}
	for _, r := range out.After {
		if r.Kind == x.Type && r.Name == out.Name {
			b.fail(r.Range, "A step cannot wait for itself", "Remove the reference", "%s names itself in `after`.", sentence(b.title))
		}
	}
	return out
}

// refs reads a list of references to blocks of some kinds; a single reference counts as a list of one.
func (b *body) refs(name string, kinds []string) []plan.Ref {
	src := b.attr(name)
	if src == nil || isNull(src) {
		return nil
	}
	var out []plan.Ref
	for _, x := range elements(src) {
		if r, ok := b.refOf(x, name, kinds); ok {
			out = append(out, r)
		}
	}
	return out
}

// ref reads one reference; its Name is empty when it is missing or wrong.
func (b *body) ref(name string, kinds ...string) plan.Ref {
	src := b.attr(name)
	if src == nil {
		return plan.Ref{}
	}
	r, _ := b.refOf(src, name, kinds)
	return r
}

// elements are the items of a list that is written out, or the one thing itself.
func elements(x hclsyntax.Expression) []hcl.Expression {
	if items, diags := hcl.ExprList(x); !diags.HasErrors() {
		return items
	}
	return []hcl.Expression{x}
}

func (b *body) refOf(x hcl.Expression, name string, kinds []string) (plan.Ref, bool) {
	form := kinds[0] + ".NAME"
	if len(kinds) > 1 {
		form = "KIND.NAME, where KIND is " + strings.Join(kinds, ", ")
	}
	t, diags := hcl.AbsTraversalForExpr(x)
	if diags.HasErrors() {
		text, _ := x.Value(nil)
		hint := "Write it without quotes, as " + form
		if text != cty.NilVal && text.Type() == cty.String && text.IsKnown() && !text.IsNull() {
			hint = b.l.groups.meant(text.AsString(), kinds, hint)
		}
		b.fail(at(x.Range()), "A reference is needed", hint, "%q of %s refers to %s.", name, b.title, form)
		return plan.Ref{}, false
	}
	rng, kind := t.SourceRange(), t.RootName()
	if !slices.Contains(kinds, kind) {
		b.fail(at(rng), fmt.Sprintf("%q cannot be referred to here", kind), b.l.groups.meant(kind, kinds, closest(kind, kinds)), "%q of %s refers to %s.", name, b.title, form)
		return plan.Ref{}, false
	}
	label, ok := word(t, 1)
	if !ok || len(t) != 2 {
		b.fail(at(rng), "The reference is not a block", fmt.Sprintf("Write %s.%s", kind, orName(label)), "%q of %s refers to whole blocks: KIND.NAME.", name, b.title)
		return plan.Ref{}, false
	}
	if known := b.l.groups.names(kind); !slices.Contains(known, label) {
		b.l.report(unknown(rng, kind, label, known)...)
		return plan.Ref{}, false
	}
	return plan.Ref{Kind: kind, Name: label, Range: at(rng)}, true
}

// meant is a hint for a bare name: the block that has it, or else another hint.
func (g groups) meant(name string, kinds []string, other string) string {
	for _, k := range kinds {
		if g.has(k, name) {
			return fmt.Sprintf("Did you mean %s.%s?", k, name)
		}
	}
	return other
}

func closest(word string, known []string) string {
	if c := diag.Closest(word, known); c != "" {
		return fmt.Sprintf("Did you mean %q?", c)
	}
	return ""
}

func orName(s string) string {
	if s == "" {
		return "NAME"
	}
	return s
}

// sources reads `from`, where copies come from: site.NAME, layout("folder") or remote("registry/repository"); sites only, where others make no sense.
func (b *body) sources(onlySites bool) []plan.Source {
	const name = "from"
	src := b.attr(name)
	if src == nil || isNull(src) {
		return nil
	}
	var out []plan.Source
	for _, x := range elements(src) {
		call, diags := hcl.ExprCall(x)
		if onlySites || diags.HasErrors() {
			if r, ok := b.refOf(x, name, []string{"site"}); ok {
				out = append(out, plan.Source{Site: r.Name, Range: at(x.Range())})
			}
			continue
		}
		if s, ok := b.called(call, name); ok {
			out = append(out, s)
		}
	}
	return out
}

func (b *body) called(call *hcl.StaticCall, name string) (plan.Source, bool) {
	known := []string{"layout", "remote"}
	s := plan.Source{Range: at(hcl.RangeBetween(call.NameRange, call.ArgsRange))}
	if !slices.Contains(known, call.Name) {
		b.fail(at(call.NameRange), fmt.Sprintf("Unknown source %q", call.Name), diag.DidYouMean(call.Name, known), `A source is site.NAME, layout("folder") or remote("registry/repository").`)
		return s, false
	}
	if len(call.Arguments) != 1 {
		b.fail(s.Range, fmt.Sprintf("%s takes one text", call.Name), "", `A source is site.NAME, layout("folder") or remote("registry/repository").`)
		return s, false
	}
	v, ok := b.static(call.Arguments[0], name, cty.String)
	if !ok || v.IsNull() || v.AsString() == "" {
		if ok {
			b.fail(s.Range, fmt.Sprintf("%s needs a text", call.Name), "", "It is empty.")
		}
		return s, false
	}
	if call.Name == "layout" {
		s.Layout = v.AsString()
		return s, b.relative(s.Layout, s.Range)
	}
	s.Remote = v.AsString()
	return s, true
}

// relative refuses absolute paths: on the next laptop they lead nowhere.
func (b *body) relative(p string, r diag.Range) bool {
	if strings.HasPrefix(p, "/") || strings.HasPrefix(p, "~") || strings.ContainsRune(p, 0) {
		b.fail(r, fmt.Sprintf("%q is not a relative path", p), "Write the path from the plan's folder", "A plan must work on whichever machine the recovery runs on.")
		return false
	}
	return true
}
