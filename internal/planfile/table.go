package planfile

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// tablePrefix begins the names under which the names of tables are computed, among the locals.
const tablePrefix = "table."

// tableNames collects the names that the tables are given. Values may refer to them.
func (l *loader) tableNames() {
	for _, x := range l.groups["table"] {
		if a := x.Body.Attributes["name"]; a != nil {
			l.eval.tables[x.Labels[0]] = &local{attr: a}
		}
	}
}

// checkTableNames studies them once all names are known, since they may refer to each other.
func (l *loader) checkTableNames() {
	for _, x := range l.groups["table"] {
		if lo := l.eval.tables[x.Labels[0]]; lo != nil {
			_ = l.eval.follow(lo, tablePrefix+x.Labels[0], lo.attr.SrcRange, &need{}) // what is wrong is kept with it
			l.report(lo.diags...)
		}
	}
}

// table follows table.NAME.name.
func (e *evaluator) table(t hcl.Traversal, name string, n *need) diag.List {
	rng := t.SourceRange()
	if !e.groups.has("table", name) {
		return unknown(rng, "table", name, e.groups.names("table"))
	}
	if field, ok := word(t, 2); !ok || field != "name" || len(t) != 3 {
		return diag.List{{
			Summary: "A table's only value is its name", Subject: at(rng), Hint: fmt.Sprintf("Write table.%s.name; to wait for the table, name it in `after`", name),
		}}
	}
	l, ok := e.tables[name]
	if !ok {
		return diag.List{{
			Summary: fmt.Sprintf("Table %q has no name", name), Subject: at(rng), Detail: "Its block does not say what it is called in DynamoDB.",
			Hint: `Add name = "..." to the block`,
		}}
	}
	n.tables = append(n.tables, plan.Ref{Kind: "table", Name: name, Output: "name", Range: at(rng)})
	return e.follow(l, tablePrefix+name, rng, n)
}

// tableName is the name that a run gave a table, or else the one that the plan gives.
func (e *evaluator) tableName(name string, k known, ctx *hcl.EvalContext) (cty.Value, diag.List) {
	if k.table != nil {
		if now := k.table(name); now != "" {
			return cty.StringVal(now), nil
		}
	}
	return e.value(e.tables[name].attr.Expr, ctx)
}

// named computes the locals and the names of tables that an expression needs, and puts them into ctx. What cannot be had is absent.
func (e *evaluator) named(n need, k known, ctx *hcl.EvalContext) (causes diag.List) {
	locals, tables := map[string]cty.Value{}, map[string]cty.Value{}
	for _, name := range n.locals {
		var v cty.Value
		var diags diag.List
		table, isTable := strings.CutPrefix(name, tablePrefix)
		if isTable {
			v, diags = e.tableName(table, k, ctx)
		} else {
			v, diags = e.value(e.locals[name].attr.Expr, ctx)
		}
		switch {
		case diags.HasErrors():
			causes = append(causes, diags...)
			continue
		case isTable:
			tables[table] = cty.ObjectVal(map[string]cty.Value{"name": v})
		default:
			locals[name] = v
		}
		ctx.Variables["local"], ctx.Variables["table"] = cty.ObjectVal(locals), cty.ObjectVal(tables)
	}
	return causes
}
