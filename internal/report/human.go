package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// Human writes the summary of a run for people: the verdict first, then the objective, the steps, and what to do.
func Human(w io.Writer, s *journal.State, v View) error {
	p := &page{width: max(v.Width, 40)}
	d := Of(s, v)
	p.verdict(d, s, v)
	p.objective(d, s, v.Now)
	p.steps(d)
	p.people(d)
	p.todo(d, s, v)
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

func (p *page) verdict(d Document, s *journal.State, v View) {
	label := ""
	if d.Simulated {
		label = " (simulated: a drill)"
	} else if d.Label != string(journal.Live) {
		label = " (" + d.Label + ")"
	}
	p.line(0, fmt.Sprintf("%s: %s, scenario %s, at site %s%s", strings.ToUpper(d.Result), d.Application, d.Scenario, d.Site, label))
	switch {
	case d.Result == resultRunning:
		p.line(2, fmt.Sprintf("%s works on it on %s, process %d", v.Holder.User, v.Holder.Host, v.Holder.PID))
		p.line(2, Standing(s, v.Now))
	case d.Result == resultUnfinished:
		p.line(2, "nobody works on it: it was cut off at "+s.Last.Format(time.RFC3339))
	case d.Reason != "":
		p.line(2, d.Reason)
	}
	p.line(0, "Run "+d.Run)
	p.b.WriteByte('\n')
}

func (p *page) objective(d Document, s *journal.State, now time.Time) {
	for _, m := range d.Marks {
		if m.Name == journal.MarkDisaster && m.Note != "" {
			p.line(0, "Disaster: "+diag.Clean(m.Note))
		}
	}
	r := d.Objectives.RecoveryTime
	text := "Recovery time: "
	switch {
	case r.MeasuredS != nil:
		text += span(seconds(*r.MeasuredS))
		if d.Objectives.ConsumersWork != nil {
			text += " until the application answers"
		}
	case d.Simulated && !s.Struck():
		text += "not measured, for the disaster has not struck"
	case s.Over():
		text += "not reached"
	default:
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
	if text := PointText(d); text != "" {
		p.line(0, "Recovery point: "+text)
	}
	if c := d.Objectives.ConsumersWork; c != nil {
		p.line(0, "Consumers work: "+consumersText(*c, s, now))
	}
	if len(d.CriticalPath) > 0 {
		p.line(0, "Critical path: "+strings.Join(d.CriticalPath, " > "))
	}
	p.b.WriteByte('\n')
}

// consumersText is the second mark of the clock; the first is the application's.
func consumersText(c ConsumersWork, s *journal.State, now time.Time) string {
	switch {
	case c.MeasuredS != nil:
		return "after " + span(seconds(*c.MeasuredS))
	case s.Facts.Label == journal.Simulated && !s.Struck():
		return "not measured"
	case s.Over():
		return "not reached"
	default:
		return fmt.Sprintf("not reached; %s so far", span(now.Sub(s.Disaster())))
	}
}

func (p *page) steps(d Document) {
	idw := 0
	for _, x := range d.Steps {
		idw = max(idw, len(x.ID))
	}
	for _, x := range d.Steps {
		took := ""
		if x.Attempts > 0 {
			took = span(seconds(x.DurationS))
		}
		row := fmt.Sprintf("%-11s %-*s %7s", x.Status, idw, diag.Clean(x.ID), took)
		text := x.Reason
		if x.Optional {
			text = strings.TrimSuffix("optional; "+text, "; ")
		}
		if x.Retried() {
			text += fmt.Sprintf(" (attempt %d)", x.Attempts)
		}
		if text = diag.Clean(text); len([]rune(text)) <= p.width-idw-22 {
			p.b.WriteString(strings.TrimRight(row+"  "+text, " ") + "\n")
			continue
		}
		p.b.WriteString(strings.TrimRight(row, " ") + "\n")
		p.line(12, text)
	}
	p.b.WriteByte('\n')
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// span shows a duration with as much detail as people need.
func span(d time.Duration) string {
	switch {
	case d <= 0:
		return "0s"
	case d < 100*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	default:
		return clock.Brief(d.Round(time.Second))
	}
}
