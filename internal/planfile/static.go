package planfile

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// text reads a string that is known when the plan is read. A missing or null attribute is the empty string.
func (b *body) text(name string) string {
	x := b.attr(name)
	if x == nil {
		return ""
	}
	v, ok := b.static(x, name, cty.String)
	if !ok || v.IsNull() {
		return ""
	}
	return v.AsString()
}

// texts reads a list of strings.
func (b *body) texts(name string) []string {
	x := b.attr(name)
	if x == nil {
		return nil
	}
	v, ok := b.static(x, name, cty.List(cty.String))
	if !ok || v.IsNull() {
		return nil
	}
	var out []string
	for _, e := range v.Elements() {
		if e.IsNull() {
			b.wrong(name, at(x.Range()), fmt.Sprintf("Null in %q", name), "", "Each element must be a text.")
			continue
		}
		out = append(out, e.AsString())
	}
	return out
}

// textMap reads a map of strings.
func (b *body) textMap(name string) map[string]string {
	x := b.attr(name)
	if x == nil {
		return nil
	}
	v, ok := b.static(x, name, cty.Map(cty.String))
	if !ok || v.IsNull() {
		return nil
	}
	out := map[string]string{}
	for k, e := range v.Elements() {
		if !e.IsNull() {
			out[k.AsString()] = e.AsString()
		}
	}
	return out
}

// flag reads true or false; nil when the attribute is missing.
func (b *body) flag(name string) *bool {
	x := b.attr(name)
	if x == nil {
		return nil
	}
	v, ok := b.static(x, name, cty.Bool)
	if !ok || v.IsNull() {
		return nil
	}
	is := v.True()
	return &is
}

func (b *body) isSet(name string) bool {
	f := b.flag(name)
	return f != nil && *f
}

// number reads a whole number between lo and hi; 0 when the attribute is missing.
func (b *body) number(name string, lo, hi int) int {
	x := b.attr(name)
	if x == nil {
		return 0
	}
	v, ok := b.static(x, name, cty.Number)
	if !ok || v.IsNull() {
		return 0
	}
	n, _ := v.AsBigFloat().Int64()
	if !v.AsBigFloat().IsInt() || n < int64(lo) || n > int64(hi) {
		b.wrong(name, at(x.Range()), fmt.Sprintf("%q is out of range", name), "", "It must be a whole number from %d to %d.", lo, hi)
		return 0
	}
	return int(n)
}

// duration reads a time span such as "4h"; 0 when the attribute is missing.
func (b *body) duration(name string) time.Duration {
	s := b.text(name)
	if s == "" && !b.given(name) {
		return 0
	}
	d, hint, err := parseDuration(s)
	if err != nil {
		b.fail(b.valueAt(name), fmt.Sprintf("%q is not a duration", s), hint, "%s.", sentence(err.Error()))
	}
	return d
}

// jsonText reads a string that holds JSON.
func (b *body) jsonText(name string) string {
	s := b.text(name)
	if b.given(name) && !json.Valid([]byte(s)) {
		b.fail(b.valueAt(name), fmt.Sprintf("%q is not JSON", name), "Use jsonencode({ ... }) or file(\"...\")", "AWS takes it as a JSON document.")
	}
	return s
}

// given tells whether an attribute has a value that was read without a complaint.
func (b *body) given(name string) bool {
	a := b.b.Attributes[name]
	return a != nil && !b.broken[name] && !isNull(a.Expr)
}

func isNull(x hclsyntax.Expression) bool {
	lit, ok := x.(*hclsyntax.LiteralValueExpr)
	return ok && lit.Val.IsNull()
}

// valueAt is where an attribute's value stands.
func (b *body) valueAt(name string) diag.Range {
	if a := b.b.Attributes[name]; a != nil {
		return at(a.Expr.Range())
	}
	return at(b.at)
}

// static computes a value that is the same at every site and in every run.
func (b *body) static(x hcl.Expression, name string, want cty.Type) (cty.Value, bool) {
	v, ok := b.l.static(x, b.what(name), want, true)
	if !ok {
		b.broken[name] = true
	}
	return v, ok
}

func (l *loader) static(x hcl.Expression, what string, want cty.Type, sites bool) (cty.Value, bool) {
	n, diags := l.eval.study(x)
	l.report(diags...)
	if n.failed {
		return cty.NilVal, false
	}
	late := func(r diag.Range, summary, detail string) {
		l.report(diag.Diagnostic{Summary: summary, Subject: r, Detail: fmt.Sprintf(detail, what), Notes: usedIn(x, r)})
	}
	switch {
	case len(n.outputs) > 0:
		late(n.outputs[0].Range, "Outputs cannot be used here", "%s must be known before anything runs.")
	case n.stack != nil:
		late(at(*n.stack), "stack.name cannot be used here", "%s does not belong to one stack.")
	case n.here != nil:
		late(at(*n.here), "The current site cannot be used here", "%s must be the same at every site. Name a site: site.NAME.region.")
	case n.sites != nil && !sites:
		late(at(*n.sites), "Sites cannot be used here", "%s is needed to know the sites themselves. Use a variable or a local instead.")
	default:
		v, diags := l.eval.compute(x, n, known{})
		l.report(diags...)
		if diags.HasErrors() {
			return cty.NilVal, false
		}
		return l.convert(v, x, what, want)
	}
	return cty.NilVal, false
}

// usedIn says where a reference is used that stands elsewhere, in a local.
func usedIn(x hcl.Expression, ref diag.Range) []diag.Note {
	use := at(x.Range())
	if ref.File == use.File && ref.Start.Byte >= use.Start.Byte && ref.End.Byte <= use.End.Byte {
		return nil
	}
	return []diag.Note{{Text: "it is used here", Range: use}}
}

// convert brings a known value to the type that is wanted. Secrets are refused: what is read here is shown.
func (l *loader) convert(v cty.Value, x hcl.Expression, what string, want cty.Type) (cty.Value, bool) {
	if marked(v) {
		l.report(diag.Diagnostic{
			Summary: "A sensitive value cannot be used here", Subject: at(x.Range()),
			Detail: what + " appears in plans, logs and reports.", Hint: "Sensitive values may stand in a stack's variables and env, and in secret_variables",
		})
		return cty.NilVal, false
	}
	got, err := convert.Convert(v, want)
	if err != nil {
		l.report(diag.Diagnostic{Summary: "Wrong type", Subject: at(x.Range()), Detail: fmt.Sprintf("%s: %s.", what, err)})
		return cty.NilVal, false
	}
	return got, true
}

func marked(v cty.Value) bool { return v != cty.NilVal && v.ContainsMarked() }
