package procedure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// reads is an expression that reads outputs of stacks.
type reads []plan.Ref

func (r reads) Refs() []plan.Ref                     { return r }
func (reads) Resolve(plan.Scope) (plan.Value, error) { return plan.Of(""), nil }
func (r reads) Range() diag.Range                    { return r[0].Range }

func output(stack string, line int) plan.Expr {
	return reads{{Kind: "stack", Name: stack, Output: "url", Range: at(line)}}
}

func after(kind, name string, line int) plan.Ref {
	return plan.Ref{Kind: kind, Name: name, Range: at(line)}
}

func at(line int) diag.Range {
	return diag.Range{File: "lifeboat.hcl", Start: diag.Pos{Line: line, Column: 1}, End: diag.Pos{Line: line, Column: 9}}
}

// pharmacy is a small plan of the usual shape.
func pharmacy() *plan.Plan {
	return &plan.Plan{
		Application: plan.Application{Name: "pharmacy", Owner: "team@example.org", Objectives: plan.Objectives{RecoveryTime: time.Hour}},
		Sites: []*plan.Site{
			{Name: "primary", Account: "111111111111", Region: "eu-west-2"},
			{Name: "standby", Account: "222222222222", Region: "eu-west-1"},
			{Name: "vault", Account: "333333333333", Region: "eu-central-1"},
		},
		Images:  []*plan.Image{{Block: plan.Block{Name: "app"}, Repository: "app", From: []plan.Source{{Site: "primary"}, {Site: "vault"}}}},
		Secrets: []*plan.Secret{{Block: plan.Block{Name: "token"}, Secret: "token", From: []plan.Source{{Site: "vault"}}}},
		Stacks: []*plan.Stack{
			{Block: plan.Block{Name: "shared"}},
			{Block: plan.Block{Name: "blue", After: []plan.Ref{after("image", "app", 20), after("stack", "shared", 21)}}},
			{Block: plan.Block{Name: "green", Optional: true, After: []plan.Ref{after("stack", "blue", 25)}}},
			{Block: plan.Block{Name: "link"}, Variables: map[string]plan.Expr{"url": output("blue", 30)}},
		},
		Verifies: []*plan.Verify{{Block: plan.Block{Name: "answers"}}},
		Scenarios: []*plan.Scenario{
			{Name: "region-down", Lost: plan.Lost{Kind: plan.LostRegion, Site: "primary"}, RecoverTo: "standby"},
			{Name: "resources-deleted", Lost: plan.Lost{Kind: plan.LostResources}, RecoverTo: "primary"},
		},
	}
}

func compile(t *testing.T, p *plan.Plan, scenario string, o procedure.Options) *procedure.Procedure {
	t.Helper()
	proc, diags := procedure.Compile(p, scenario, o)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return proc
}

func TestPrerequisitesComeFirstByThemselves(t *testing.T) {
	t.Parallel()
	proc := compile(t, pharmacy(), "region-down", procedure.Options{})
	for id, want := range map[string]string{
		"manual/hand-over":   "",
		"identity/site":      "manual/hand-over",
		"state_backend/site": "identity/site",
		"image/app":          "identity/site",
		"secret/token":       "identity/site",
		// The secret is named by nobody, so every stack waits for it; the image is named by blue, so only blue does.
		"stack/shared":   "secret/token state_backend/site",
		"stack/blue":     "image/app secret/token stack/shared state_backend/site",
		"stack/link":     "secret/token stack/blue state_backend/site",
		"verify/answers": "stack/blue stack/link stack/shared",
	} {
		s := proc.Step(id)
		if s == nil {
			t.Fatalf("no step %s", id)
		}
		if got := strings.Join(s.Needs, " "); got != want {
			t.Errorf("%s needs %q, want %q", id, got, want)
		}
	}
}

// A repository that a stack's code makes comes with its images before that stack, which adopts it, whoever else names the images.
func TestAStackAdoptsTheRepositoryOfItsImages(t *testing.T) {
	t.Parallel()
	p := pharmacy()
	p.Images[0].In, p.Images[0].Address = "shared", "aws_ecr_repository.app"
	proc := compile(t, p, "region-down", procedure.Options{})
	for id, want := range map[string][]string{"stack/shared": {"aws_ecr_repository.app"}, "stack/blue": nil} {
		s := proc.Step(id)
		if cfg, ok := s.Config.(*step.StackConfig); !ok || !slices.Equal(cfg.Brought, want) || !slices.Contains(s.Needs, "image/app") {
			t.Errorf("%s needs %v and adopts %+v", id, s.Needs, s.Config)
		}
	}
	p.Images[0].After = []plan.Ref{after("stack", "shared", 7)}
	if _, diags := procedure.Compile(p, "region-down", procedure.Options{}); !diags.HasErrors() {
		t.Error("the images come before and after the stack")
	}
}

