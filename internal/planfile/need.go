package planfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// need is what an expression must be told before it can be computed, directly or through locals.
type need struct {
	locals  []string   // in an order in which they can be computed; table.NAME is the name that a table is given
	here    *hcl.Range // where it uses the current site: site.account, site.region, site.name
	stack   *hcl.Range // where it uses stack.name
	outputs []plan.Ref
	tables  []plan.Ref // names of tables: known, unless a run puts another table in the place of one
	sites   *hcl.Range // where it uses another site: site.NAME.region
	failed  bool       // a reference leads nowhere, and was reported
}

// static tells whether the value is known when the plan is read.
func (n need) static() bool {
	return n.here == nil && n.stack == nil && len(n.outputs) == 0 && len(n.tables) == 0
}

// add takes over what a local needs. What is used at the place of the reference stays in front.
func (n *need) add(o need) {
	for _, name := range o.locals {
		if !slices.Contains(n.locals, name) {
			n.locals = append(n.locals, name)
		}
	}
	n.outputs = append(n.outputs, o.outputs...)
	n.tables = append(n.tables, o.tables...)
	n.failed = n.failed || o.failed
	for _, p := range []struct {
		to   **hcl.Range
		from *hcl.Range
	}{{&n.here, o.here}, {&n.stack, o.stack}, {&n.sites, o.sites}} {
		if *p.to == nil {
			*p.to = p.from
		}
	}
}

// study finds out what an expression needs, and reports references that lead nowhere.
func (e *evaluator) study(x hcl.Expression) (need, diag.List) {
	var n need
	var diags diag.List
	for _, t := range x.Variables() {
		d := e.reference(t, &n)
		n.failed = n.failed || d.HasErrors()
		diags = append(diags, d...)
	}
	return n, diags
}

// reference follows one reference.
func (e *evaluator) reference(t hcl.Traversal, n *need) diag.List {
	rng, root := t.SourceRange(), t.RootName()
	name, named := word(t, 1)
	if !named && slices.Contains([]string{"var", "local", "site", "stack", "table"}, root) {
		return diag.List{{Summary: "Incomplete reference", Subject: at(rng), Detail: fmt.Sprintf("%q needs a name that can be read without running anything.", root), Hint: "Write " + root + ".NAME"}}
	}
	switch root {
	case "var":
		if _, ok := e.vars[name]; !ok {
			return unknown(rng, "variable", name, slices.Sorted(maps.Keys(e.vars)))
		}
	case "local":
		return e.local(name, rng, n)
	case "site":
		return e.site(t, name, n)
	case "stack":
		return e.output(t, name, n)
	case "table":
		return e.table(t, name, n)
	default:
		return stranger(t)
	}
	return nil
}

// word is the i-th part of a reference, if it is a name.
func word(t hcl.Traversal, i int) (string, bool) {
	if i >= len(t) {
		return "", false
	}
	switch s := t[i].(type) {
	case hcl.TraverseRoot:
		return s.Name, true
	case hcl.TraverseAttr:
		return s.Name, true
	case hcl.TraverseIndex:
		if s.Key.Type().FriendlyName() == "string" {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

func (e *evaluator) local(name string, rng hcl.Range, n *need) diag.List {
	l, ok := e.locals[name]
	if !ok {
		return unknown(rng, "local", name, slices.Sorted(maps.Keys(e.locals)))
	}
	return e.follow(l, name, rng, n)
}

// follow takes over what a named value needs.
func (e *evaluator) follow(l *local, name string, rng hcl.Range, n *need) diag.List {
	if l.state == studying {
		what := fmt.Sprintf("Local %q", name)
		if strings.HasPrefix(name, tablePrefix) {
			what = "The name of " + name
		}
		return diag.List{{
			Summary: what + " refers to itself", Subject: at(rng), Detail: "Its value would need its value.",
			Notes: []diag.Note{{Text: "it is defined here", Range: at(l.attr.SrcRange)}},
		}}
	}
	if l.state == fresh {
		l.state = studying
		l.need, l.diags = e.study(l.attr.Expr)
		l.state = studied
	}
	n.add(l.need)
	if !slices.Contains(n.locals, name) {
		n.locals = append(n.locals, name)
	}
	return nil
}

func (e *evaluator) site(t hcl.Traversal, name string, n *need) diag.List {
	rng := t.SourceRange()
	fields := []string{"account", "region", "name"}
	if slices.Contains(fields, name) {
		n.here = &rng
		return nil
	}
	if !e.groups.has("site", name) {
		return unknown(rng, "site", name, append(e.groups.names("site"), fields...))
	}
	n.sites = &rng
	field, ok := word(t, 2)
	if !ok || !slices.Contains(fields, field) {
		return diag.List{{
			Summary: fmt.Sprintf("A site has no value %q", field), Subject: at(rng), Detail: "A site's values are its account, region and name.",
			Hint: fmt.Sprintf("Write site.%s.region or site.%s.account", name, name),
		}}
	}
	return nil
}

func (e *evaluator) output(t hcl.Traversal, name string, n *need) diag.List {
	rng := t.SourceRange()
	if name == "name" {
		n.stack = &rng
		return nil
	}
	if !e.groups.has("stack", name) {
		return unknown(rng, "stack", name, append(e.groups.names("stack"), "name"))
	}
	outputs, _ := word(t, 2)
	output, ok := word(t, 3)
	if outputs != "outputs" || !ok {
		return diag.List{{
			Summary: "A stack's only values are its outputs", Subject: at(rng), Detail: "A value reads one output of the stack, by name.",
			Hint: fmt.Sprintf("Write stack.%s.outputs.NAME; to wait for the stack, name it in `after`", name),
		}}
	}
	n.outputs = append(n.outputs, plan.Ref{Kind: "stack", Name: name, Output: output, Range: at(rng)})
	return nil
}

// unknown reports a name that nothing has.
func unknown(rng hcl.Range, kind, name string, known []string) diag.List {
	return diag.List{{
		Summary: fmt.Sprintf("Unknown %s %q", kind, name), Subject: at(rng),
		Detail: fmt.Sprintf("The plan has no %s of this name.", kind), Hint: diag.DidYouMean(name, known),
	}}
}

// stranger reports a reference whose first word means nothing in a value.
func stranger(t hcl.Traversal) diag.List {
	root := t.RootName()
	d := diag.Diagnostic{Summary: fmt.Sprintf("Unknown reference %q", root), Subject: at(t.SourceRange())}
	switch {
	case slices.Contains(steps(), root):
		d.Summary = fmt.Sprintf("%s.NAME is a step, not a value", root)
		d.Detail, d.Hint = "Only a stack has values, its outputs, and a table, its name.", "To wait for the step, name it in `after`"
	case len(t) == 1:
		d.Detail, d.Hint = "A word without quotes is a reference.", fmt.Sprintf(`For the text itself, write "%s"`, root)
	default:
		d.Detail = "Values come from var, local, site, stack and table."
		d.Hint = diag.DidYouMean(root, []string{"var", "local", "site", "stack", "table"})
	}
	return diag.List{d}
}
