package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// body is a block that is being read. Each method that reads an attribute or block by name also makes the name known, and end
// reports what nobody asked for: so the language is written down once.
type body struct {
	l      *loader
	b      *hclsyntax.Body
	title  string // such as stack "blue"
	at     hcl.Range
	attrs  []string
	blocks []string
	broken map[string]bool // attributes that were reported
}

func (l *loader) body(b *hclsyntax.Block) *body {
	return &body{l: l, b: b.Body, title: title(b), at: b.DefRange(), broken: map[string]bool{}}
}

// attr gives an attribute's expression, or nil.
func (b *body) attr(name string) hclsyntax.Expression {
	b.attrs = append(b.attrs, name)
	if a := b.b.Attributes[name]; a != nil {
		return a.Expr
	}
	return nil
}

// fail reports that an attribute's value is wrong.
func (b *body) fail(r diag.Range, summary, hint, format string, args ...any) {
	b.l.report(diag.Diagnostic{Summary: summary, Detail: fmt.Sprintf(format, args...), Hint: hint, Subject: r})
}

// wrong is fail for an attribute whose value then counts as not given.
func (b *body) wrong(name string, r diag.Range, summary, hint, format string, args ...any) {
	b.broken[name] = true
	b.fail(r, summary, hint, format, args...)
}

// what is how messages name an attribute, at the beginning of a sentence.
func (b *body) what(name string) string { return fmt.Sprintf("%q of %s", name, b.title) }

// warn reports what is allowed and probably not meant.
func (b *body) warn(r diag.Range, summary, hint, format string, args ...any) {
	b.l.report(diag.Diagnostic{Severity: diag.Warning, Summary: summary, Detail: fmt.Sprintf(format, args...), Hint: hint, Subject: r})
}

// require reports attributes that are missing.
func (b *body) require(names ...string) {
	for _, n := range names {
		if b.b.Attributes[n] == nil {
			b.fail(at(b.at), fmt.Sprintf("Missing attribute %q", n), "", "%s needs it.", sentence(b.title))
		}
	}
}

// many gives all blocks of a kind inside this one. They have no names.
func (b *body) many(kind string) []*body {
	b.blocks = append(b.blocks, kind)
	var out []*body
	for _, x := range b.b.Blocks {
		if x.Type != kind {
			continue
		}
		if len(x.Labels) > 0 {
			b.fail(at(x.LabelRanges[0]), fmt.Sprintf("A %s block has no name", kind), fmt.Sprintf("Write %s { ... }", kind), "")
		}
		in := b.l.body(x)
		in.title = kind + " of " + b.title
		out = append(out, in)
	}
	return out
}

// one gives the only block of a kind inside this one, or nil.
func (b *body) one(kind string) *body {
	all := b.many(kind)
	if len(all) == 0 {
		return nil
	}
	for _, x := range all[1:] {
		b.l.report(diag.Diagnostic{
			Summary: fmt.Sprintf("Duplicate block %q", kind), Subject: at(x.at), Detail: fmt.Sprintf("%s has one.", sentence(b.title)),
			Notes: []diag.Note{{Text: "the first is here", Range: at(all[0].at)}},
		})
	}
	return all[0]
}

// end reports the attributes and blocks that the language does not have.
func (b *body) end() {
	for _, a := range inOrder(b.b.Attributes) {
		if slices.Contains(b.attrs, a.Name) {
			continue
		}
		hint := diag.DidYouMean(a.Name, b.attrs)
		if slices.Contains(b.blocks, a.Name) {
			hint = fmt.Sprintf("It is a block: write %s { ... } without =", a.Name)
		}
		b.fail(at(a.NameRange), fmt.Sprintf("Unknown attribute %q", a.Name), hint, "%s has no attribute of this name.", sentence(b.title))
	}
	for _, x := range b.b.Blocks {
		if slices.Contains(b.blocks, x.Type) {
			continue
		}
		hint := diag.DidYouMean(x.Type, b.blocks)
		if slices.Contains(b.attrs, x.Type) {
			hint = fmt.Sprintf("It is an attribute: write %s = ...", x.Type)
		}
		b.fail(at(x.TypeRange), fmt.Sprintf("Unknown block %q", x.Type), hint, "%s has no block of this kind.", sentence(b.title))
	}
}

// sentence begins with a capital letter.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
