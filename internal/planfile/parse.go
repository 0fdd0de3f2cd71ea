package planfile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// tokenLimit bounds how deep a file can nest: the parser recurses, and Go cannot recover from a full stack. A large plan has
// some 10,000 tokens.
const tokenLimit = 50_000

// parse reads the plan's files. After a syntax error nothing further is looked at: it would be noise.
func (l *loader) parse() (blocks hclsyntax.Blocks, ok bool) {
	ok = !l.diags.HasErrors()
	for _, name := range l.names {
		src, err := l.files.read(path.Join(l.base, name))
		if err != nil {
			l.report(diag.Diagnostic{Summary: "A plan file cannot be read", Detail: reason(name, err)})
			ok = false
			continue
		}
		l.sources[name] = src
		body, diags := parseFile(src, name)
		l.report(diags...)
		if body == nil {
			ok = false
			continue
		}
		for _, a := range inOrder(body.Attributes) {
			l.report(diag.Diagnostic{
				Summary: fmt.Sprintf("Unexpected attribute %q", a.Name), Subject: at(a.NameRange),
				Detail: "A plan's file consists of blocks. Attributes stand inside them.", Hint: outsideHint(a.Name),
			})
		}
		blocks = append(blocks, body.Blocks...)
	}
	return blocks, ok
}

func outsideHint(name string) string {
	if slices.Contains(kinds(), name) {
		return fmt.Sprintf("Write %s as a block: %s { ... }", name, name)
	}
	return "Put it inside the block that it belongs to, or make it a local: locals { " + name + " = ... }"
}

// parseFile parses one file. The body is nil when the syntax is wrong.
func parseFile(src []byte, name string) (*hclsyntax.Body, diag.List) {
	tokens, _ := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	if len(tokens) > tokenLimit {
		return nil, diag.Errorf(at(tokens[tokenLimit].Range), "The file is too complex", "It has more than %d words and signs.", tokenLimit)
	}
	for _, t := range tokens {
		if _, exp, ok := strings.Cut(strings.ToLower(string(t.Bytes)), "e"); ok && t.Type == hclsyntax.TokenNumberLit && len(exp) > 4 {
			return nil, diag.Errorf(at(t.Range), "The number is out of range", "Written out it would have thousands of digits.")
		}
	}
	f, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fromHCL(diags)
	}
	body, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return nil, diag.Errorf(diag.Range{File: name}, "The file cannot be read", "It is not HCL.")
	}
	return body, fromHCL(diags)
}

// inOrder are attributes in the order of the text.
func inOrder(attrs hclsyntax.Attributes) []*hclsyntax.Attribute {
	out := make([]*hclsyntax.Attribute, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return out
}

// at is a range of HCL as ours.
func at(r hcl.Range) diag.Range {
	return diag.Range{File: r.Filename, Start: diag.Pos(r.Start), End: diag.Pos(r.End)}
}

// fromHCL turns the parser's diagnostics into ours, with its suggestion as the hint.
func fromHCL(list hcl.Diagnostics) diag.List {
	var out diag.List
	for _, h := range list {
		d := diag.Diagnostic{Summary: strings.TrimSuffix(h.Summary, "."), Detail: h.Detail}
		if h.Severity == hcl.DiagWarning {
			d.Severity = diag.Warning
		}
		if h.Subject != nil {
			d.Subject = at(*h.Subject)
		}
		if i := strings.Index(d.Detail, "Did you mean"); i >= 0 {
			d.Detail, d.Hint = strings.TrimSpace(d.Detail[:i]), d.Detail[i:]
		}
		out = append(out, d)
	}
	return out
}
