package planfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// expr is a value that is computed during a run.
type expr struct {
	eval *evaluator
	src  hcl.Expression
	need need
	want cty.Type
	pick cty.Value // index of the part that is meant; NilVal: the whole
	at   diag.Range
}

var _ plan.Expr = (*expr)(nil)

// Refs are the stack outputs and the names of tables that the value needs.
func (x *expr) Refs() []plan.Ref { return slices.Concat(x.need.outputs, x.need.tables) }

// Range is where the value stands in the plan.
func (x *expr) Range() diag.Range { return x.at }

// Resolve computes the value. Its errors are *diag.Failure, with the place.
func (x *expr) Resolve(s plan.Scope) (plan.Value, error) {
	switch {
	case x.need.here != nil && s.Site == nil:
		return plan.Value{}, diag.Errorf(at(*x.need.here), "No site", "The value depends on the site, and no site is being worked on.").Err()
	case x.need.stack != nil && s.Stack == "":
		return plan.Value{}, diag.Errorf(at(*x.need.stack), "No stack", "The value depends on the stack's name, and no stack is being worked on.").Err()
	}
	v, diags := x.eval.compute(x.src, x.need, known{site: s.Site, stack: s.Stack, table: s.Table, output: func(r plan.Ref) (cty.Value, error) {
		if s.Output == nil {
			return cty.NilVal, errors.New("no outputs are known yet: the stack has not been applied")
		}
		o, err := s.Output(r.Name, r.Output)
		if err != nil {
			return cty.NilVal, err
		}
		return fromPlan(o)
	}})
	if diags.HasErrors() {
		return plan.Value{}, diags.Err()
	}
	v, err := x.part(v)
	if err == nil && v.IsNull() && x.want != cty.DynamicPseudoType {
		err = errors.New("the value is null")
	}
	var out plan.Value
	if err == nil {
		out, err = toPlan(v)
	}
	if err != nil {
		return plan.Value{}, diag.Errorf(x.at, "The value cannot be computed", "%s.", err).Err()
	}
	return out, nil
}

// part is the picked part of a value in the wanted type, marked if the whole is.
func (x *expr) part(v cty.Value) (cty.Value, error) {
	if x.pick != cty.NilVal {
		whole, marks := v.Unmark()
		p, diags := hcl.Index(whole, x.pick, nil)
		if diags.HasErrors() {
			return cty.NilVal, errors.New("the value lost a part that it had when the plan was read")
		}
		v = p.WithMarks(marks)
	}
	if !v.IsKnown() {
		return cty.NilVal, errors.New("a part of the value is not known")
	}
	return convert.Convert(v, x.want)
}

// place says what an expression may use where it stands.
type place struct {
	want    cty.Type // NilType: a string
	outputs bool     // outputs of stacks, and names of tables
	tables  bool     // names of tables
	secret  bool     // a secret may come out
	stacks  []string // the stacks that stack.name may be; none: it may not be used
	self    string   // the stack that the expression belongs to
}

// expr reads an attribute as a value that may have to wait for the run; nil when it is missing or null.
func (b *body) expr(name string, p place) plan.Expr {
	src := b.attr(name)
	if src == nil {
		return nil
	}
	return b.compile(src, name, p)
}

// compile checks an expression, tries it, and keeps it. Nil: it is wrong, which was reported, or null.
func (b *body) compile(src hcl.Expression, name string, p place) plan.Expr {
	values, n, ok := b.attempt(src, name, p)
	if !ok {
		return nil
	}
	return b.keep(expr{eval: b.l.eval, src: src, need: n, want: p.want, at: at(src.Range())}, values, name, p)
}

// attempt finds what an expression needs, whether it may, and what comes out at each site with what is known now.
func (b *body) attempt(src hcl.Expression, name string, p place) ([]cty.Value, need, bool) {
	e := b.l.eval
	n, diags := e.study(src)
	b.l.report(diags...)
	if n.failed || !b.may(src, n, name, p) {
		b.broken[name] = true
		return nil, n, false
	}
	values, diags := e.try(src, n, p.stacks)
	b.l.report(diags...)
	if diags.HasErrors() {
		b.broken[name] = true
	}
	return values, n, !diags.HasErrors()
}

// may reports what an expression uses and must not.
func (b *body) may(src hcl.Expression, n need, name string, p place) bool {
	what := b.what(name)
	ok := true
	refuse := func(r diag.Range, summary, detail string) {
		ok = false
		b.l.report(diag.Diagnostic{Summary: summary, Subject: r, Detail: detail, Notes: usedIn(src, r)})
	}
	if n.stack != nil && len(p.stacks) == 0 {
		refuse(at(*n.stack), "stack.name cannot be used here", what+" does not belong to one stack.")
	}
	for _, r := range n.tables {
		if !p.outputs && !p.tables {
			refuse(r.Range, "Names of tables cannot be used here", what+" must be known before any table is restored.")
		}
	}
	for _, r := range n.outputs {
		switch {
		case !p.outputs:
			refuse(r.Range, "Outputs cannot be used here", what+" must be known before any stack is applied.")
		case r.Name == p.self:
			refuse(r.Range, "A stack cannot use its own outputs", fmt.Sprintf("Stack %q has outputs only after it is applied, and this value is needed to apply it.", p.self))
		}
	}
	return ok
}

// keep makes a plan.Expr of a checked expression and the values that came out: a literal if nothing is missing.
func (b *body) keep(x expr, values []cty.Value, name string, p place) plan.Expr {
	if x.want == cty.NilType {
		x.want = cty.String
	}
	what := b.what(name)
	bad := func(summary, format string, args ...any) plan.Expr {
		b.wrong(name, x.at, summary, "", format, args...)
		return nil
	}
	var v cty.Value
	for _, v = range values {
		if marked(v) && !p.secret {
			return bad("A sensitive value cannot be used here", "%s appears in plans, logs and reports.", what)
		}
		var err error
		if v, err = convert.Convert(v, x.want); err != nil {
			return bad("Wrong type", "%s: %s.", what, err)
		}
	}
	if !x.need.static() {
		return &x
	}
	if v.IsNull() && x.want != cty.DynamicPseudoType {
		return nil // as if it were not written
	}
	out, err := toPlan(v)
	if err != nil {
		return bad("The value cannot be computed", "%s: %s.", what, err)
	}
	return plan.Literal{Value: out, At: x.at}
}
