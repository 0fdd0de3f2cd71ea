package quick

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// term reads an expression that is no operation.
func (p *parser) term() (hclsyntax.Expression, bool) {
	switch c := p.peek(); {
	case c == '"':
		return p.template()
	case letter(c):
		return p.reference()
	case digit(c):
		return p.number()
	case c == '[':
		return p.tuple()
	case c == '{':
		return p.object()
	case c == '(':
		return p.parentheses()
	case c == '-':
		return p.unary(hclsyntax.OpNegate)
	case c == '!' && p.second() != '=':
		return p.unary(hclsyntax.OpLogicalNot)
	}
	return nil, false
}

func (p *parser) unary(op *hclsyntax.Operation) (hclsyntax.Expression, bool) {
	sign := p.take(1)
	x, ok := p.operand()
	if !ok {
		return nil, false
	}
	return &hclsyntax.UnaryOpExpr{Op: op, Val: x, SrcRange: hcl.RangeBetween(sign, x.Range()), SymbolRange: sign}, true
}

func (p *parser) parentheses() (hclsyntax.Expression, bool) {
	open := p.take(1)
	defer p.inside(false)()
	x, ok := p.expression()
	if !ok {
		return nil, false
	}
	end, ok := p.accept(')')
	return &hclsyntax.ParenthesesExpr{Expression: x, SrcRange: hcl.RangeBetween(open, end)}, ok
}

// number reads a whole number, or one with a point.
func (p *parser) number() (hclsyntax.Expression, bool) {
	end := p.digits(p.off)
	if end+1 < len(p.src) && p.src[end] == '.' && digit(p.src[end+1]) {
		end = p.digits(end + 1)
	}
	if end < len(p.src) && (p.src[end] == '.' || letter(p.src[end]) || p.src[end] >= 0x80) {
		return nil, false
	}
	v, err := cty.ParseNumberVal(string(p.src[p.off:end]))
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: p.take(end - p.off)}, err == nil
}

func (p *parser) digits(at int) int {
	for at < len(p.src) && digit(p.src[at]) {
		at++
	}
	return at
}

// reference reads a name: of a function that is called, of a constant, or of what the rest is read out of.
func (p *parser) reference() (hclsyntax.Expression, bool) {
	name, at, ok := p.name()
	if !ok {
		return nil, false
	}
	switch c := p.peek(); {
	case c == '(':
		return p.call(name, at)
	case c == ':' && p.second() == ':':
		return nil, false
	}
	switch name {
	case "true", "false":
		return &hclsyntax.LiteralValueExpr{Val: cty.BoolVal(name == "true"), SrcRange: at}, true
	case "null":
		return &hclsyntax.LiteralValueExpr{Val: cty.NullVal(cty.DynamicPseudoType), SrcRange: at}, true
	}
	t := make(hcl.Traversal, 1, 3) // most references have three steps
	t[0] = hcl.TraverseRoot{Name: name, SrcRange: at}
	return &hclsyntax.ScopeTraversalExpr{Traversal: t, SrcRange: at}, true
}

// call reads a function's arguments.
func (p *parser) call(name string, at hcl.Range) (hclsyntax.Expression, bool) {
	f := &hclsyntax.FunctionCallExpr{Name: name, NameRange: at, OpenParenRange: p.take(1)}
	defer p.inside(false)()
	for {
		var ok bool
		if f.CloseParenRange, ok = p.accept(')'); ok {
			return f, true
		}
		x, ok := p.expression()
		if !ok {
			return nil, false
		}
		f.Args = append(f.Args, x)
		switch p.peek() {
		case ',':
			p.take(1)
		case ')':
		case '.':
			if f.ExpandFinal = p.ellipsis(); !f.ExpandFinal || p.peek() != ')' {
				return nil, false
			}
		default:
			return nil, false
		}
	}
}

// ellipsis reads three points.
func (p *parser) ellipsis() bool {
	if p.peek() != '.' || p.off+3 > len(p.src) || string(p.src[p.off:p.off+3]) != "..." {
		return false
	}
	p.take(3)
	return true
}

func (p *parser) tuple() (hclsyntax.Expression, bool) {
	open := p.take(1)
	defer p.inside(false)()
	if p.keyword("for") {
		return p.loop(open, ']')
	}
	t := &hclsyntax.TupleConsExpr{OpenRange: open}
	for {
		if end, ok := p.accept(']'); ok {
			t.SrcRange = hcl.RangeBetween(open, end)
			return t, true
		}
		x, ok := p.expression()
		if !ok {
			return nil, false
		}
		t.Exprs = append(t.Exprs, x)
		if _, ok := p.accept(','); !ok && p.peek() != ']' {
			return nil, false
		}
	}
}
