package draft_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/draft"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// TestDraftsAreValid keeps the promise that what is drafted is a valid plan of which every scenario compiles, whatever the habits of the code and
// whether or not anything was answered.
func TestDraftsAreValid(t *testing.T) {
	t.Parallel()
	trees, err := filepath.Glob("../check/testdata/corpus/*/*")
	if err != nil || len(trees) == 0 {
		t.Fatalf("no trees: %v", err)
	}
	dirs := map[string]string{"example": "../../examples/pharmacy-updates/infrastructure"}
	for _, f := range trees {
		dirs[filepath.Base(filepath.Dir(f))] = filepath.Dir(f)
	}
	full := draft.Answers{
		Name: "shop", Owner: "me", Account: "111111111111", Region: "eu-west-2", StandbyAccount: "222222222222", StandbyRegion: "eu-west-1",
		VaultAccount: "333333333333", VaultRegion: "eu-central-1", RecoveryTime: "4h", RecoveryPoint: "5m",
	}
	for name, dir := range dirs {
		if name == "README.md" {
			continue
		}
		for what, a := range map[string]draft.Answers{"": {}, " answered": full, " same account": {Account: "111111111111", StandbyAccount: "111111111111"}} {
			t.Run(name+what, func(t *testing.T) {
				t.Parallel()
				inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
				if err != nil {
					t.Skip("no code: ", err)
				}
				a.Root = "code"
				d, err := draft.Make(inv, a)
				if fetched := name == "live-units"; fetched || err != nil { // Terragrunt applies modules that are not in the tree
					if !fetched || !errors.Is(err, draft.ErrNoStack) {
						t.Fatal(err)
					}
					return
				}
				valid(t, d.Text, dir)
				if strings.Count(d.Text, "# fill in: ") < len(d.Open) || what == "" && len(d.Open) == 0 {
					t.Errorf("%d things are open, and the text marks fewer:\n%s", len(d.Open), d.Text)
				}
				marked(t, d)
			})
		}
	}
}

// marked wants every guess of a draft to be counted, every place that stands for what is not known to be marked, and every question to have an
// answer on the command line.
func marked(t *testing.T, d draft.Draft) {
	t.Helper()
	if n := strings.Count(d.Text, "# guess: "); n != d.Guesses {
		t.Errorf("%d guesses, and %d marks:\n%s", d.Guesses, n, d.Text)
	}
	for line := range strings.Lines(d.Text) {
		if (strings.Contains(line, "CHANGE-ME") || strings.Contains(line, `"00000000000`)) && !strings.Contains(line, "# fill in: ") {
			t.Errorf("not marked: %s", line)
		}
	}
	for _, o := range d.Open {
		if !strings.HasPrefix(o.Flag, "--") {
			t.Errorf("no flag answers %q: %s", o.What, o.Flag)
		}
	}
}

// valid wants a text to be a plan for the code in a folder, in its usual form, of which every scenario compiles.
func valid(t *testing.T, text, dir string) {
	t.Helper()
	plan := t.TempDir()
	if err := os.CopyFS(filepath.Join(plan, "code"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(plan, "code", ".lifeboat")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(plan, "lifeboat.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _, diags := planfile.Load(planfile.Options{Dir: plan, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	if p == nil {
		t.Fatalf("%v\n%s", diags, text)
	}
	for _, s := range p.Scenarios {
		if _, diags := procedure.Compile(p, s.Name, procedure.Options{}); diags.HasErrors() {
			t.Errorf("%s: %v\n%s", s.Name, diags, text)
		}
	}
	if again, _ := planfile.Format([]byte(text), "lifeboat.hcl"); string(again) != text {
		t.Error("lifeboat fmt would change the draft")
	}
}

// TestHostileNames keeps the promise that names in the code cannot break out of the plan's text.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"a b\"${x}/main.tf": {Data: []byte("data \"aws_secretsmanager_secret\" \"s\" {\n  name = \"x\\\"\\n}\\n%{ if }$${site.account}\\u0007\"\n}\ndata \"aws_ecr_repository\" \"r\" {\n  name = \"9\\\"$${y}\"\n}\nvariable \"v\" {}\nresource \"aws_sqs_queue\" \"q\" {\n  name = var.v\n}")},
		"name/main.tf":      {Data: []byte("resource \"aws_sqs_queue\" \"q\" {}")},
	}
	dir := t.TempDir()
	for name, f := range tree {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	d, err := draft.Make(inv, draft.Answers{Name: "x\"\n${y}", Root: "code"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(d.Text, 7) {
		t.Error("a control character is in the plan")
	}
	valid(t, d.Text, dir)
}
