package planfile

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// variable is a declared plan variable.
type variable struct {
	name      string
	body      *body
	want      cty.Type
	defaults  *typeexpr.Defaults
	standard  cty.Value // NilVal: required
	sensitive bool
	checks    []*body
}

// given is a value from outside of the plan's text.
type given struct {
	from  string    // for messages
	text  string    // as typed; read according to the variable's type
	value cty.Value // from a file; NilVal: text counts
	at    diag.Range
}

// variables reads the declarations and gives each its value: --var before --var-file before the environment before the default.
func (l *loader) variables() {
	all := map[string]*variable{}
	for _, x := range l.groups["variable"] {
		all[x.Labels[0]] = l.variable(x)
		l.eval.vars[x.Labels[0]] = cty.DynamicVal // known by name, so that references do not fail
	}
	values := l.givenValues(slices.Sorted(maps.Keys(all)))
	for _, x := range l.groups["variable"] {
		v := all[x.Labels[0]]
		l.eval.vars[v.name] = l.settle(v, values)
	}
	for _, x := range l.groups["variable"] {
		for _, c := range all[x.Labels[0]].checks {
			l.validate(all[x.Labels[0]], c)
		}
	}
}

func (l *loader) variable(x *hclsyntax.Block) *variable {
	b := l.body(x)
	v := &variable{name: x.Labels[0], body: b, want: cty.DynamicPseudoType, sensitive: b.isSet("sensitive"), checks: b.many("validation")}
	b.text("description")
	if t := b.attr("type"); t != nil {
		want, defaults, diags := typeexpr.TypeConstraintWithDefaults(t)
		l.report(fromHCL(diags)...)
		if !diags.HasErrors() {
			v.want, v.defaults = want, defaults
		}
	}
	if d := b.attr("default"); d != nil {
		v.standard = cty.DynamicVal // even if it is wrong, the variable has a default
		if refs := d.Variables(); len(refs) > 0 {
			b.fail(at(refs[0].SourceRange()), "References cannot be used here", "Compute in locals what depends on other values", "The default of a variable stands for itself.")
		} else if got, ok := l.static(d, b.what("default"), cty.DynamicPseudoType, false); ok {
			v.standard = l.fit(v, got, at(d.Range()), "its default")
		}
	}
	b.end()
	return v
}

// givenValues collects what was given from outside, the strongest last.
func (l *loader) givenValues(declared []string) map[string]given {
	out := map[string]given{}
	for _, n := range declared {
		if text, ok := l.opts.Env[proc.VariablePrefix+n]; ok {
			out[n] = given{from: "the environment's " + proc.VariablePrefix + n, text: text}
		}
	}
	for _, f := range l.opts.VarFiles {
		l.varFile(f, declared, out)
	}
	for _, arg := range l.opts.Vars {
		name, text, ok := strings.Cut(arg, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			l.report(diag.Diagnostic{Summary: "A variable is given without a value", Detail: "--var takes NAME=VALUE.", Hint: "Write --var NAME=VALUE"})
			continue
		}
		if !slices.Contains(declared, name) {
			l.report(diag.Diagnostic{Summary: fmt.Sprintf("Unknown variable %q", name), Detail: "It is given by --var, and the plan does not declare it.", Hint: diag.DidYouMean(name, declared)})
			continue
		}
		out[name] = given{from: "--var " + name, text: text}
	}
	return out
}

// varFile reads a file of values. It is kept out of the sources: its lines may be secret.
func (l *loader) varFile(name string, declared []string, out map[string]given) {
	abs, err := filepath.Abs(name)
	var src []byte
	if err == nil {
		src, err = l.files.read(inFS(abs))
	}
	if err != nil {
		l.report(diag.Diagnostic{Summary: "A file of variables cannot be read", Detail: reason(name, err), Hint: "Check the path given to --var-file"})
		return
	}
	attrs, diags := parseValues(src, name)
	l.report(diags...)
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		a := attrs[k]
		if !slices.Contains(declared, k) {
			l.report(diag.Diagnostic{
				Severity: diag.Warning, Summary: fmt.Sprintf("Unknown variable %q", k), Subject: at(a.NameRange),
				Detail: "The plan does not declare it.", Hint: diag.DidYouMean(k, declared),
			})
			continue
		}
		v, diags := a.Expr.Value(nil)
		if diags.HasErrors() {
			l.report(diag.Diagnostic{Summary: "Values must be constants", Subject: at(a.Expr.Range()), Detail: fmt.Sprintf("The value of %q uses references or functions, or does not fit together.", k)})
			continue
		}
		out[k] = given{from: name, value: v, at: at(a.Range)}
	}
}

