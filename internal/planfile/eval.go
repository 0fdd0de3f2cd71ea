package planfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// evaluator computes expressions. It does not change after Load, so that expressions can be resolved at the same time.
type evaluator struct {
	groups groups
	funcs  map[string]function.Function
	reads  *reads
	vars   map[string]cty.Value // sensitive ones are marked
	locals map[string]*local
	tables map[string]*local    // the names that tables are given
	sites  map[string]cty.Value // the sites by name
	live   []*plan.Site         // where the application lives or may live: what values are tried with
}

// local is one named value of a locals block.
type local struct {
	attr  *hclsyntax.Attribute
	state int
	need  need
	diags diag.List
}

const (
	fresh = iota
	studying
	studied
)

// mark is what sensitive values carry; whatever is computed from them carries it too.
type mark struct{}

func newEvaluator(l *loader) *evaluator {
	r := newReads(l)
	return &evaluator{groups: l.groups, reads: r, funcs: functions(r, l.opts.Now), vars: map[string]cty.Value{}, locals: map[string]*local{}, tables: map[string]*local{}, sites: map[string]cty.Value{}}
}

// known is what can be said when an expression is computed. The zero value knows nothing: values are then unknown of the right type.
type known struct {
	site   *plan.Site
	stack  string
	output func(plan.Ref) (cty.Value, error)
	table  func(string) string
}

// compute gives the value of an expression. A local or output that cannot be had is absent rather than wrong, so that try() can
// step in; its error is told when the expression fails for want of it.
func (e *evaluator) compute(x hcl.Expression, n need, k known) (cty.Value, diag.List) {
	stacks, causes, err := e.stacks(n, k)
	if err != nil {
		return cty.DynamicVal, err
	}
	ctx := &hcl.EvalContext{Functions: e.funcs, Variables: map[string]cty.Value{
		"var": cty.ObjectVal(e.vars), "site": cty.ObjectVal(e.siteValues(k)), "stack": cty.ObjectVal(stacks), "local": cty.EmptyObjectVal, "table": cty.EmptyObjectVal,
	}}
	causes = append(causes, e.named(n, k, ctx)...)
	v, diags := e.value(x, ctx)
	if diags.HasErrors() && causes.HasErrors() {
		return v, causes
	}
	return v, diags
}

func (e *evaluator) value(x hcl.Expression, ctx *hcl.EvalContext) (cty.Value, diag.List) {
	v, diags := x.Value(ctx)
	return v, e.tell(diags, ctx)
}

// stacks are the values below "stack". A missing output is not there; any other failure to read one ends the computation.
func (e *evaluator) stacks(n need, k known) (values map[string]cty.Value, missing, fatal diag.List) {
	outputs := map[string]map[string]cty.Value{}
	for _, r := range n.outputs {
		if outputs[r.Name] == nil {
			outputs[r.Name] = map[string]cty.Value{}
		}
		if _, done := outputs[r.Name][r.Output]; done {
			continue
		}
		v := cty.DynamicVal
		if k.output != nil {
			var err error
			v, err = k.output(r)
			d := diag.Diagnostic{Summary: fmt.Sprintf("Output %q of stack %q is not known", r.Output, r.Name), Subject: r.Range}
			if err != nil {
				d.Detail = err.Error()
			}
			switch {
			case errors.Is(err, plan.ErrNoOutput):
				missing = append(missing, d)
				continue
			case err != nil:
				return nil, nil, diag.List{d}
			}
		}
		outputs[r.Name][r.Output] = v
	}
	values = map[string]cty.Value{"name": textOr(k.stack)}
	for name, o := range outputs {
		values[name] = cty.ObjectVal(map[string]cty.Value{"outputs": cty.ObjectVal(o)})
	}
	return values, missing, nil
}

func (e *evaluator) siteValues(k known) map[string]cty.Value {
	var s plan.Site
	if k.site != nil {
		s = *k.site
	}
	values := map[string]cty.Value{"account": textOr(s.Account), "region": textOr(s.Region), "name": textOr(s.Name)}
	maps.Copy(values, e.sites)
	return values
}

