package planfile

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// exprMap reads name-value pairs: written out, or computed, as by merge(), if the names are known when the plan is read.
func (b *body) exprMap(name string, p place) map[string]plan.Expr {
	src := b.attr(name)
	if src == nil || isNull(src) {
		return nil
	}
	out := map[string]plan.Expr{}
	pairs, diags := hcl.ExprMap(src)
	if diags.HasErrors() {
		b.parts(src, name, p, true, func(key cty.Value, x plan.Expr) { out[key.AsString()] = x })
		return out
	}
	seen := map[string]diag.Range{}
	for _, kv := range pairs {
		k, ok := b.static(kv.Key, name, cty.String)
		if !ok || k.IsNull() {
			continue
		}
		key := k.AsString()
		if was, dup := seen[key]; dup {
			b.l.report(diag.Diagnostic{Summary: fmt.Sprintf("Duplicate name %q", key), Subject: at(kv.Key.Range()), Notes: []diag.Note{{Text: "the first is here", Range: was}}})
			continue
		}
		seen[key] = at(kv.Key.Range())
		if x := b.compile(kv.Value, name+"."+key, p); x != nil {
			out[key] = x
		}
	}
	return out
}

// exprList reads a list: written out, or computed, as by concat(), if its length is known when the plan is read.
func (b *body) exprList(name string, p place) []plan.Expr {
	src := b.attr(name)
	if src == nil || isNull(src) {
		return nil
	}
	var out []plan.Expr
	items, diags := hcl.ExprList(src)
	if diags.HasErrors() {
		b.parts(src, name, p, false, func(_ cty.Value, x plan.Expr) { out = append(out, x) })
		return out
	}
	for _, item := range items {
		x := b.compile(item, name, p)
		if x == nil && !b.broken[name] {
			b.fail(at(item.Range()), fmt.Sprintf("Null in %q", name), "", "Each element must have a value.")
			continue
		}
		out = append(out, x)
	}
	return out
}

// parts makes an expression of each element of a computed collection. Each computes the whole and picks its part. The names must be
// the same at every site: a part that only one site has would be lost at the others.
func (b *body) parts(src hcl.Expression, name string, p place, named bool, yield func(key cty.Value, x plan.Expr)) {
	values, n, ok := b.attempt(src, name, p)
	if !ok {
		return
	}
	var keys []cty.Value
	parts := map[string][]cty.Value{}
	for i, v := range values {
		own, ok := b.split(src, v, name, named, parts)
		if !ok {
			return
		}
		if i > 0 && !slices.EqualFunc(own, keys, cty.Value.RawEquals) {
			b.wrong(name, at(src.Range()), "The names differ between sites", "Give the same names everywhere, with null where a value does not apply", "%s must have the same names, or the same length, at every site.", b.what(name))
			return
		}
		keys = own
	}
	for _, k := range keys {
		if x := b.keep(expr{eval: b.l.eval, src: src, need: n, want: p.want, pick: k, at: at(src.Range())}, parts[k.GoString()], name, p); x != nil {
			yield(k, x)
		}
	}
}

// split adds a collection's elements to parts, and gives their keys.
func (b *body) split(src hcl.Expression, v cty.Value, name string, named bool, parts map[string][]cty.Value) ([]cty.Value, bool) {
	v, marks := v.Unmark()
	t, form := v.Type(), `{ name = value }`
	fits := t.IsObjectType() || t.IsMapType()
	if !named {
		fits, form = t.IsTupleType() || t.IsListType(), `["...", "..."]`
	}
	switch {
	case v.IsNull():
		return nil, true
	case t != cty.DynamicPseudoType && !fits:
		b.wrong(name, at(src.Range()), "Wrong type", "Write it as "+form, "%s cannot be of type %s.", b.what(name), t.FriendlyName())
		return nil, false
	case !v.IsKnown():
		b.wrong(name, at(src.Range()), "Too little is known", "Write it out: "+form, "How many values %q of %s has, and their names, must be known before anything runs.", name, b.title)
		return nil, false
	}
	var keys []cty.Value
	for k, e := range v.Elements() {
		keys = append(keys, k)
		parts[k.GoString()] = append(parts[k.GoString()], e.WithMarks(marks))
	}
	return keys, true
}
