package procedure_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
)

// The promise: a procedure says of each value what becomes of it: copied, generated, typed in, made by Terraform, and after a compromise
// made anew or copied in an older version.
func TestValues(t *testing.T) {
	t.Parallel()
	from := []plan.Source{{Site: "primary"}, {Site: "vault"}}
	block := func(name string) plan.Block { return plan.Block{Name: name} }
	p := pharmacy()
	p.Scenarios = append(p.Scenarios,
		&plan.Scenario{Name: "compromised", Lost: plan.Lost{Kind: plan.LostAccount, Site: "primary"}, RecoverTo: "standby", Compromised: true})
	p.Secrets = []*plan.Secret{
		{Block: block("copied"), Secret: "a", From: from},
		{Block: block("signing"), Secret: "b", From: from, Generate: &plan.Generate{Length: 40}},
		{Block: block("login"), Secret: "c", Keys: []string{"user", "password"}, From: from, Generate: &plan.Generate{Length: 40, Keys: []string{"password"}}},
	}
	p.Parameters = []*plan.Parameter{{Block: block("typed"), Parameter: "/d"}, {Block: block("salt"), Parameter: "/e", Generate: &plan.Generate{Length: 40}}}
	p.APIKeys = []*plan.APIKey{{Block: block("k"), In: "shared", UsagePlan: plan.Literal{Value: plan.Of("p")}, Secret: "f", From: from, Consumers: []plan.Consumer{{Name: "App", Contact: "x"}}}}
	since := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		scenario string
		options  procedure.Options
		want     []string
	}{
		"region": {"region-down", procedure.Options{}, []string{
			"api_key/k-app: copied from vault",
			"parameter/salt: generated",
			"parameter/typed: typed in (lifeboat put)",
			"secret/copied: copied from vault",
			"secret/login: copied from vault",
			"secret/signing: copied from vault",
		}},
		"compromise": {"compromised", procedure.Options{TrustedUntil: since}, []string{
			"api_key/k-app: rotated: made anew",
			"parameter/salt: rotated: made anew",
			"parameter/typed: typed in (lifeboat put)",
			"secret/copied: copied from vault, the newest from before 2026-11-20T03:00:00Z, else typed in",
			"secret/login: keys password rotated: made anew",
			"secret/login: keys user copied from vault, the newest from before 2026-11-20T03:00:00Z, else typed in",
			"secret/signing: rotated: made anew",
		}},
		"in place": {"resources-deleted", procedure.Options{}, []string{
			"api_key/k-app: copied from vault",
			"parameter/salt: generated",
			"parameter/typed: typed in (lifeboat put)",
			"secret/copied: copied from vault",
			"secret/login: copied from vault",
			"secret/signing: copied from vault",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]bool{}
			for _, v := range compile(t, p, tt.scenario, tt.options).Values() {
				got[v.Step+": "+v.Words()] = true
			}
			want := map[string]bool{}
			for _, w := range tt.want {
				want[w] = true
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	if _, diags := procedure.Compile(p, "region-down", procedure.Options{TrustedUntil: since}); diags.Err() == nil {
		t.Error("an instant is taken where nothing is distrusted")
	}
}
