package procedure_test

import (
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// shop is a plan with a table and every kind of loss; choice is what each scenario says of the table.
func shop(choice string, vault *plan.Vault) *plan.Plan {
	p := pharmacy()
	p.Vault = vault
	p.Sites = append(p.Sites, &plan.Site{Name: "refuge", Account: "111111111111", Region: "eu-west-1"})
	p.Tables = []*plan.Table{{Block: plan.Block{Name: "orders", After: []plan.Ref{after("stack", "shared", 50)}}, In: "shared", Table: plan.Literal{Value: plan.Of("orders")}, Point: "latest"}}
	p.Scenarios = []*plan.Scenario{
		{Name: "region", Lost: plan.Lost{Kind: plan.LostRegion, Site: "primary"}, RecoverTo: "standby"},
		{Name: "account", Lost: plan.Lost{Kind: plan.LostAccount, Site: "primary"}, RecoverTo: "standby"},
		{Name: "resources", Lost: plan.Lost{Kind: plan.LostResources}, RecoverTo: "primary"},
		{Name: "data", Lost: plan.Lost{Kind: plan.LostData}, RecoverTo: "primary"},
		{Name: "evacuation", Lost: plan.Lost{Kind: plan.LostService, Site: "primary"}, RecoverTo: "refuge"},
		{Name: "other-account", Lost: plan.Lost{Kind: plan.LostService, Site: "primary"}, RecoverTo: "standby"},
		{Name: "state", Lost: plan.Lost{Kind: plan.LostState}, RecoverTo: "primary"},
	}
	for _, s := range p.Scenarios {
		if choice != "" {
			s.Strategies = []plan.Choice{{Table: "orders", Strategy: choice, Range: at(60)}}
		}
	}
	return p
}

func vault() *plan.Vault { return &plan.Vault{Site: "vault", Bucket: "copies"} }

// A table's strategy is the compiler's, with the reason, or the plan's own where that one serves the loss; one that does not is refused
// with the reason and those that do.
func TestStrategiesByScenarioAndChoice(t *testing.T) {
	t.Parallel()
	lostVault := &plan.Vault{Site: "standby", Bucket: "copies"}
	for _, tt := range []struct {
		scenario, choice string
		vault            *plan.Vault
		want             step.TableStrategy
		says             string // of the reason, or of the message where there is no strategy
	}{
		{"region", "", vault(), step.Load, `point-in-time recovery is lost with the site: the last export in the vault at site "vault"`},
		{"account", "", vault(), step.Load, "is written into the table that Terraform makes"},
		{"region", "", nil, step.Empty, "the plan has no vault"},
		{"region", "", lostVault, step.Empty, `so is the vault at site "standby"`},
		{"resources", "", vault(), step.Restore, "system backup"},
		{"data", "", nil, step.Rewind, "only what differs is written back"},
		{"state", "", vault(), "", ""},
		{"region", "empty", vault(), step.Empty, "chosen in the plan: point-in-time recovery is lost"},
		{"region", "load", vault(), step.Load, "chosen in the plan: "},
		{"region", "load", nil, "", "the plan has none. Strategies that can: empty; without a choice it is empty"},
		{"evacuation", "", nil, step.Restore, "region eu-west-2 can still be read: its point-in-time recovery makes the table in eu-west-1, in the same account"},
		{"evacuation", "load", vault(), step.Load, "chosen in the plan: the old site's point-in-time recovery is not wanted: the last export"},
		{"other-account", "", vault(), step.Load, "DynamoDB restores into no other account: the last export in the vault"},
		{"other-account", "", nil, step.Empty, "DynamoDB restores into no other account, and there is no vault to load from"},
		{"other-account", "restore", vault(), "", "restores into no other account. Strategies that can: load, import, empty"},
		{"region", "import", vault(), step.Import, "chosen in the plan: point-in-time recovery is lost with the site: DynamoDB makes the table of the last full export"},
		{"data", "import", vault(), "", "older than what the site itself keeps"},
		{"region", "load", lostVault, "", `the vault at site "standby" is lost too`},
		{"region", "rewind", vault(), "", `live only where lost = "data"`},
		{"data", "load", vault(), "", "older than what the site itself keeps. Strategies that can: rewind, swap"},
		{"resources", "empty", vault(), "", "Strategies that can: restore"},
		{"state", "load", vault(), "", "does not take the data of tables. Leave the table out of strategies"},
		{"region", "lode", vault(), "", `Unknown strategy "lode"`},
		{"region", "loads", vault(), "", `Did you mean "load"?`},
	} {
		t.Run(tt.scenario+"/"+tt.choice+"/"+string(tt.want), func(t *testing.T) {
			t.Parallel()
			p, diags := procedure.Compile(shop(tt.choice, tt.vault), tt.scenario, procedure.Options{})
			if tt.want == "" && tt.says != "" {
				var b strings.Builder
				for _, d := range diags {
					b.WriteString(d.Summary + " " + d.Detail + " " + d.Hint)
				}
				if !diags.HasErrors() || !strings.Contains(b.String(), tt.says) {
					t.Fatalf("got %q, want %q", b.String(), tt.says)
				}
				return
			}
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			data := p.Data()
			switch {
			case tt.want == "":
				if len(data) > 0 {
					t.Errorf("a table whose data was not taken has a step: %+v", data)
				}
			case len(data) != 1 || data[0].Strategy != tt.want || !strings.Contains(data[0].Why, tt.says):
				t.Errorf("got %+v, want %s because %q", data, tt.want, tt.says)
			}
		})
	}
}
