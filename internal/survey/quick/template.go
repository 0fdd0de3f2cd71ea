package quick

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// template reads a text between quotes.
func (p *parser) template() (hclsyntax.Expression, bool) {
	open := p.take(1)
	var parts []hclsyntax.Expression
	wrap := false
	for p.off < len(p.src) {
		switch {
		case p.src[p.off] == '"':
			end := p.take(1)
			if len(parts) == 0 {
				parts = append(parts, &hclsyntax.LiteralValueExpr{Val: cty.StringVal(""), SrcRange: p.span(end.End, end.End)}) // so does hclsyntax
			}
			if wrap && len(parts) == 1 {
				return &hclsyntax.TemplateWrapExpr{Wrapped: parts[0], SrcRange: hcl.RangeBetween(open, end)}, true
			}
			return &hclsyntax.TemplateExpr{Parts: parts, SrcRange: hcl.RangeBetween(open, end)}, true
		case p.src[p.off] == '$' && p.second() == '{':
			x, ok := p.interpolation()
			if !ok {
				return nil, false
			}
			parts, wrap = append(parts, x), true
		default:
			x, ok := p.literal()
			if !ok {
				return nil, false
			}
			parts = append(parts, x)
		}
	}
	return nil, false
}

// interpolation reads ${ and the expression up to its brace.
func (p *parser) interpolation() (hclsyntax.Expression, bool) {
	p.take(2)
	if p.off == len(p.src) || p.src[p.off] == '~' {
		return nil, false
	}
	defer p.inside(false)()
	x, ok := p.expression()
	if !ok {
		return nil, false
	}
	_, ok = p.accept('}')
	return x, ok
}

// literal reads a text up to what ends or interrupts it.
func (p *parser) literal() (hclsyntax.Expression, bool) {
	end, escaped := p.literalEnd()
	if end <= p.off {
		return nil, false
	}
	text, ok := string(p.src[p.off:end]), true
	if escaped {
		text, ok = unescape(text)
	}
	return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(text), SrcRange: p.take(end - p.off)}, ok
}

// literalEnd is where the quote or the expression begins that ends a literal; 0 where it does not know.
func (p *parser) literalEnd() (end int, escaped bool) {
	for end = p.off; end+1 < len(p.src); {
		switch c, next := p.src[end], p.src[end+1]; {
		case plain(c):
			end++
		case c == '\\':
			escaped, end = true, end+2
		case c == '"', c == '$' && next == '{':
			return end, escaped
		case (c == '$' || c == '%') && next != '{' && next != c:
			end++
		default:
			return 0, false
		}
	}
	if end < len(p.src) && p.src[end] == '"' {
		return end, escaped
	}
	return 0, false
}

func unescape(text string) (string, bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, `\`)
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		if after == "" {
			return "", false
		}
		switch after[0] {
		case '"', '\\':
			b.WriteByte(after[0])
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		default:
			return "", false
		}
		text = after[1:]
	}
}
