package survey_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestHabits keeps the promise that trees of different habits are understood: which folders are stacks, who needs whom and how sure that is,
// what nobody makes, how often a root module is applied. The trees are those on which `lifeboat check` is measured.
func TestHabits(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../check/testdata/corpus/*/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no trees: %v", err)
	}
	trees := map[string]string{}
	for _, d := range dirs {
		trees[filepath.Base(filepath.Dir(d))] = filepath.Dir(d)
	}
	for name, dir := range trees {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			walk(t, inv)
			golden(t, filepath.Join("testdata", "habits", name+".txt"), summary(inv))
		})
	}
}

// TestExample keeps the promise that the example's stacks are put in the right order, each edge with its evidence, although only names tie them.
func TestExample(t *testing.T) {
	t.Parallel()
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: "../../examples/pharmacy-updates/infrastructure"})
	if err != nil {
		t.Fatal(err)
	}
	order, ignored := inv.Order()
	names := ""
	for _, s := range order {
		names += s.Name + " "
	}
	if names != "api-key shared-resources application blue-green-link " || len(ignored) > 0 {
		t.Errorf("order %s, passed over %v", names, ignored)
	}
	if len(inv.Shared) != 1 || inv.Shared[0].Dir != "shared" || len(inv.Shared[0].Stacks) != 4 {
		t.Errorf("shared/ is only laid over the stacks: %+v", inv.Shared)
	}
	got := map[string]survey.Confidence{}
	for _, e := range inv.Edges {
		if e.At.Line() == 0 || e.Made.Line() == 0 {
			t.Errorf("no evidence for %+v", e)
		}
		if k := e.From + " " + e.To; got[k] == "" {
			got[k] = e.Confidence
		}
	}
	want := map[string]survey.Confidence{"application shared-resources": survey.High, "blue-green-link application": survey.High, "blue-green-link shared-resources": survey.Low}
	if !maps.Equal(got, want) {
		t.Errorf("edges %v, want %v", got, want)
	}
	colours := ""
	for _, i := range inv.Stack("application").Instances {
		colours += i.Name + " "
	}
	if colours != "blue green " {
		t.Errorf("the application is applied as %s", colours)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read the difference):\n%s", name, got)
	}
}

// summary is an inventory without its contents.
func summary(inv *survey.Inventory) string {
	var b strings.Builder
	order, ignored := inv.Order()
	for _, s := range order {
		fmt.Fprintf(&b, "stack %s in %s: %d resources", s.Name, s.Dir, len(s.Resources))
		if s.Backend != nil {
			fmt.Fprintf(&b, ", state in %s %s", s.Backend.Type, s.Backend.Body.Get("key").Show())
		}
		if len(s.Overlays) > 0 {
			fmt.Fprintf(&b, ", under %s", strings.Join(s.Overlays, " "))
		}
		b.WriteString("\n")
		for _, p := range s.Providers {
			fmt.Fprintf(&b, "  provider %s %s in %s\n", p.Name, p.Alias, p.Region.Show())
		}
		for _, c := range s.Calls {
			fmt.Fprintf(&b, "  %s is %s %s\n", c.Module, c.Kind, c.Source)
		}
		for _, i := range s.Instances {
			fmt.Fprintf(&b, "  instance %s (%s): %s\n", i.Name, i.Kind, i.Why)
		}
		for _, i := range s.Images {
			fmt.Fprintf(&b, "  image %s tag %s of %s\n", i.Repository.Show(), i.Tag.Show(), i.Resource)
		}
	}
	for _, m := range inv.Modules {
		fmt.Fprintf(&b, "module %s for %s\n", m.Dir, strings.Join(m.Callers, " "))
	}
	for _, s := range inv.Shared {
		fmt.Fprintf(&b, "shared %s for %s\n", s.Dir, strings.Join(s.Stacks, " "))
	}
	for _, e := range inv.Edges {
		fmt.Fprintf(&b, "edge %s -> %s %s %s at %s\n  %s\n", e.From, e.To, e.Confidence, e.How, e.At, e.Why)
	}
	for _, e := range ignored {
		fmt.Fprintf(&b, "ignored %s -> %s\n", e.From, e.To)
	}
	for _, p := range inv.Prerequisites {
		fmt.Fprintf(&b, "needs %s %s by %s for %s\n", p.Kind, p.Name.Show(), p.By, strings.Join(p.Stacks, " "))
	}
	for _, h := range inv.Hints {
		fmt.Fprintf(&b, "hint %s %s %s=%s %d at %s\n", h.Kind, h.Stack, h.Key, h.Value, h.Order, h.At)
	}
	for _, d := range inv.Diags {
		fmt.Fprintf(&b, "diagnostic %s: %s\n", d.Subject, d.Summary)
	}
	return b.String()
}
