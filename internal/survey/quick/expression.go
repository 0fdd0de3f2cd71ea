package quick

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// expression reads a whole expression.
func (p *parser) expression() (hclsyntax.Expression, bool) {
	if p.depth++; p.depth > maxDepth {
		return nil, false
	}
	defer func() { p.depth-- }()
	p.peek()
	start := p.pos()
	condition, ok := p.operation(0)
	if !ok {
		return nil, false
	}
	if _, question := p.accept('?'); !question {
		return condition, true
	}
	yes, ok := p.expression()
	if !ok || !p.colon() {
		return nil, false
	}
	no, ok := p.expression()
	if !ok {
		return nil, false
	}
	return &hclsyntax.ConditionalExpr{Condition: condition, TrueResult: yes, FalseResult: no, SrcRange: p.span(start, no.Range().End)}, true
}

// colon reads a colon that stands alone.
func (p *parser) colon() bool {
	if p.peek() != ':' || p.second() == ':' {
		return false
	}
	p.take(1)
	return true
}

// operation reads operands and the operators between them that bind at least so strongly. Operators of one level go from left to right.
func (p *parser) operation(level int) (hclsyntax.Expression, bool) {
	left, ok := p.operand()
	for ok {
		op, binds, width := p.operator()
		if op == nil || binds < level {
			return left, true
		}
		p.take(width)
		var right hclsyntax.Expression
		if right, ok = p.operation(binds + 1); ok {
			left = &hclsyntax.BinaryOpExpr{LHS: left, Op: op, RHS: right, SrcRange: hcl.RangeBetween(left.Range(), right.Range())}
		}
	}
	return nil, false
}

// operator is the next token, if it is an operator: with how strongly it binds, and how many characters it has.
func (p *parser) operator() (op *hclsyntax.Operation, binds, width int) {
	c := p.peek()
	next := p.second()
	switch {
	case c == '|' && next == '|':
		return hclsyntax.OpLogicalOr, 0, 2
	case c == '&' && next == '&':
		return hclsyntax.OpLogicalAnd, 1, 2
	case c == '=' && next == '=':
		return hclsyntax.OpEqual, 2, 2
	case c == '!' && next == '=':
		return hclsyntax.OpNotEqual, 2, 2
	case c == '>' && next == '=':
		return hclsyntax.OpGreaterThanOrEqual, 3, 2
	case c == '<' && next == '=':
		return hclsyntax.OpLessThanOrEqual, 3, 2
	case c == '>':
		return hclsyntax.OpGreaterThan, 3, 1
	case c == '<' && next != '<': // a heredoc
		return hclsyntax.OpLessThan, 3, 1
	case c == '+':
		return hclsyntax.OpAdd, 4, 1
	case c == '-':
		return hclsyntax.OpSubtract, 4, 1
	case c == '*':
		return hclsyntax.OpMultiply, 5, 1
	case c == '/' && next != '*': // a comment
		return hclsyntax.OpDivide, 5, 1
	case c == '%':
		return hclsyntax.OpModulo, 5, 1
	}
	return nil, 0, 0
}

// operand reads a term and what is read out of it.
func (p *parser) operand() (hclsyntax.Expression, bool) {
	if p.depth++; p.depth > maxDepth {
		return nil, false
	}
	defer func() { p.depth-- }()
	x, ok := p.term()
	if !ok {
		return nil, false
	}
	return p.traversals(x)
}

// traversals reads attributes and indices of an expression.
func (p *parser) traversals(from hclsyntax.Expression) (hclsyntax.Expression, bool) {
	x := from
	for {
		switch c := p.peek(); {
		case c == '.' && p.second() != '.':
			dot := p.take(1)
			name, at, ok := p.name()
			if !ok {
				return nil, false // .0 and .*
			}
			rng := hcl.RangeBetween(dot, at)
			x = step(x, hcl.TraverseAttr{Name: name, SrcRange: rng}, rng)
		case c == '[':
			open := p.take(1)
			if p.peek() == '*' {
				return p.splat(from, x, open)
			}
			key, end, ok := p.key()
			if !ok {
				return nil, false
			}
			x = index(from, x, key, open, end)
		default:
			return x, true
		}
	}
}

// key reads an index and the bracket after it.
func (p *parser) key() (key hclsyntax.Expression, end hcl.Range, ok bool) {
	defer p.inside(false)()
	if key, ok = p.expression(); ok {
		end, ok = p.accept(']')
	}
	return key, end, ok
}

func index(from, x, key hclsyntax.Expression, open, end hcl.Range) hclsyntax.Expression {
	rng := hcl.RangeBetween(open, end)
	if t, ok := key.(*hclsyntax.TemplateExpr); ok && t.IsStringLiteral() {
		k, _ := t.Value(nil)
		return step(x, hcl.TraverseIndex{Key: k, SrcRange: rng}, rng)
	}
	if l, ok := key.(*hclsyntax.LiteralValueExpr); ok {
		return step(x, hcl.TraverseIndex{Key: l.Val, SrcRange: rng}, rng)
	}
	return &hclsyntax.IndexExpr{Collection: x, Key: key, SrcRange: hcl.RangeBetween(from.Range(), rng), OpenRange: open, BracketRange: rng}
}

// step adds to a traversal, or begins one.
func step(x hclsyntax.Expression, next hcl.Traverser, rng hcl.Range) hclsyntax.Expression {
	switch t := x.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		t.Traversal, t.SrcRange.End = append(t.Traversal, next), rng.End
		return t
	case *hclsyntax.RelativeTraversalExpr:
		t.Traversal, t.SrcRange.End = append(t.Traversal, next), rng.End
		return t
	}
	return &hclsyntax.RelativeTraversalExpr{Source: x, Traversal: hcl.Traversal{next}, SrcRange: hcl.RangeBetween(x.Range(), rng)}
}

// splat reads [*] from the star on, and what is read out of each element.
func (p *parser) splat(from, x hclsyntax.Expression, open hcl.Range) (hclsyntax.Expression, bool) {
	p.take(1)
	end, ok := p.accept(']')
	if !ok {
		return nil, false
	}
	marker := hcl.RangeBetween(open, end)
	item := &hclsyntax.AnonSymbolExpr{SrcRange: marker}
	if p.depth++; p.depth > maxDepth {
		return nil, false
	}
	defer func() { p.depth-- }()
	each, ok := p.traversals(item)
	if !ok {
		return nil, false
	}
	return &hclsyntax.SplatExpr{Source: x, Each: each, Item: item, SrcRange: hcl.RangeBetween(from.Range(), each.Range()), MarkerRange: marker}, true
}
