package check_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// look surveys and checks a folder as the command does: with its plan, if it has one.
func look(t *testing.T, dir string) *check.Report {
	t.Helper()
	inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	in := check.Input{Inventory: inv, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := os.Stat(filepath.Join(dir, "lifeboat.hcl")); err == nil {
		p, sources, diags := planfile.Load(planfile.Options{Dir: dir, Now: in.Now})
		if diags.HasErrors() {
			t.Fatalf("%s: %v", dir, diags.Err())
		}
		in.Plan, in.Sources = p, sources
	}
	r := check.Check(in)
	for i := range r.Findings {
		if rel, err := filepath.Rel(dir, r.Findings[i].At.File); err == nil && filepath.IsAbs(r.Findings[i].At.File) {
			r.Findings[i].At.File = rel
		}
	}
	return r
}

// labels are what a corpus repository says is to be found: one line a finding and scenario.
func labels(t *testing.T, name string) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		f := strings.Fields(sc.Text())
		for _, scenario := range f[2:] {
			out[f[0]+" "+f[1]+" "+scenario] = true
		}
	}
	return out
}

// TestCorpus keeps the promise that at least 95% of what is labelled is found, and at least 95% of what is found is labelled. What misses is listed
// with -v, and explained in docs/benchmarks.md.
func TestCorpus(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/corpus/*/labels")
	if err != nil || len(dirs) < 12 {
		t.Fatalf("%d repositories, %v", len(dirs), err)
	}
	right, found, labelled := 0, 0, 0
	for _, name := range dirs {
		dir := filepath.Dir(name)
		want, got := labels(t, name), map[string]bool{}
		for _, f := range look(t, dir).Findings {
			for _, s := range f.Weights.Scenarios() {
				got[fmt.Sprintf("%s %s:%d %s", f.Rule.ID, f.At.File, f.At.Start.Line, s)] = true
			}
		}
		var misses []string
		for l := range want {
			if got[l] {
				right++
			} else {
				misses = append(misses, "missed "+l)
			}
		}
		for l := range got {
			if !want[l] {
				misses = append(misses, "wrong  "+l)
			}
		}
		slices.Sort(misses)
		found, labelled = found+len(got), labelled+len(want)
		for _, m := range misses {
			t.Logf("%s: %s", filepath.Base(dir), m)
		}
	}
	recall, precision := float64(right)/float64(labelled), float64(right)/float64(found)
	t.Logf("%d labels, %d found, %d right: recall %.1f%%, precision %.1f%%", labelled, found, right, 100*recall, 100*precision)
	if recall < 0.95 || precision < 0.95 {
		t.Errorf("recall %.1f%%, precision %.1f%%: both must be at least 95%%", 100*recall, 100*precision)
	}
}
