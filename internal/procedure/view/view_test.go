package view_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/procedure/view"
)

var update = flag.Bool("update", false, "write the golden files")

// pharmacy compiles a plan with an optional colour, which is left out, and a person to wait for.
func pharmacy(t *testing.T, objective time.Duration) *procedure.Procedure {
	t.Helper()
	after := func(kind, name string) []plan.Ref { return []plan.Ref{{Kind: kind, Name: name}} }
	p := &plan.Plan{
		Application: plan.Application{Name: "pharmacy <updates>", Owner: "team@example.org", Objectives: plan.Objectives{RecoveryTime: objective}},
		Sites: []*plan.Site{
			{Name: "primary", Account: "111111111111", Region: "eu-west-2"},
			{Name: "standby", Account: "222222222222", Region: "eu-west-1"},
			{Name: "vault", Account: "333333333333", Region: "eu-central-1"},
		},
		Vault: &plan.Vault{Site: "vault", Bucket: "copies"},
		Tables: []*plan.Table{
			{Block: plan.Block{Name: "history", After: after("stack", "shared")}, In: "shared", Table: plan.Literal{Value: plan.Of("history")}, Point: "latest"},
			{Block: plan.Block{Name: "cache", After: after("stack", "shared")}, In: "shared", Table: plan.Literal{Value: plan.Of("cache")}, Point: "latest"},
		},
		Stacks: []*plan.Stack{
			{Block: plan.Block{Name: "shared"}},
			{Block: plan.Block{Name: "blue", After: after("stack", "shared")}},
			{Block: plan.Block{Name: "green", Optional: true, After: after("stack", "blue")}},
		},
		Secrets: []*plan.Secret{
			{Block: plan.Block{Name: "token"}, Secret: "pharmacy/token", From: []plan.Source{{Site: "primary"}}},
			{Block: plan.Block{Name: "login"}, Secret: "pharmacy/login", Keys: []string{"user", "password"}, Generate: &plan.Generate{Length: 40, Keys: []string{"password"}}},
		},
		Verifies:  []*plan.Verify{{Block: plan.Block{Name: "answers"}}},
		Scenarios: []*plan.Scenario{{Name: "region-down", Lost: plan.Lost{Kind: plan.LostRegion, Site: "primary"}, RecoverTo: "standby", Strategies: []plan.Choice{{Table: "cache", Strategy: "empty"}}}},
	}
	pr, diags := procedure.Compile(p, "region-down", procedure.Options{Without: []string{"green"}})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return pr
}

// The same plan gives the same bytes, in every form.
func TestDrawingsAreStable(t *testing.T) {
	t.Parallel()
	pr := pharmacy(t, 4*time.Hour)
	for name, draw := range map[string]func(io.Writer, *procedure.Procedure) error{
		"human.txt":    func(w io.Writer, p *procedure.Procedure) error { return view.Human(w, p, 100) },
		"human-60.txt": func(w io.Writer, p *procedure.Procedure) error { return view.Human(w, p, 60) },
		"json.json":    view.JSON, "dot.dot": view.DOT, "svg.svg": view.SVG,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := draw(&b, pr); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), b.String()); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestTheForecastSaysByHowMuchTheObjectiveIsMissed(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := view.Human(&b, pharmacy(t, time.Minute), 100); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "MISSED by 2m12s") {
		t.Error(b.String())
	}
}

func TestThePictureIsWellFormedWhateverTheNames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := view.SVG(&b, pharmacy(t, time.Hour)); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
