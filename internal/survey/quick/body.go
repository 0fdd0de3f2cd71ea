package quick

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// item goes to the next item of a body, or to its end, and gives where that is.
func (p *parser) item() hcl.Pos {
	for p.peek() == '\n' && p.newline() {
		continue
	}
	return p.pos()
}

// body reads what is between braces, and the closing one.
func (p *parser) body(open hcl.Range) (*hclsyntax.Body, hcl.Range, bool) {
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, Blocks: hclsyntax.Blocks{}}
	for {
		p.item()
		if end, ok := p.accept('}'); ok {
			body.SrcRange, body.EndRange = hcl.RangeBetween(open, end), p.span(end.End, end.End)
			return body, end, true
		}
		if !p.bodyItem(body) {
			return nil, hcl.Range{}, false
		}
	}
}

// bodyItem reads an attribute or a block, and the newline after it.
func (p *parser) bodyItem(into *hclsyntax.Body) bool {
	name, at, ok := p.name()
	if !ok {
		return false
	}
	if p.peek() != '=' {
		b, ok := p.block(name, at)
		if !ok || !p.newline() {
			return false
		}
		into.Blocks = append(into.Blocks, b)
		return true
	}
	a, ok := p.attribute(name, at)
	if !ok || into.Attributes[name] != nil || !p.newline() {
		return false
	}
	into.Attributes[name] = a
	return true
}

// attribute reads on from the equals sign.
func (p *parser) attribute(name string, at hcl.Range) (*hclsyntax.Attribute, bool) {
	if c := p.second(); c == '=' || c == '>' {
		return nil, false
	}
	equals, ok := p.accept('=')
	if !ok {
		return nil, false
	}
	x, ok := p.expression()
	return &hclsyntax.Attribute{Name: name, Expr: x, SrcRange: p.span(at.Start, p.prev), NameRange: at, EqualsRange: equals}, ok
}

// block reads on from what follows a block's type.
func (p *parser) block(typ string, at hcl.Range) (*hclsyntax.Block, bool) {
	if p.depth++; p.depth > maxDepth {
		return nil, false
	}
	defer func() { p.depth-- }()
	b := &hclsyntax.Block{Type: typ, TypeRange: at}
	for p.peek() != '{' {
		label, at, ok := p.label()
		if !ok {
			return nil, false
		}
		b.Labels, b.LabelRanges = append(b.Labels, label), append(b.LabelRanges, at)
	}
	b.OpenBraceRange = p.take(1)
	ok := false
	if c := p.peek(); c == '\n' || c == '}' {
		b.Body, b.CloseBraceRange, ok = p.body(b.OpenBraceRange)
	} else {
		b.Body, b.CloseBraceRange, ok = p.oneLine()
	}
	return b, ok
}

// oneLine reads the body of a block that has one attribute, and all of it on one line.
func (p *parser) oneLine() (body *hclsyntax.Body, end hcl.Range, ok bool) {
	name, at, ok := p.name()
	if !ok || p.peek() != '=' {
		return nil, end, false
	}
	a, ok := p.attribute(name, at)
	if !ok {
		return nil, end, false
	}
	last := a.SrcRange.End
	end, ok = p.accept('}')
	return &hclsyntax.Body{Attributes: hclsyntax.Attributes{name: a}, SrcRange: a.SrcRange, EndRange: p.span(last, last)}, end, ok
}

// label reads a block's label.
func (p *parser) label() (string, hcl.Range, bool) {
	if p.peek() != '"' {
		return p.name()
	}
	end := p.off + 1
	for end < len(p.src) && plain(p.src[end]) {
		end++
	}
	if end == len(p.src) || p.src[end] != '"' {
		return "", hcl.Range{}, false
	}
	text := string(p.src[p.off+1 : end])
	return text, p.take(end + 1 - p.off), true
}

// plain tells whether a character of a text stands for itself, whatever comes after it.
func plain(c byte) bool {
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '$' && c != '%' || c == '\t'
}
