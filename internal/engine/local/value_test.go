package local_test

import (
	"context"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The name of a table is the one that its step gave it; else, and where it has no step, the one that the plan gives.
func TestTablesGoByTheirNewNames(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	work := map[string]does{
		"table/swapped": func(context.Context, *step.Call) (step.Outcome, error) {
			return step.Outcome{Outputs: step.Outputs{step.Renamed: plan.Of("restored")}}, nil
		},
		"table/rewound": func(context.Context, *step.Call) (step.Outcome, error) {
			return step.Outcome{Outputs: step.Outputs{"data": plan.Of("facts")}}, nil
		},
		"reader": func(_ context.Context, c *step.Call) (step.Outcome, error) {
			for _, name := range []string{"swapped", "rewound", "stranger"} {
				v, err := c.Resolve(plan.TableName{Table: &plan.Table{Block: plan.Block{Name: name}, Table: plan.Literal{Value: plan.Of("planned")}}})
				if err != nil {
					return step.Outcome{}, err
				}
				got[name] = v.String()
			}
			return step.Outcome{}, nil
		},
	}
	b := setup(t, []step.Spec{command("table/swapped"), command("table/rewound"), command("reader", "table/swapped", "table/rewound")}, work)
	if st := b.run(t); st.Result != journal.Recovered {
		t.Fatal(st.Result)
	}
	if got["swapped"] != "restored" || got["rewound"] != "planned" || got["stranger"] != "planned" {
		t.Errorf("%v", got)
	}
}
