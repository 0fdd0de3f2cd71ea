package survey

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// body is a block's content as a value: attributes, and nested blocks as lists of objects.
func (s *scope) body(b *hclsyntax.Body, f *frame, lifecycle bool) *Value {
	v := &Value{Kind: Object, Block: true, Span: s.span(b.SrcRange), size: 1}
	for _, a := range inOrder(b.Attributes) {
		if a.Name == "for_each" || a.Name == "count" {
			continue // they say how many there are, see Resource.ForEach
		}
		el := Elem{Key: a.Name, At: s.span(a.NameRange)}
		if static(a.Name, lifecycle) {
			el.Value = s.static(a.Expr)
		} else {
			el.Value = s.eval(a.Expr, f)
		}
		v.add(el)
	}
	seen := map[string]bool{}
	for _, n := range b.Blocks {
		name := n.Type
		if name == "dynamic" && len(n.Labels) == 1 {
			name = n.Labels[0]
		}
		if !seen[name] {
			seen[name] = true
			v.add(Elem{Key: name, At: s.span(n.TypeRange), Value: s.blocks(b, name, f)})
		}
	}
	return v
}

func (v *Value) add(e Elem) {
	v.Elems = append(v.Elems, e)
	if v.size < maxSize && e.Value != nil {
		v.size += e.Value.size
	}
}

// static tells whether an attribute holds references rather than values.
func static(name string, lifecycle bool) bool {
	switch name {
	case "depends_on", "provider", "providers":
		return true
	}
	return lifecycle && (name == "ignore_changes" || name == "replace_triggered_by")
}

// static is an expression's references as texts.
func (s *scope) static(x hclsyntax.Expression) *Value {
	at := s.span(x.Range())
	switch x := x.(type) {
	case *hclsyntax.TupleConsExpr:
		elems := make([]Elem, len(x.Exprs))
		for i, e := range x.Exprs {
			elems[i].Value = s.static(e)
		}
		return list(at, elems)
	case *hclsyntax.ObjectConsExpr:
		elems := make([]Elem, len(x.Items))
		for i, item := range x.Items {
			key, _ := s.static(item.KeyExpr).Str()
			elems[i] = Elem{Key: key, At: s.span(item.KeyExpr.Range()), Value: s.static(item.ValueExpr)}
		}
		return object(at, elems...)
	}
	if t, diags := hcl.AbsTraversalForExpr(x); !diags.HasErrors() {
		return textOf(text(t), at)
	}
	return s.eval(x, nil)
}

// blocks are the nested blocks of a type, also those that a dynamic block makes.
func (s *scope) blocks(b *hclsyntax.Body, name string, f *frame) *Value {
	out := &Value{Kind: List, Block: true, Span: s.span(b.SrcRange), size: 1}
	for _, n := range b.Blocks {
		switch {
		case n.Type == name:
			out.add(Elem{Value: s.body(n.Body, f, name == "lifecycle"), At: s.span(n.TypeRange)})
		case n.Type == "dynamic" && len(n.Labels) == 1 && n.Labels[0] == name:
			s.dynamic(n, f, out)
		default:
			continue
		}
		if len(out.Elems) == 1 {
			out.Span = s.span(n.TypeRange)
		}
	}
	return out
}

// dynamic adds the blocks of a dynamic block; where their number is not known it is one that tells what each looks like.
func (s *scope) dynamic(n *hclsyntax.Block, f *frame, out *Value) {
	var content *hclsyntax.Body
	for _, c := range n.Body.Blocks {
		if c.Type == "content" {
			content = c.Body
		}
	}
	each := n.Body.Attributes["for_each"]
	if content == nil || each == nil {
		return
	}
	name := n.Labels[0]
	if it := n.Body.Attributes["iterator"]; it != nil {
		if kw := hcl.ExprAsKeyword(it.Expr); kw != "" {
			name = kw
		}
	}
	at := s.span(n.TypeRange)
	v := s.eval(each.Expr, f)
	elems := v.Elems
	if v.Kind != List && v.Kind != Object {
		if v.Kind == Null {
			return
		}
		elems, out.Partial = []Elem{{Key: "*", Value: hole(name+".value", at)}}, true
	}
	out.Partial = out.Partial || v.Partial
	for _, e := range elems[:min(len(elems), maxInstances)] {
		key := textOf(e.Key, e.At)
		if v.Kind == List {
			key = e.Value
		}
		g := f.with(name, object(at, Elem{Key: "key", Value: key}, Elem{Key: "value", Value: e.Value}))
		out.add(Elem{Value: s.body(content, g, false), At: at})
	}
}