// textOr is the text, or an unknown text for none.
func textOr(s string) cty.Value {
	if s == "" {
		return cty.UnknownVal(cty.String).RefineNotNull()
	}
	return cty.StringVal(s)
}

// tell turns HCL's diagnostics into ours, and hides those that quote a secret.
func (e *evaluator) tell(list hcl.Diagnostics, ctx *hcl.EvalContext) diag.List {
	if len(list) == 0 {
		return nil
	}
	out := fromHCL(list)
	secrets := secretTexts(ctx)
	for i, h := range list {
		if call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](h); ok {
			name := call.CalledFunctionName()
			out[i].Summary, out[i].Detail = fmt.Sprintf("Unknown function %q", name), "The plan language has no function of this name."
			out[i].Hint = diag.DidYouMean(name, names(e.funcs))
		}
		if callOnSecret(h) || slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(out[i].Detail, s) }) {
			out[i].Detail = "The reason is not shown, because it may quote a secret."
		}
	}
	return out
}

// callOnSecret tells whether a function failed on secret values: its reason may then quote parts of them.
func callOnSecret(h *hcl.Diagnostic) bool {
	call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](h)
	if !ok || call.FunctionCallError() == nil || h.Expression == nil {
		return false
	}
	for _, t := range h.Expression.Variables() {
		v, diags := t.TraverseAbs(h.EvalContext)
		if diags.HasErrors() || marked(v) {
			return true
		}
	}
	return false
}

// secretTexts are the texts inside the secret values of a context, as they are and as messages quote them.
func secretTexts(ctx *hcl.EvalContext) []string {
	var out []string
	for _, v := range ctx.Variables {
		_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
			if v.HasMark(mark{}) {
				out = append(out, textsIn(v)...)
				return false, nil
			}
			return true, nil
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// textsIn are all the texts in a value.
func textsIn(v cty.Value) []string {
	var out []string
	bare, _ := v.UnmarkDeep()
	_ = cty.Walk(bare, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.Type() == cty.String && v.IsKnown() && !v.IsNull() && v.AsString() != "" {
			quoted := fmt.Sprintf("%q", v.AsString())
			out = append(out, v.AsString(), quoted[1:len(quoted)-1])
		}
		return true, nil
	})
	return out
}

// try computes an expression with every site where the application may live, and every stack named, so that a mistake shows now and
// not in the night of the disaster. There is at least one value.
func (e *evaluator) try(x hcl.Expression, n need, stacks []string) (values []cty.Value, all diag.List) {
	if n.stack == nil || len(stacks) == 0 {
		stacks = []string{""}
	}
	sites := e.live
	if n.here == nil || len(sites) == 0 {
		sites = []*plan.Site{nil}
	}
	tries := 0
	seen := map[string]*trial{}
	var order []*trial
	for _, s := range sites {
		for _, name := range stacks {
			tries++
			v, diags := e.compute(x, n, known{site: s, stack: name})
			values = append(values, v)
			for _, d := range diags {
				key := d.Subject.String() + d.Summary + d.Detail
				if seen[key] == nil {
					seen[key] = &trial{diagnostic: d, site: s, stack: name}
					order = append(order, seen[key])
				}
				seen[key].times++
			}
		}
	}
	for _, t := range order {
		all = append(all, t.told(tries))
	}
	return values, all
}

// trial is a mistake that showed with some sites and stacks.
type trial struct {
	diagnostic diag.Diagnostic
	site       *plan.Site
	stack      string
	times      int
}

// told adds where the mistake shows, unless it does everywhere.
func (t *trial) told(tries int) diag.Diagnostic {
	d := t.diagnostic
	if t.times == tries {
		return d
	}
	d.Detail += " This happens"
	if t.site != nil {
		d.Detail += fmt.Sprintf(" at site %q", t.site.Name)
	}
	if t.stack != "" {
		d.Detail += fmt.Sprintf(" for stack %q", t.stack)
	}
	d.Detail = strings.TrimSpace(d.Detail + ".")
	return d
}
