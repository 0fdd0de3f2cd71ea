package planfile

import (
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// table.NAME.name is the name that the plan gives the table at the site, through locals too, until a run put another table in its place; then
// it is that one's, wherever it is used. What reads it says so.
func TestTableNames(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, options(with(`
locals {
  prefix = "shop-${site.region}"
  read   = "the ${table.history.name}"
}
table "history" {
  in      = stack.shared
  address = "aws_dynamodb_table.history"
  name    = "${local.prefix}-history"
}
stack "app" {
  path      = "application"
  variables = {
    name = table.history.name
    both = "${local.read}, ${stack.shared.outputs.url}"
    kept = try(table.history.name, "none")
  }
}
`)))
	vars := p.Stacks[0].Variables
	if p.Stacks[0].Name != "app" {
		vars = p.Stacks[1].Variables
	}
	scope := plan.Scope{Site: p.Site("standby"), Stack: "app", Output: func(string, string) (plan.Value, error) { return plan.Of("url"), nil }}
	for _, c := range []struct {
		now  string
		want map[string]string
	}{
		{"", map[string]string{"name": "shop-eu-west-1-history", "both": "the shop-eu-west-1-history, url", "kept": "shop-eu-west-1-history"}},
		{"restored", map[string]string{"name": "restored", "both": "the restored, url", "kept": "restored"}},
	} {
		scope.Table = func(table string) string {
			if table != "history" {
				t.Errorf("asked for table %q", table)
			}
			return c.now
		}
		for name, want := range c.want {
			if v, err := vars[name].Resolve(scope); err != nil || v.String() != want {
				t.Errorf("%s, now %q: %s, %v, not %s", name, c.now, v, err, want)
			}
		}
		want := c.now
		if want == "" {
			want = "shop-eu-west-1-history"
		}
		if v, err := (plan.TableName{Table: p.Tables[0]}).Resolve(scope); err != nil || v.String() != want {
			t.Errorf("name of the table, now %q: %s, %v", c.now, v, err)
		}
		if v, err := p.Tables[0].Table.Resolve(scope); err != nil || v.String() != "shop-eu-west-1-history" {
			t.Errorf("name in the plan, now %q: %s, %v", c.now, v, err)
		}
	}
	refs := vars["both"].Refs()
	if len(refs) != 2 || refs[0].StepID() != "stack/shared" || refs[1].StepID() != "table/history" || refs[1].Output != "name" {
		t.Errorf("refs %+v", refs)
	}
}
