// Package page shows a run's report as one HTML page, for a browser, a phone, a printer or an archive.
//
// Promise: the page is a pure function of the report. It is one file that asks nothing of anywhere: no script, font, image or style
// from elsewhere, and a policy inside it that forbids them. Whatever stands in names and errors is shown as text.
package page

import (
	_ "embed" // for style.css
	"fmt"
	"io"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
)

//go:embed style.css
var style string

// Write writes the page.
func Write(w io.Writer, d report.Document) error {
	var t text
	p := pageOf(d)
	t.head(p)
	t.objectives(p)
	t.owed(p)
	t.open(p)
	t.timeline(p)
	t.groups(p)
	t.people(p)
	t.identity(p)
	for line := range strings.Lines(t.String()) {
		// No control character moves or reorders what people read.
		if _, err := io.WriteString(w, diag.Clean(strings.TrimSuffix(line, "\n"))+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// page is what the page shows.
type page struct {
	report.Document
	Tone     string // good, late, bad, open: a class of the style
	Proof    string // what the run's label means
	Clock    string // where the recovery clock starts
	Measured string
	Point    string        // the recovery point, in words
	Against  string        // measured against the objective
	Owed     []report.Duty // open
	Failed   []item
	Groups   []group
	Timeline timeline
}

// group is a list of steps that ended alike.
type group struct {
	Title string
	Steps []item
}

// item is one step in a list.
type item struct {
	report.Step
	Anchor  string
	Earlier []string // why attempts before the last failed
}

func pageOf(d report.Document) page {
	p := page{Document: d, Proof: proof(d.Label), Tone: tone(d), Timeline: timelineOf(d)}
	p.Clock, p.Measured, p.Against = objective(d)
	p.Point = report.PointText(d)
	for _, x := range d.Duties {
		if x.Done == nil {
			p.Owed = append(p.Owed, x)
		}
	}
	p.Groups = []group{{Title: "Under way"}, {Title: "Not reached"}, {Title: "Skipped, and why"}, {Title: "Done"}}
	for i, s := range d.Steps {
		it := itemOf(i, s)
		switch journal.Status(s.Status) {
		case journal.StatusRunning, journal.StatusWaiting, journal.StatusRetrying:
			p.Groups[0].Steps = append(p.Groups[0].Steps, it)
		case journal.StatusPending, journal.StatusBlocked:
			p.Groups[1].Steps = append(p.Groups[1].Steps, it)
		case journal.StatusSkipped:
			p.Groups[2].Steps = append(p.Groups[2].Steps, it)
		case journal.StatusSucceeded:
			p.Groups[3].Steps = append(p.Groups[3].Steps, it)
		default: // failed, cancelled, interrupted
			p.Failed = append(p.Failed, it)
		}
	}
	return p
}

func itemOf(i int, s report.Step) item {
	it := item{Step: s, Anchor: anchor(i)}
	for _, x := range s.Spans {
		if x.Error != "" {
			it.Earlier = append(it.Earlier, x.Error)
		}
	}
	if n := len(it.Earlier); n > 0 && it.Earlier[n-1] == s.Reason {
		it.Earlier = it.Earlier[:n-1]
	}
	return it
}

// anchor is the place of a step on the page.
func anchor(i int) string { return fmt.Sprintf("step-%d", i+1) }

func tone(d report.Document) string {
	met := d.Objectives.RecoveryTime.Met
	switch {
	case d.Result == string(journal.Failed) || d.Result == string(journal.Aborted):
		return "bad"
	case d.Result != string(journal.Recovered):
		return "open"
	case met != nil && !*met, d.Objectives.RecoveryPoint != nil && d.Objectives.RecoveryPoint.Met != nil && !*d.Objectives.RecoveryPoint.Met:
		return "late"
	default:
		return "good"
	}
}

func proof(label string) string {
	switch journal.Label(label) {
	case journal.Simulated:
		return "A drill on the simulated cloud. It rehearses the plan, and is no evidence of a recovery in AWS."
	case journal.Sandbox:
		return "In a sandbox account, not where the application lives."
	default:
		return ""
	}
}

// objective says where the clock starts, what was measured, and how that compares.
func objective(d report.Document) (clock, measured, against string) {
	r := d.Objectives.RecoveryTime
	clock = "from the start of the run"
	struck := false
	for _, m := range d.Marks {
		if m.Name == journal.MarkDisaster {
			clock, struck = "from the disaster", true
		}
	}
	switch {
	case r.MeasuredS != nil:
		measured = report.Duration(*r.MeasuredS)
	case d.Simulated && !struck:
		return clock, "not measured", "before the disaster"
	case d.Over:
		measured = "not reached"
	default:
		so := d.AsOf.Sub(r.From).Seconds()
		measured, against = "not reached", report.Duration(so)
		if r.ObjectiveS != nil && so > *r.ObjectiveS {
			against += ", past the objective"
		}
	}
	switch {
	case r.Met == nil:
	case *r.Met:
		against = "met, with " + report.Duration(*r.ObjectiveS-*r.MeasuredS) + " to spare"
	default:
		against = "missed by " + report.Duration(*r.MeasuredS-*r.ObjectiveS)
	}
	return clock, measured, against
}
