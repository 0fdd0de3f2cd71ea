package check_test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
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
func look(tb testing.TB, dir string) *check.Report {
	tb.Helper()
	inv, err := survey.Survey(tb.Context(), survey.Options{Dir: dir})
	if err != nil {
		tb.Fatalf("%s: %v", dir, err)
	}
	in := check.Input{Inventory: inv, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := os.Stat(filepath.Join(dir, "lifeboat.hcl")); err == nil {
		p, sources, diags := planfile.Load(planfile.Options{Dir: dir, Now: in.Now})
		if diags.HasErrors() {
			tb.Fatalf("%s: %v", dir, diags.Err())
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
func labels(tb testing.TB, name string) map[string]bool {
	tb.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
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

// measured is how the findings in the corpus compare with its labels, one for each finding and scenario.
type measured struct{ right, found, labelled float64 }

func (m measured) recall() float64    { return 100 * m.right / m.labelled }
func (m measured) precision() float64 { return 100 * m.right / m.found }

// measure checks every repository of the corpus, and logs what misses.
func measure(tb testing.TB) (m measured) {
	tb.Helper()
	names, err := filepath.Glob("testdata/corpus/*/labels")
	if err != nil || len(names) < 12 {
		tb.Fatalf("%d repositories, %v", len(names), err)
	}
	for _, name := range names {
		dir := filepath.Dir(name)
		want, got := labels(tb, name), map[string]bool{}
		for _, f := range look(tb, dir).Findings {
			for _, s := range f.Weights.Scenarios() {
				got[fmt.Sprintf("%s %s:%d %s", f.Rule.ID, f.At.File, f.At.Start.Line, s)] = true
			}
		}
		m.found, m.labelled = m.found+float64(len(got)), m.labelled+float64(len(want))
		for _, l := range slices.Sorted(maps.Keys(want)) {
			if got[l] {
				m.right++
			} else {
				tb.Logf("%s: missed %s", filepath.Base(dir), l)
			}
		}
		for _, l := range slices.Sorted(maps.Keys(got)) {
			if !want[l] {
				tb.Logf("%s: wrong %s", filepath.Base(dir), l)
			}
		}
	}
	return m
}

// TestCorpus keeps the promise that at least 95% of what is labelled is found, and at least 95% of what is found is labelled. -v lists what misses.
func TestCorpus(t *testing.T) {
	t.Parallel()
	m := measure(t)
	t.Logf("%v labels, %v found, %v right: recall %.1f%%, precision %.1f%%", m.labelled, m.found, m.right, m.recall(), m.precision())
	if m.recall() < 95 || m.precision() < 95 {
		t.Errorf("recall %.1f%%, precision %.1f%%: both must be at least 95%%", m.recall(), m.precision())
	}
}

// BenchmarkCorpus gives the figures of docs/benchmarks.md.
func BenchmarkCorpus(b *testing.B) {
	var m measured
	for b.Loop() {
		m = measure(b)
	}
	b.ReportMetric(m.recall(), "%recall")
	b.ReportMetric(m.precision(), "%precision")
	b.ReportMetric(m.labelled, "labels")
}
