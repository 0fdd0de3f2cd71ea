package survey

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// eval gives what an expression means, as far as it can be known.
func (s *scope) eval(x hclsyntax.Expression, f *frame) *Value {
	if s.steps--; s.steps < 0 || s.depth > maxEvalDepth {
		s.exhausted(x.Range())
		return hole("(too complex)", s.span(x.Range()))
	}
	s.depth++
	defer func() { s.depth-- }()
	at := s.span(x.Range())
	switch x := x.(type) {
	case *hclsyntax.LiteralValueExpr:
		return literal(x.Val, at)
	case *hclsyntax.TemplateExpr:
		return s.template(x.Parts, f, at)
	case *hclsyntax.TemplateWrapExpr:
		return s.eval(x.Wrapped, f)
	case *hclsyntax.TemplateJoinExpr:
		return join(nil, s.eval(x.Tuple, f), at)
	case *hclsyntax.ParenthesesExpr:
		return s.eval(x.Expression, f)
	case *hclsyntax.ScopeTraversalExpr:
		return s.traverse(x.Traversal, f, at)
	case *hclsyntax.RelativeTraversalExpr:
		return s.descend(s.eval(x.Source, f), x.Traversal, at)
	case *hclsyntax.FunctionCallExpr:
		return s.call(x, f, at)
	case *hclsyntax.ConditionalExpr:
		return s.conditional(x, f, at)
	case *hclsyntax.IndexExpr:
		return s.index(x, f, at)
	case *hclsyntax.SplatExpr:
		return s.splat(x, f, at)
	case *hclsyntax.ForExpr:
		return s.forEach(x, f, at)
	case *hclsyntax.TupleConsExpr:
		elems := make([]Elem, len(x.Exprs))
		for i, e := range x.Exprs {
			elems[i].Value = s.eval(e, f)
		}
		return list(at, elems)
	case *hclsyntax.ObjectConsExpr:
		return s.object(x, f, at)
	case *hclsyntax.BinaryOpExpr:
		return s.binary(x, f, at)
	case *hclsyntax.UnaryOpExpr:
		v := s.eval(x.Val, f)
		return s.known(x.Op.Impl.Call, "expression("+firstRef(v)+")", at, v)
	case *hclsyntax.AnonSymbolExpr:
		for ; f != nil; f = f.up {
			if f.anon == x {
				return f.v
			}
		}
	}
	return hole("(unreadable)", at)
}

// exhausted tells once that a stack is more than can be evaluated.
func (s *scope) exhausted(at hcl.Range) {
	if s.tired {
		return
	}
	s.tired = true
	s.diags = append(s.diags, diag.Diagnostic{
		Severity: diag.Warning, Summary: "The code is too complex to evaluate", Subject: s.span(at).Range(),
		Detail: "Its expressions and references stand too deep inside each other, or are too many.", Hint: "what they give is taken as unknown",
	})
}

func literal(v cty.Value, at Span) *Value {
	switch {
	case v.IsNull():
		return null(at)
	case !v.IsKnown():
		return hole("(unknown)", at)
	case v.Type() == cty.String:
		return textOf(v.AsString(), at)
	case v.Type() == cty.Number:
		return numeral(v.AsBigFloat(), at)
	case v.Type() == cty.Bool:
		return boolean(v.True(), at)
	}
	return hole("(unreadable)", at)
}

// numeral is a number as text; written out, one with a large exponent would fill the memory.
func numeral(n *big.Float, at Span) *Value {
	if exp := n.MantExp(nil); exp > 2000 || exp < -2000 || n.IsInf() {
		return hole("(number out of range)", at)
	}
	text := ""
	if i, exact := n.Int64(); exact == big.Exact {
		text = strconv.FormatInt(i, 10)
	} else {
		text = n.Text('f', -1)
	}
	return &Value{Kind: Number, Span: at, size: 1, Text: text}
}

func (s *scope) template(parts []hclsyntax.Expression, f *frame, at Span) *Value {
	if len(parts) == 1 {
		if x, ok := parts[0].(*hclsyntax.LiteralValueExpr); ok && x.Val.Type() == cty.String { // most texts
			v := literal(x.Val, s.span(x.SrcRange))
			v.Span = at
			return v
		}
	}
	out := make([]Part, 0, len(parts))
	sensitive := false
	for _, p := range parts {
		v := s.eval(p, f)
		sensitive = sensitive || v.Sensitive
		out = append(out, textParts(v)...)
		if len(out) > maxParts {
			break
		}
	}
	s.steps -= len(out) / 8
	v := template(out, at)
	v.Sensitive = sensitive
	return v
}

// textParts are a value's parts as a piece of a text.
func textParts(v *Value) []Part {
	switch v.Kind {
	case String, Unknown:
		return v.Parts
	case Number, Bool:
		return []Part{{Text: v.Text, At: v.Span}}
	case Null, List, Object:
	}
	return lost("(no text)", v.Span, v).Parts
}

func (s *scope) object(x *hclsyntax.ObjectConsExpr, f *frame, at Span) *Value {
	elems := make([]Elem, 0, len(x.Items))
	partial := false
	for _, item := range x.Items {
		key := s.objectKey(item.KeyExpr, f)
		name, known := key.Str()
		if !known {
			name, partial = key.Show(), true
		}
		elems = append(elems, Elem{Key: name, Value: s.eval(item.ValueExpr, f), At: s.span(item.KeyExpr.Range())})
	}
	v := object(at, elems...)
	v.Partial = v.Partial || partial
	return v
}

