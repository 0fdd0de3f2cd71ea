package survey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/survey/quick"
)

// Bounds of one file's text: the parser recurses, and Go cannot recover from a full stack.
const (
	maxNesting   = 250    // brackets inside each other
	maxOperators = 20_000 // signs that the parser recurses on, before it is looked at whether they stand in expressions
)

// parse reads one file of code, in either syntax. What is well formed is there even if the rest is not.
func parse(f *File) (*hclsyntax.Body, diag.List) {
	body, at := &hclsyntax.Body{}, hcl.InitialPos
	isJSON := strings.HasSuffix(f.Path, ".json")
	if !isJSON {
		if body, at = quick.Parse(f.Src, f.Path); at.Byte == len(f.Src) {
			return body, nil
		}
	}
	if why := unsafeFrom(f.Src[at.Byte:], at); why != "" {
		return nil, diag.List{{Severity: diag.Warning, Summary: "A file is too complex", Subject: diag.Range{File: f.Path}, Detail: why, Hint: "what it says is missing from the survey"}}
	}
	var diags hcl.Diagnostics
	if isJSON {
		body, diags = parseJSON(f)
	} else {
		body, diags = quick.Rest(body, f.Src, at)
	}
	return body, fromHCL(diags)
}

// unsafe tells why a text must not reach a parser that recurses; empty if it may.
func unsafe(src []byte) string { return unsafeFrom(src, hcl.InitialPos) }

// unsafeFrom is unsafe for the rest of a file that begins there.
func unsafeFrom(src []byte, at hcl.Pos) string {
	depth, deepest, operators := 0, 0, 0
	for _, b := range src {
		switch b {
		case '(', '[', '{':
			if depth++; depth > deepest {
				deepest = depth
			}
		case ')', ']', '}':
			depth = max(0, depth-1)
		case '!', '?', '-':
			operators++
		}
	}
	if deepest <= maxNesting && operators <= maxOperators {
		return ""
	}
	return countTokens(src, at)
}

// countTokens looks closer: brackets and signs inside of texts do no harm.
func countTokens(src []byte, at hcl.Pos) string {
	tokens, _ := hclsyntax.LexConfig(src, "", at)
	depth, run, questions := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd:
			depth = max(0, depth-1)
		case hclsyntax.TokenQuestion:
			questions++
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			continue
		default:
		}
		if t.Type == hclsyntax.TokenMinus || t.Type == hclsyntax.TokenBang {
			run++
		} else {
			run = 0
		}
		if depth > maxNesting || run > maxNesting || questions > maxOperators {
			return fmt.Sprintf("Its expressions stand more than %d deep inside each other (line %d).", maxNesting, t.Range.Start.Line)
		}
	}
	return ""
}

// inOrder are attributes in the order of the text.
func inOrder(attrs hclsyntax.Attributes) []*hclsyntax.Attribute {
	out := make([]*hclsyntax.Attribute, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int {
		if c := a.SrcRange.Start.Byte - b.SrcRange.Start.Byte; c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// fromHCL turns the parser's diagnostics into ours. They are warnings: the survey goes on without what is broken.
func fromHCL(list hcl.Diagnostics) diag.List {
	var out diag.List
	for i, h := range list {
		if i == 10 {
			break // after so many the file is something else
		}
		d := diag.Diagnostic{Severity: diag.Warning, Summary: strings.TrimSuffix(h.Summary, "."), Detail: h.Detail, Hint: "what it says is missing from the survey; `terraform validate` tells the same"}
		if h.Subject != nil {
			d.Subject = diag.Range{File: h.Subject.Filename, Start: diag.Pos(h.Subject.Start), End: diag.Pos(h.Subject.End)}
		}
		out = append(out, d)
	}
	return out
}
