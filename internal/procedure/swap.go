package procedure

import (
	"fmt"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// swapped is the table of a name, if the scenario puts a restored one in its place; else nil.
func (b *builder) swapped(name string) *plan.Table {
	for _, t := range b.plan.Tables {
		if how, _ := b.strategy(t); t.Name == name && t.Table != nil && how == step.Swap {
			return t
		}
	}
	return nil
}

// swaps are the tables of a stack that are swapped.
func (b *builder) swaps(x *plan.Stack) []*plan.Table {
	return slices.DeleteFunc(slices.Clone(b.plan.Tables), func(t *plan.Table) bool { return t.In != x.Name || b.swapped(t.Name) == nil })
}

// reads are the edges of a step that reads something. The name of a table is known from the start, unless the table is swapped; a proof that
// reads it then wants the stack applied too.
func (b *builder) reads(k step.Kind, r plan.Ref) []edge {
	if r.Kind != "table" {
		return []edge{{to: r.StepID(), output: r.Output, at: r.Range}}
	}
	t := b.swapped(r.Name)
	if t == nil {
		return nil
	}
	out := []edge{{to: r.StepID(), at: r.Range}}
	if k == step.Verify {
		out = append(out, edge{to: "stack/" + t.In, at: r.Range})
	}
	return out
}

// checkSwaps refuses a swap that the table's stack would not notice: Terraform would go on with the damaged table.
func (b *builder) checkSwaps() {
	for _, t := range b.plan.Tables {
		i := slices.IndexFunc(b.plan.Stacks, func(x *plan.Stack) bool { return x.Name == t.In })
		c := b.choice(t)
		if i < 0 || c == nil || b.swapped(t.Name) == nil {
			continue
		}
		x := b.plan.Stacks[i]
		read := slices.ContainsFunc(b.stackExprs(x), func(e plan.Expr) bool {
			return e != nil && slices.ContainsFunc(e.Refs(), func(r plan.Ref) bool { return r.Kind == "table" && r.Name == t.Name })
		})
		if read {
			continue
		}
		b.diags = append(b.diags, diag.Diagnostic{
			Summary: fmt.Sprintf("Table %q cannot be swapped: stack %q does not take its name from the plan", t.Name, t.In), Subject: c.Range,
			Detail: "The restored table has another name. The stack adopts it, and what reads the name follows, only if the name is a variable of the stack.",
			Hint:   fmt.Sprintf("Make the name a variable in the stack's code, and give it in the plan: variables = { table_name = table.%s.name }; or choose rewind, which keeps the name", t.Name),
			Notes:  []diag.Note{{Text: "the stack is here", Range: x.Range}, {Text: "the table is here", Range: t.Range}},
		})
	}
}