func (s *scope) objectKey(x hclsyntax.Expression, f *frame) *Value {
	if k, ok := x.(*hclsyntax.ObjectConsKeyExpr); ok {
		if name := hcl.ExprAsKeyword(k.Wrapped); name != "" && !k.ForceNonLiteral {
			return textOf(name, s.span(x.Range()))
		}
		return s.eval(k.Wrapped, f)
	}
	return s.eval(x, f)
}

func (s *scope) conditional(x *hclsyntax.ConditionalExpr, f *frame, at Span) *Value {
	cond := s.eval(x.Condition, f)
	if b, known := cond.Bool(); known {
		if b {
			return s.eval(x.TrueResult, f)
		}
		return s.eval(x.FalseResult, f)
	}
	yes, no := s.eval(x.TrueResult, f), s.eval(x.FalseResult, f)
	if a, ok := yes.Str(); ok {
		if b, ok := no.Str(); ok && a == b {
			return yes
		}
	}
	return lost("condition("+firstRef(cond)+")", at, yes, no)
}

func (s *scope) index(x *hclsyntax.IndexExpr, f *frame, at Span) *Value {
	coll, key := s.eval(x.Collection, f), s.eval(x.Key, f)
	k, known := key.Str()
	if known {
		return at1(coll, k, "["+k+"]", at)
	}
	if coll.Kind == Unknown {
		return at1(coll, "*", "["+key.Show()+"]", at)
	}
	return lost("index("+key.Show()+")", at, coll)
}

func (s *scope) splat(x *hclsyntax.SplatExpr, f *frame, at Span) *Value {
	src := s.eval(x.Source, f)
	each := func(v *Value) *Value { return s.eval(x.Each, &frame{anon: x.Item, v: v, up: f}) }
	switch src.Kind {
	case Unknown:
		return each(at1(src, "*", "[*]", at))
	case Null:
		return list(at, nil)
	case List:
		elems := make([]Elem, len(src.Elems))
		for i, e := range src.Elems {
			elems[i].Value = each(e.Value)
		}
		v := list(at, elems)
		v.Partial = v.Partial || src.Partial
		return v
	case String, Number, Bool, Object:
	}
	return list(at, []Elem{{Value: each(src)}})
}

// forEach is a for expression. Over what is not known it gives the one element that tells what each looks like.
func (s *scope) forEach(x *hclsyntax.ForExpr, f *frame, at Span) *Value {
	coll := s.eval(x.CollExpr, f)
	src, partial := coll.Elems, coll.Partial
	if coll.Kind != List && coll.Kind != Object {
		if coll.Kind == Null {
			return list(at, nil)
		}
		src, partial = []Elem{{Key: "*", Value: at1(coll, "*", "[*]", at)}}, true
	}
	out := &forResult{partial: partial}
	for i, e := range src {
		g := f
		if x.ValVar != "" {
			g = g.with(x.ValVar, e.Value)
		}
		if x.KeyVar != "" {
			key := textOf(e.Key, e.At)
			switch coll.Kind {
			case List:
				key = number(i, at)
			case Object:
			default:
				key = hole(coll.Show()+".key", at)
			}
			g = g.with(x.KeyVar, key)
		}
		s.forElement(x, g, out)
		if s.tired {
			break
		}
	}
	kind := List
	if x.KeyExpr != nil {
		kind = Object
	}
	v := collection(kind, at, out.elems)
	v.Partial = v.Partial || out.partial
	return v
}

type forResult struct {
	elems   []Elem
	partial bool
}

func (s *scope) forElement(x *hclsyntax.ForExpr, f *frame, out *forResult) {
	if x.CondExpr != nil {
		keep, known := s.eval(x.CondExpr, f).Bool()
		if known && !keep {
			return
		}
		out.partial = out.partial || !known
	}
	el := Elem{}
	if x.KeyExpr != nil {
		key := s.eval(x.KeyExpr, f)
		el.At = key.Span
		var known bool
		if el.Key, known = key.Str(); !known {
			el.Key, out.partial = key.Show(), true
		}
	}
	if el.Value = s.eval(x.ValExpr, f); x.Group {
		el.Value = list(el.Value.Span, []Elem{{Value: el.Value}})
	}
	out.elems = append(out.elems, el)
}

func (s *scope) binary(x *hclsyntax.BinaryOpExpr, f *frame, at Span) *Value {
	left := s.eval(x.LHS, f)
	l, lk := left.Bool()
	switch {
	case x.Op == hclsyntax.OpLogicalAnd && lk && !l, x.Op == hclsyntax.OpLogicalOr && lk && l:
		return boolean(l, at)
	}
	right := s.eval(x.RHS, f)
	if r, rk := right.Bool(); rk && (x.Op == hclsyntax.OpLogicalAnd && !r || x.Op == hclsyntax.OpLogicalOr && r) {
		return boolean(r, at)
	}
	ref := firstRef(left)
	if ref == "" {
		ref = firstRef(right)
	}
	return s.known(x.Op.Impl.Call, "expression("+ref+")", at, left, right)
}

// firstRef is what a value waits for first, without the expressions around it.
func firstRef(v *Value) string {
	refs := v.Refs()
	if len(refs) == 0 {
		return ""
	}
	ref := refs[0]
	for {
		inner, ok := strings.CutPrefix(ref, "expression(")
		if !ok {
			return ref
		}
		ref = strings.TrimSuffix(inner, ")")
	}
}
