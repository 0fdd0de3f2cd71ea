// Package quick parses Terraform code as hclsyntax does, in a fraction of its time and memory.
//
// Promise: ParseConfig gives exactly what hclsyntax.ParseConfig gives for the same text: the same tree, with the same ranges, and the same
// diagnostics. It makes hclsyntax's own nodes without a list of tokens, for what most code is made of. Of everything else it knows only that
// it does not know it (heredocs, directives in templates, letters outside ASCII but in comments, Windows line ends, mistakes): from the
// first top-level block that has any of it, hclsyntax reads the rest of the file. A fuzz test compares the two.
package quick

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// ParseConfig is hclsyntax.ParseConfig for a whole file in valid UTF-8.
func ParseConfig(src []byte, filename string) (*hclsyntax.Body, hcl.Diagnostics) {
	p := &parser{src: src, filename: filename, line: 1, newlines: true}
	for p.off < len(src) && (src[p.off] == ' ' || src[p.off] == '\t') {
		p.off++
	}
	start := p.pos()
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, Blocks: hclsyntax.Blocks{}}
	for {
		at := p.item()
		if p.off == len(src) {
			body.SrcRange, body.EndRange = p.span(start, p.pos()), p.span(p.pos(), p.pos())
			return body, nil
		}
		if p.bodyItem(body) {
			continue
		}
		if rest, diags, ok := p.rest(body, at); ok {
			rest.SrcRange.Start = start
			return rest, diags
		}
		return whole(src, filename, hcl.InitialPos)
	}
}

// rest lets hclsyntax read from a top-level item on; not ok: it cannot be put together with what was read before.
func (p *parser) rest(before *hclsyntax.Body, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics, bool) {
	if len(before.Blocks) == 0 && len(before.Attributes) == 0 {
		return nil, nil, false
	}
	body, diags := whole(p.src[at.Byte:], p.filename, at)
	if body == nil {
		return nil, nil, false
	}
	for name, a := range before.Attributes {
		if body.Attributes[name] != nil {
			return nil, nil, false
		}
		body.Attributes[name] = a
	}
	body.Blocks = append(before.Blocks, body.Blocks...)
	return body, diags, true
}

func whole(src []byte, filename string, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics) {
	file, diags := hclsyntax.ParseConfig(src, filename, at)
	if file == nil {
		return nil, diags
	}
	body, _ := file.Body.(*hclsyntax.Body)
	return body, diags
}
