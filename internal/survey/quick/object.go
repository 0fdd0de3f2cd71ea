package quick

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (p *parser) object() (hclsyntax.Expression, bool) {
	open := p.take(1)
	if p.loops() {
		return p.loop(open, '}')
	}
	defer p.inside(true)()
	o := &hclsyntax.ObjectConsExpr{OpenRange: open}
	for {
		p.item()
		if end, ok := p.accept('}'); ok {
			o.SrcRange = hcl.RangeBetween(open, end)
			return o, true
		}
		item, ok := p.pair()
		if !ok {
			return nil, false
		}
		o.Items = append(o.Items, item)
		switch c := p.peek(); c {
		case ',':
			p.take(1)
		case '\n', '}':
		default:
			return nil, false
		}
	}
}

// loops reads the word for, if an object begins with it, on whichever line.
func (p *parser) loops() bool {
	was := *p
	defer p.inside(false)()
	if p.keyword("for") {
		return true
	}
	*p = was
	return false
}

// pair reads a key and its value.
func (p *parser) pair() (item hclsyntax.ObjectConsItem, ok bool) {
	force := p.peek() == '('
	key, ok := p.expression()
	if !ok {
		return item, false
	}
	switch c := p.peek(); {
	case c == '=' && p.second() != '=' && p.second() != '>':
		p.take(1)
	case !p.colon():
		return item, false
	}
	item.KeyExpr = &hclsyntax.ObjectConsKeyExpr{Wrapped: key, ForceNonLiteral: force}
	item.ValueExpr, ok = p.expression()
	return item, ok
}

// loop reads a for expression, from after its first word on.
func (p *parser) loop(open hcl.Range, closer byte) (hclsyntax.Expression, bool) {
	defer p.inside(false)()
	x := &hclsyntax.ForExpr{OpenRange: open}
	ok := p.variables(x)
	if !ok {
		return nil, false
	}
	if x.CollExpr, ok = p.expression(); !ok || !p.colon() {
		return nil, false
	}
	if x.ValExpr, ok = p.expression(); !ok {
		return nil, false
	}
	if p.peek() == '=' && p.second() == '>' {
		p.take(2)
		x.KeyExpr = x.ValExpr
		if x.ValExpr, ok = p.expression(); !ok {
			return nil, false
		}
	}
	x.Group = p.ellipsis()
	if p.keyword("if") {
		if x.CondExpr, ok = p.expression(); !ok {
			return nil, false
		}
	}
	if x.CloseRange, ok = p.accept(closer); !ok || (x.KeyExpr != nil) != (closer == '}') || x.Group && closer != '}' {
		return nil, false
	}
	x.SrcRange = hcl.RangeBetween(open, x.CloseRange)
	return x, true
}

// variables reads what a for expression calls its keys and values.
func (p *parser) variables(x *hclsyntax.ForExpr) (ok bool) {
	if x.ValVar, _, ok = p.name(); !ok {
		return false
	}
	if _, two := p.accept(','); two {
		x.KeyVar = x.ValVar
		if x.ValVar, _, ok = p.name(); !ok {
			return false
		}
	}
	return p.keyword("in")
}
