package surveytest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
	"github.com/lifeboat-dr/lifeboat/internal/survey/surveytest"
)

// TestEdgesAreFound keeps the promise that what benchmarks measure is understood: each stack of the tree needs the one before it, by its state and by
// three lookups, and one secret that nobody makes.
func TestEdgesAreFound(t *testing.T) {
	t.Parallel()
	tree := surveytest.Tree(10 * surveytest.LinesOfStack)
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: "tree", Files: tree})
	if err != nil || len(inv.Diags) > 0 {
		t.Fatal(err, inv.Diags)
	}
	if len(inv.Stacks) != 10 || len(inv.Modules) != 1 || len(inv.Prerequisites) != 10 {
		t.Fatalf("%d stacks, %d modules, %d prerequisites", len(inv.Stacks), len(inv.Modules), len(inv.Prerequisites))
	}
	for n := 1; n < 10; n++ {
		count := 0
		for _, e := range inv.Edges {
			if e.From == fmt.Sprintf("app%04d", n) {
				if count++; e.To != fmt.Sprintf("app%04d", n-1) || e.Confidence != survey.High {
					t.Errorf("edge %+v", e)
				}
			}
		}
		if count != 4 {
			t.Errorf("stack %d has %d edges", n, count)
		}
	}
	if order, ignored := inv.Order(); order[9].Name != "app0009" || len(ignored) > 0 {
		t.Errorf("the last is %s, passed over %v", order[9].Name, ignored)
	}
}
