package check_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lifeboat-dr/lifeboat/internal/check"
)

var update = flag.Bool("update", false, "write docs/checks from the rules and their examples")

const pages = "../../docs/checks"

// example is a rule's own example: files that have the problem, and files that do not.
func example(t *testing.T, id string) (bad, good []txtar.File) {
	t.Helper()
	a, err := txtar.ParseFile("testdata/rule/" + id + ".txtar")
	if err != nil {
		t.Fatalf("rule %s has no example: %v", id, err)
	}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "bad/"); ok {
			bad = append(bad, txtar.File{Name: name, Data: f.Data})
		} else {
			good = append(good, txtar.File{Name: strings.TrimPrefix(f.Name, "good/"), Data: f.Data})
		}
	}
	return bad, good
}

// found is how often the rule finds something in the files.
func found(t *testing.T, id string, files []txtar.File) []check.Finding {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out []check.Finding
	for _, f := range look(t, dir).Findings {
		if f.Rule.ID == id {
			out = append(out, f)
		}
	}
	return out
}

// TestRules keeps the promise of each rule that its bad example is found and its good one is not, and that its page shows just these.
func TestRules(t *testing.T) {
	t.Parallel()
	var index strings.Builder
	index.WriteString(indexHead)
	family := ""
	for _, r := range check.Rules() {
		if r.Family() != family {
			family = r.Family()
			fmt.Fprintf(&index, "\n## %s\n\n| rule | what it finds | another account | another region | in place |\n|---|---|---|---|---|\n", family)
		}
		fmt.Fprintf(&index, "| [%s](%s.md) | %s%s | %s |\n", r.ID, r.ID, r.Title, map[bool]string{true: " (live)"}[r.Live], weights(r))
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			if r.Why == "" || r.Fix == "" || r.Source == "" || len(r.Links) == 0 || r.Weights.Worst() == check.None {
				t.Error("the rule does not say why, how to fix it, or where that is written")
			}
			var bad, good []txtar.File
			if !r.Live {
				bad, good = example(t, r.ID)
				if n := len(found(t, r.ID, bad)); n == 0 {
					t.Error("the bad example is not found")
				}
				if n := len(found(t, r.ID, good)); n > 0 {
					t.Errorf("%d findings in the good example", n)
				}
			}
			page(t, r.ID+".md", document(r, bad, good))
		})
	}
	page(t, "README.md", index.String())
}

const indexHead = `# What lifeboat check finds

Generated from the rules and their tests: ` + "`go test ./internal/check -run TestRules -update`" + `. Each rule comes from a failure that happened to somebody.
Severities are by scenario: recovery to another account, to another region, or in place.

- **high**: the recovery fails, loses data, or ends green and wrong
- **medium**: a step may fail, or a person has to help
- **low**: it costs time, or is a habit that ends badly

A comment sets a finding aside, until a day if it names one: ` + "`# lifeboat:ignore LB104 the registry is shared on purpose until=2027-01-31`" + `. It stands on
the line of the finding, on the line before, or before the block.
`

func weights(r *check.Rule) string {
	var out []string
	for _, s := range check.Scenarios() {
		w := r.Weights[s].String()
		if r.Weights[s] == check.None {
			w = ""
		}
		out = append(out, w)
	}
	return strings.Join(out, " | ")
}

// document is a rule's page.
func document(r *check.Rule, bad, good []txtar.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\nGenerated from the rule and its test.\n\n| another account | another region | in place |\n|---|---|---|\n| %s |\n\n", r.ID, r.Title, weights(r))
	fmt.Fprintf(&b, "**Why.** %s\n\n**What to do.** %s\n\n**Source.** %s\n", r.Why, r.Fix, strings.Replace(r.Source, "field notes", "[field notes](../field-notes.md)", 1))
	for _, l := range r.Links {
		fmt.Fprintf(&b, "- <%s>\n", l)
	}
	if r.Live {
		b.WriteString("\nOnly the sites can tell: it is asked with `lifeboat check --live`, by calls that change nothing. " +
			"What a site does not tell is a finding that begins with \"unknown\".\n")
	}
	show := func(title string, files []txtar.File) {
		if len(files) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n", title)
		for _, f := range files {
			fmt.Fprintf(&b, "\n`%s`\n\n```hcl\n%s```\n", f.Name, f.Data)
		}
	}
	show("Bad", bad)
	show("Good", good)
	return b.String()
}

// page compares a page with what it should be, or writes it.
func page(t *testing.T, name, want string) {
	t.Helper()
	name = path.Join(pages, name)
	if *update {
		if err := os.MkdirAll(pages, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the rule says (%v): go test ./internal/check -run TestRules -update", name, err)
	}
}

// TestIDs keeps the promise that an id is stable: it is written once, and well formed.
func TestIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range check.Rules() {
		if seen[r.ID] || !regexp.MustCompile(`^LB[1-9][0-9]{2}$`).MatchString(r.ID) {
			t.Errorf("id %s", r.ID)
		}
		seen[r.ID] = true
	}
}
