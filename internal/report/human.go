package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// Human writes the summary of a run for people: the verdict first, then the objective, the steps, and what to do.
func Human(w io.Writer, s *journal.State, now time.Time, width int) error {
	p := &page{width: max(width, 40)}
	d := Of(s, now)
	p.verdict(d)
	p.objective(d, s, now)
	p.steps(s, now)
	p.people(d)
	p.todo(d, s)
	p.line(0, fmt.Sprintf("Journal: %d events, head %.16s…", d.Journal.Events, d.Journal.HeadHash))
	_, err := io.WriteString(w, p.b.String())
	return err
}

// page is text that keeps to a width.
type page struct {
	b     strings.Builder
	width int
}

// line writes a paragraph, wrapped at spaces, every line indented.
func (p *page) line(indent int, text string) {
	for _, l := range diag.Wrap("", text, p.width-indent) {
		p.b.WriteString(strings.Repeat(" ", indent) + l + "\n")
	}
}

func (p *page) verdict(d Document) {
	word := map[string]string{"recovered": "RECOVERED", "failed": "FAILED", "waiting": "WAITING", "aborted": "ABORTED", "running": "UNFINISHED"}[d.Result]
	label := ""
	if d.Simulated {
		label = " (simulated: a drill)"
	} else if d.Label != string(journal.Live) {
		label = " (" + d.Label + ")"
	}
	p.line(0, fmt.Sprintf("%s: %s, scenario %s, at site %s%s", word, d.Application, d.Scenario, d.Site, label))
	if d.Reason != "" {
		p.line(2, d.Reason)
	}
	p.line(0, "Run "+d.Run)
	p.b.WriteByte('\n')
}

func (p *page) objective(d Document, s *journal.State, now time.Time) {
	r := d.Objectives.RecoveryTime
	text := "Recovery time: "
	if r.MeasuredS != nil {
		text += span(seconds(*r.MeasuredS))
	} else {
		text += fmt.Sprintf("not reached; %s so far", span(now.Sub(s.Disaster())))
	}
	if r.ObjectiveS != nil {
		text += ", objective " + span(seconds(*r.ObjectiveS))
	}
	switch {
	case r.Met == nil:
	case *r.Met:
		text += ": met"
	default:
		text += fmt.Sprintf(": MISSED by %s", span(seconds(*r.MeasuredS-*r.ObjectiveS)))
	}
	p.line(0, text)
	if len(d.CriticalPath) > 0 {
		p.line(0, "Critical path: "+strings.Join(d.CriticalPath, " > "))
	}
	p.b.WriteByte('\n')
}

func (p *page) steps(s *journal.State, now time.Time) {
	idw := 0
	for _, t := range s.Steps {
		idw = max(idw, len(t.Spec.ID))
	}
	for _, t := range s.Steps {
		x := stepOf(t, now)
		took := ""
		if t.Attempts > 0 {
			took = span(t.Duration(now))
		}
		fmt.Fprintf(&p.b, "%-9s %-*s %7s", x.Status, idw, diag.Clean(x.ID), took)
		text := x.Reason
		if x.Optional {
			text = strings.TrimSuffix("optional; "+text, "; ")
		}
		if x.Attempts > 1 {
			text += fmt.Sprintf(" (attempt %d)", x.Attempts)
		}
		if text = diag.Clean(text); len([]rune(text)) <= p.width-idw-20 {
			p.b.WriteString(strings.TrimRight("  "+text, " ") + "\n")
			continue
		}
		p.b.WriteByte('\n')
		p.line(10, text)
	}
	p.b.WriteByte('\n')
}

func (p *page) people(d Document) {
	for _, x := range d.Decisions {
		note := ""
		if x.Note != "" {
			note = ": " + x.Note
		}
		p.line(0, fmt.Sprintf("%s %s by %s at %s%s", x.Step, past(x.Decision), x.By, x.At.Format(time.RFC3339), note))
	}
	if len(d.Decisions) > 0 {
		p.b.WriteByte('\n')
	}
}

func past(decision string) string {
	return map[string]string{"approve": "approved", "confirm": "confirmed", "reject": "rejected"}[decision]
}

// todo says what waits for whom, and what would bring the run forward.
func (p *page) todo(d Document, s *journal.State) {
	for _, g := range d.Waiting {
		who := g.Who
		if who == "" {
			who = "a person"
		}
		p.line(0, fmt.Sprintf("%s waits for %s: %s", g.Step, who, g.Prompt))
		for l := range strings.Lines(g.Detail) {
			p.line(4, l)
		}
		p.line(2, fmt.Sprintf("lifeboat approve %s %s   (or confirm, or reject)", d.Run, g.Step))
	}
	for _, t := range s.Steps {
		if t.Status == journal.StatusFailed && t.Error != nil && t.Error.Next != "" {
			p.line(0, t.Spec.ID+": "+t.Error.Next)
		}
	}
	if d.Result != string(journal.Recovered) && d.Result != string(journal.Aborted) {
		p.line(0, "Then go on with: lifeboat resume "+d.Run)
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// span shows a duration with as much detail as people need.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	default:
		return d.Round(time.Second).String()
	}
}
