package procedure_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// named reads the name of the table "orders".
func named(line int) plan.Expr {
	return reads{{Kind: "table", Name: "orders", Output: "name", Range: at(line)}}
}

// A swapped table comes before its stack, which adopts it; what reads its name comes after it, and a proof that does after the stack too.
// Where the table is not swapped its name is known from the start, and orders nothing: the stack that makes the table may read it.
func TestSwapOrder(t *testing.T) {
	t.Parallel()
	p := shop("", vault())
	p.Scenarios[3].Strategies = []plan.Choice{{Table: "orders", Strategy: "swap", Range: at(60)}}
	p.Stacks[0].Variables = map[string]plan.Expr{"table_name": named(61)}
	p.Stacks[3].Variables["table"] = named(62)
	p.Verifies[0].Resource = &plan.ResourceCheck{Type: "dynamodb_table", ID: named(63)}
	for _, tt := range []struct {
		scenario string
		swaps    int
		needs    map[string]string // some of them, by step
		not      map[string]string
	}{
		{
			"data", 1,
			map[string]string{"stack/shared": "table/orders", "stack/link": "table/orders", "verify/answers": "table/orders stack/shared"},
			map[string]string{"table/orders": "stack/shared"},
		},
		{"region", 0, map[string]string{"table/orders": "stack/shared", "verify/answers": "table/orders stack/shared"}, map[string]string{"stack/shared": "table/orders", "stack/link": "table/orders"}},
	} {
		proc, diags := procedure.Compile(p, tt.scenario, procedure.Options{})
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		for _, s := range proc.Steps {
			for need := range strings.FieldsSeq(tt.needs[s.ID]) {
				if !slices.Contains(s.Needs, need) {
					t.Errorf("%s: %s needs %v, not %s", tt.scenario, s.ID, s.Needs, need)
				}
			}
			if slices.Contains(s.Needs, tt.not[s.ID]) {
				t.Errorf("%s: %s needs %v", tt.scenario, s.ID, s.Needs)
			}
			if c, ok := s.Config.(*step.StackConfig); ok && s.ID == "stack/shared" && (len(c.Swaps) != tt.swaps || c.Adopt != (tt.swaps > 0)) {
				t.Errorf("%s: adopts %t, swaps %d", tt.scenario, c.Adopt, len(c.Swaps))
			}
		}
	}
	if _, diags := procedure.BringUp(p, p.Sites[0]); diags.HasErrors() {
		t.Error(diags.Err())
	}
}

// A swap that the table's stack would not notice is refused, at the choice, with what to write.
func TestSwapNeedsAVariable(t *testing.T) {
	t.Parallel()
	p := shop("", nil)
	p.Scenarios[3].Strategies = []plan.Choice{{Table: "orders", Strategy: "swap", Range: at(60)}}
	p.Stacks[3].Variables["table"] = named(62) // another stack reads it
	proc, diags := procedure.Compile(p, "data", procedure.Options{})
	if proc != nil || len(diags) != 1 || diags[0].Subject != at(60) || !strings.Contains(diags[0].Summary, `stack "shared" does not take its name from the plan`) ||
		!strings.Contains(diags[0].Hint, "table_name = table.orders.name") {
		t.Errorf("%+v", diags)
	}
	p.Terraform.Variables = map[string]plan.Expr{"table_name": named(61)}
	if _, diags := procedure.Compile(p, "data", procedure.Options{}); diags.HasErrors() {
		t.Error(diags.Err())
	}
}