func TestInPlaceNothingIsHandedOverAndAllIsOnlyIfNeeded(t *testing.T) {
	t.Parallel()
	proc := compile(t, pharmacy(), "resources-deleted", procedure.Options{})
	if proc.Step(procedure.HandoverID) != nil {
		t.Error("the site that is recovered in place is handed over")
	}
	for _, s := range proc.Steps {
		if !s.IfNeeded && s.ID != procedure.IdentityID {
			t.Errorf("%s is not only if needed", s.ID)
		}
	}
}

func TestLostSourcesAreNotAsked(t *testing.T) {
	t.Parallel()
	img, ok := compile(t, pharmacy(), "region-down", procedure.Options{}).Step("image/app").Config.(*plan.Image)
	if !ok || len(img.From) != 1 || img.From[0].Site != "vault" {
		t.Errorf("sources = %+v, want the vault alone", img)
	}
}

func TestACycleNamesEveryEdgeWithItsSource(t *testing.T) {
	t.Parallel()
	p := pharmacy()
	p.Stacks[0].Variables = map[string]plan.Expr{"x": output("link", 99)}
	_, diags := procedure.Compile(p, "region-down", procedure.Options{})
	if len(diags) != 1 {
		t.Fatalf("diagnostics = %v, want one", diags)
	}
	var lines []int
	for _, n := range diags[0].Notes {
		lines = append(lines, n.Range.Start.Line)
	}
	slices.Sort(lines)
	if !slices.Equal(lines, []int{21, 30, 99}) {
		t.Errorf("lines = %v, want 21 (blue after shared), 30 (link reads blue), 99 (shared reads link)", lines)
	}
}

func TestOnlyOptionalStepsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	if got := compile(t, pharmacy(), "region-down", procedure.Options{Without: []string{"green"}}).Without; !slices.Equal(got, []string{"stack/green"}) {
		t.Errorf("left out = %v, want stack/green", got)
	}
	for _, name := range []string{"stack/blue", "purple"} {
		if _, diags := procedure.Compile(pharmacy(), "region-down", procedure.Options{Without: []string{name}}); !diags.HasErrors() {
			t.Errorf("leaving out %s is not refused", name)
		}
	}
}

func TestWhatReadsALeftOutStackIsRefused(t *testing.T) {
	t.Parallel()
	p := pharmacy()
	p.Stacks[3].Variables["other"] = output("green", 40)
	_, diags := procedure.Compile(p, "region-down", procedure.Options{Without: []string{"green"}})
	if !diags.HasErrors() || diags[0].Subject.Start.Line != 40 {
		t.Errorf("diagnostics = %v, want one at line 40", diags)
	}
}

func TestTheClockWaitsForTheProofs(t *testing.T) {
	t.Parallel()
	for _, s := range compile(t, pharmacy(), "region-down", procedure.Options{}).Steps {
		if s.Clock != (s.Kind == step.Verify) {
			t.Errorf("%s: clock = %v", s.ID, s.Clock)
		}
	}
}

// The order is right for any plan without cycles: every step comes after all that it needs, once.
func TestEveryStepComesAfterWhatItNeeds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := pharmacy()
		p.Stacks = nil
		n := rapid.IntRange(1, 40).Draw(t, "stacks")
		for i := range n {
			s := &plan.Stack{Block: plan.Block{Name: fmt.Sprint(i)}}
			if i > 0 {
				for range rapid.IntRange(0, 3).Draw(t, "edges") {
					s.After = append(s.After, after("stack", fmt.Sprint(rapid.IntRange(0, i-1).Draw(t, "to")), i))
				}
			}
			p.Stacks = append(p.Stacks, s)
		}
		slices.SortFunc(p.Stacks, func(a, b *plan.Stack) int { return strings.Compare(a.Name, b.Name) }) // not the order of creation
		proc, diags := procedure.Compile(p, "region-down", procedure.Options{})
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range proc.Steps {
			for _, need := range s.Needs {
				if !seen[need] {
					t.Fatalf("%s stands before %s", s.ID, need)
				}
			}
			if seen[s.ID] {
				t.Fatalf("%s stands twice", s.ID)
			}
			seen[s.ID] = true
		}
	})
}

func TestTheCriticalPathIsTheLongestChain(t *testing.T) {
	t.Parallel()
	proc := compile(t, pharmacy(), "region-down", procedure.Options{})
	path, total := proc.CriticalPath()
	want := "manual/hand-over identity/site state_backend/site stack/shared stack/blue stack/link verify/answers"
	if got := strings.Join(path, " "); got != want {
		t.Errorf("path = %s\nwant   %s", got, want)
	}
	if want := (2 + 20 + 3*70 + 30) * time.Second; total != want {
		t.Errorf("total = %v, want %v", total, want)
	}
}