func parseValues(src []byte, name string) (hcl.Attributes, diag.List) {
	if strings.HasSuffix(name, ".json") {
		f, diags := json.Parse(src, name)
		if diags.HasErrors() {
			return nil, fromHCL(diags)
		}
		attrs, more := f.Body.JustAttributes()
		return attrs, fromHCL(more)
	}
	body, diags := parseFile(src, name)
	if body == nil {
		return nil, diags
	}
	attrs, more := body.JustAttributes()
	return attrs, append(diags, fromHCL(more)...)
}

// settle gives a variable its value.
func (l *loader) settle(v *variable, values map[string]given) cty.Value {
	g, ok := values[v.name]
	if !ok {
		if v.standard == cty.NilVal {
			l.report(diag.Diagnostic{
				Summary: fmt.Sprintf("Variable %q has no value", v.name), Subject: at(v.body.at), Detail: "It has no default, so each run must be given its value.",
				Hint: fmt.Sprintf("Use --var %s=VALUE, --var-file FILE or the environment's %s%s", v.name, proc.VariablePrefix, v.name),
			})
			return cty.DynamicVal
		}
		return l.hide(v, v.standard)
	}
	got := g.value
	if got == cty.NilVal {
		if got, ok = v.typed(g); !ok {
			return cty.DynamicVal
		}
	}
	where := g.at
	if where.File == "" {
		where = at(v.body.at)
	}
	return l.hide(v, l.fit(v, got, where, g.from))
}

// typed reads a value as somebody typed it: text for simple types, an expression for lists, maps and objects.
func (v *variable) typed(g given) (cty.Value, bool) {
	if v.want.IsPrimitiveType() || v.want == cty.DynamicPseudoType {
		return cty.StringVal(g.text), true
	}
	var got cty.Value
	x, diags := hclsyntax.ParseExpression([]byte(g.text), g.from, hcl.InitialPos)
	if !diags.HasErrors() {
		got, diags = x.Value(nil)
	}
	if diags.HasErrors() {
		v.body.fail(at(v.body.at), fmt.Sprintf("The value of variable %q cannot be read", v.name), `Write it as in a plan, such as ["a", "b"] or { a = 1 }`,
			"It is given by %s, and must be %s.", g.from, typeexpr.TypeString(v.want))
	}
	return got, !diags.HasErrors()
}

// fit brings a value to the variable's type. Messages do not quote the value: it may be secret.
func (l *loader) fit(v *variable, got cty.Value, where diag.Range, from string) cty.Value {
	if v.defaults != nil {
		got = v.defaults.Apply(got)
	}
	out, err := convert.Convert(got, v.want)
	if err != nil {
		l.report(diag.Diagnostic{Summary: fmt.Sprintf("The value of variable %q has the wrong type", v.name), Subject: where, Detail: fmt.Sprintf("Given by %s: %s.", from, err)})
		return cty.DynamicVal
	}
	return out
}

func (l *loader) hide(v *variable, val cty.Value) cty.Value {
	if v.sensitive {
		return val.Mark(mark{})
	}
	return val
}

// validate applies one of the author's own rules.
func (l *loader) validate(v *variable, b *body) {
	b.require("condition", "error_message")
	cond, message := b.attr("condition"), b.text("error_message")
	b.end()
	if cond == nil || !l.eval.vars[v.name].IsKnown() {
		return
	}
	n, diags := l.eval.study(cond)
	l.report(diags...)
	if n.failed {
		return
	}
	if !n.static() || n.sites != nil || len(n.locals) > 0 {
		b.fail(at(cond.Range()), "A condition looks at variables only", "", "It is checked before anything else is known.")
		return
	}
	got, diags := l.eval.compute(cond, n, known{})
	l.report(diags...)
	if diags.HasErrors() {
		return
	}
	bare, _ := got.Unmark()
	is, err := convert.Convert(bare, cty.Bool)
	switch {
	case err != nil || !is.IsKnown() || is.IsNull():
		b.fail(at(cond.Range()), "A condition is true or false", "", "This one is neither.")
	case is.False():
		b.fail(at(v.body.at), fmt.Sprintf("The value of variable %q is not allowed", v.name), "", "%s", message)
	}
}
