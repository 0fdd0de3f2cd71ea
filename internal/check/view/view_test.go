package view_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/check/view"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// report is what is found in a repository of the corpus.
func report(t *testing.T, name string) *check.Report {
	t.Helper()
	dir := filepath.Join("..", "testdata", "corpus", name)
	inv, err := survey.Survey(t.Context(), survey.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	in := check.Input{Inventory: inv, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := os.Stat(filepath.Join(dir, "lifeboat.hcl")); err == nil {
		in.Plan, in.Sources, _ = planfile.Load(planfile.Options{Dir: dir, Now: in.Now})
	}
	return check.Check(in)
}

func text(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSame keeps the promise that the same input gives the same report, byte for byte.
func TestSame(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"blue-green", "with-a-plan", "terragrunt"} {
		first := text(t, func(b *bytes.Buffer) error { return view.JSON(b, report(t, name)) })
		for range 5 {
			if again := text(t, func(b *bytes.Buffer) error { return view.JSON(b, report(t, name)) }); again != first {
				t.Errorf("%s differs from one time to the next", name)
			}
		}
	}
}

// TestJSON keeps the promise of the schema: the document that is written piece by piece is the same as the whole one.
func TestJSON(t *testing.T) {
	t.Parallel()
	r := report(t, "with-a-plan")
	for range 2 {
		out := text(t, func(b *bytes.Buffer) error { return view.JSON(b, r) })
		var got view.Document
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if diff := cmp.Diff(view.NewDocument(r), &got); diff != "" {
			t.Error(diff)
		}
		r.Findings = nil // and again without any
	}
}

// TestSARIF keeps the promise of SARIF 2.1.0: what its schema requires is there, and every result's rule is described. TestSARIFSchema holds
// the whole corpus to the schema itself.
func TestSARIF(t *testing.T) {
	t.Parallel()
	out := text(t, func(b *bytes.Buffer) error { return view.SARIF(b, report(t, "workspaces"), "1.2.3") })
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID               string
						Name             string
						ShortDescription struct{ Text string }
						HelpURI          string
					}
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(log.Runs) != 1 || run.Tool.Driver.Name != "lifeboat" || len(run.Results) == 0 {
		t.Fatalf("%s", out)
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || r.Name == "" || r.ShortDescription.Text == "" || !strings.HasPrefix(r.HelpURI, "https://") {
			t.Errorf("rule %+v", r)
		}
	}
	prints := map[string]bool{}
	for _, r := range run.Results {
		at := r.Locations[0].PhysicalLocation
		known := run.Tool.Driver.Rules[r.RuleIndex].ID == r.RuleID
		if !known || r.Message.Text == "" || at.ArtifactLocation.URI == "" || at.Region.StartLine < 1 || at.Region.EndLine < at.Region.StartLine || r.PartialFingerprints["lifeboat/v1"] == "" {
			t.Errorf("result %+v", r)
		}
		if r.Level != "error" && r.Level != "warning" && r.Level != "note" {
			t.Errorf("level %s", r.Level)
		}
		prints[r.PartialFingerprints["lifeboat/v1"]] = true
	}
	if len(prints) != len(run.Results) {
		t.Errorf("%d fingerprints of %d results", len(prints), len(run.Results))
	}
}

// TestJUnit keeps the promise that a CI server reads the report, and counts as failures what is at the threshold.
func TestJUnit(t *testing.T) {
	t.Parallel()
	r := report(t, "workspaces")
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	out := text(t, func(b *bytes.Buffer) error { return view.JUnit(b, r, check.High) })
	if err := xml.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if want := len(r.AtLeast(check.High)); doc.Failures != want || len(doc.Suites) != len(check.Rules()) || doc.Tests < want {
		t.Errorf("%d failures of %d tests in %d suites, want %d", doc.Failures, doc.Tests, len(doc.Suites), want)
	}
}

// TestGitHub keeps the promise that a finding is one workflow command, whatever is in its text.
func TestGitHub(t *testing.T) {
	t.Parallel()
	r := report(t, "workspaces")
	r.Findings[0].Title = "a,b:c%d\n::error::x\x1b[31m"
	out := text(t, func(b *bytes.Buffer) error { return view.GitHub(b, r) })
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(r.Findings) || !strings.Contains(lines[0], `a%2Cb%3Ac%25d%0A%3A%3Aerror%3A%3Ax\x1b[31m`) {
		t.Errorf("%d lines of %d findings: %s", len(lines), len(r.Findings), lines[0])
	}
}

// TestHuman keeps the promise that the worst comes first in each scenario, that each rule is explained once, and that the page ends with what to fix.
func TestHuman(t *testing.T) {
	t.Parallel()
	r := report(t, "with-a-plan")
	out := text(t, func(b *bytes.Buffer) error { return view.Human(b, r, 100) })
	for _, want := range []string{"region-down (to another region): ", "account-lost (to another account and to another region): ", "deleted (in place): ", " steps are proven", "Fix these five and the plan can work:"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	worst := map[string]int{"high": 3, "medium": 2, "low": 1}
	last, explained := 3, map[string]int{}
	for line := range strings.Lines(out) {
		switch f := strings.Fields(line); {
		case !strings.HasPrefix(line, " "):
			last = 3
		case len(f) > 1 && worst[f[0]] > 0 && strings.HasPrefix(f[1], "LB"):
			if worst[f[0]] > last {
				t.Errorf("after something less bad: %s", line)
			}
			last = worst[f[0]]
		case len(f) > 0 && f[0] == "why:":
			explained[line]++
		}
	}
	for why, n := range explained {
		if n > 1 {
			t.Errorf("%d times %s", n, why)
		}
	}
}

// TestBaseline keeps the promise that a report is its own baseline, and that a second finding of the same sort is new.
func TestBaseline(t *testing.T) {
	t.Parallel()
	r := report(t, "workspaces")
	earlier := text(t, func(b *bytes.Buffer) error { return view.JSON(b, r) })
	again := report(t, "workspaces")
	again.Findings = append(again.Findings, again.Findings[0])
	isNew, err := view.Baseline(again, []byte(earlier))
	if err != nil {
		t.Fatal(err)
	}
	again.Keep(isNew)
	if len(again.Findings) != 1 {
		t.Errorf("%d findings are new", len(again.Findings))
	}
	if _, err := view.Baseline(r, []byte(`{"schema":"lifeboat.plan/v1"}`)); err == nil {
		t.Error("another document is a baseline")
	}
}
