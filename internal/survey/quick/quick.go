// Package quick parses Terraform code as hclsyntax does, in a fraction of its time and memory.
//
// Promise: Parse and Rest together give exactly what hclsyntax.ParseConfig gives for the same text: the same tree, with the same ranges, and the
// same diagnostics. Parse makes hclsyntax's own nodes without a list of tokens, for what most code is made of. Of everything else it knows only
// that it does not know it (heredocs, directives in templates, letters outside ASCII but in comments, Windows line ends, mistakes, what stands
// more than 250 deep): at the first top-level block that has any of it, it stops, and Rest lets hclsyntax read on. A fuzz test compares the two.
package quick

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Parse reads a file in valid UTF-8, and gives where it stopped: at the end, or where Rest must read on.
func Parse(src []byte, filename string) (*hclsyntax.Body, hcl.Pos) {
	p := &parser{src: src, filename: filename, line: 1, newlines: true}
	for p.off < len(src) && (src[p.off] == ' ' || src[p.off] == '\t') {
		p.off++
	}
	start := p.pos()
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, Blocks: hclsyntax.Blocks{}}
	for {
		at := p.item()
		if p.off < len(src) && p.bodyItem(body) {
			continue
		}
		body.SrcRange, body.EndRange = p.span(start, at), p.span(at, at)
		return body, at
	}
}

// Rest reads on where Parse stopped. What Parse has read becomes part of the result.
func Rest(before *hclsyntax.Body, src []byte, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics) {
	filename := before.SrcRange.Filename
	whole := func() (*hclsyntax.Body, hcl.Diagnostics) { return parse(src, filename, hcl.InitialPos) }
	if len(before.Blocks) == 0 && len(before.Attributes) == 0 {
		return whole()
	}
	body, diags := parse(src[at.Byte:], filename, at)
	if body == nil {
		return whole()
	}
	for name, a := range before.Attributes {
		if body.Attributes[name] != nil { // which is a mistake: they cannot be put together
			return whole()
		}
		body.Attributes[name] = a
	}
	body.Blocks = append(before.Blocks, body.Blocks...)
	body.SrcRange.Start = before.SrcRange.Start
	return body, diags
}

func parse(src []byte, filename string, at hcl.Pos) (*hclsyntax.Body, hcl.Diagnostics) {
	file, diags := hclsyntax.ParseConfig(src, filename, at)
	if file == nil {
		return nil, diags
	}
	body, _ := file.Body.(*hclsyntax.Body)
	return body, diags
}
