package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Human writes the procedure for people. Lines stay within the width where names allow it.
func Human(w io.Writer, p *procedure.Procedure, width int) error {
	var b strings.Builder
	d, direct := Of(p), p.Direct()
	fmt.Fprintf(&b, "%s: scenario %s\n", d.Application, d.Scenario)
	fmt.Fprintf(&b, "recover to %s (account %s, %s)\n", d.Site.Name, d.Site.Account, d.Site.Region)
	idw := 28
	for _, s := range d.Steps {
		idw = max(idw, min(len(s.ID), width-20))
	}
	for n, wave := range d.Waves {
		fmt.Fprintf(&b, "\nWave %d\n", n+1)
		for _, id := range wave {
			i := slices.IndexFunc(d.Steps, func(s Step) bool { return s.ID == id })
			line(&b, d.Steps[i], direct[id], idw, width)
		}
	}
	b.WriteByte('\n')
	paragraph(&b, "", "* critical path: "+strings.Join(d.CriticalPath, " > "), width)
	b.WriteByte('\n')
	values(&b, d, width)
	data(&b, d, width)
	verdict(&b, d)
	sources(&b, p, width)
	_, err := io.WriteString(w, b.String())
	return err
}

// line is one step: mark, id, forecast, and what is special about it.
func line(b *strings.Builder, s Step, direct []string, idw, width int) {
	mark := " "
	if s.Critical {
		mark = "*"
	}
	var notes []string
	for note, on := range map[string]bool{"optional": s.Optional, "left out": s.LeftOut, "only if needed": s.IfNeeded, "waits for " + s.WaitsFor: s.WaitsFor != ""} {
		if on {
			notes = append(notes, note)
		}
	}
	slices.Sort(notes)
	first := fmt.Sprintf("  %s %-*s %6s", mark, idw, s.ID, short(s.ForecastS))
	rest := strings.Join(notes, ", ")
	if len(first)+2+len(rest) <= width {
		b.WriteString(strings.TrimRight(first+"  "+rest, " ") + "\n")
	} else {
		b.WriteString(first + "\n")
		paragraph(b, "        ", rest, width)
	}
	if len(direct) > 0 && width >= 100 {
		paragraph(b, "      ", "after "+strings.Join(direct, ", "), width)
	}
}

func short(seconds float64) string {
	if seconds == 0 {
		return "-"
	}
	return "~" + span(seconds)
}

func span(seconds float64) string {
	return clock.Brief(time.Duration(seconds * float64(time.Second)).Round(time.Second))
}

func verdict(b *strings.Builder, d Document) {
	fmt.Fprintf(b, "Forecast: %s of work", span(d.Forecast.RecoveryS))
	switch n := d.Forecast.People; n {
	case 0:
	case 1:
		b.WriteString(", plus 1 wait for a person")
	default:
		fmt.Fprintf(b, ", plus %d waits for people", n)
	}
	b.WriteByte('\n')
	switch {
	case d.Forecast.Met == nil:
		b.WriteString("Objective: none given (application > objectives > recovery_time)\n")
	case *d.Forecast.Met:
		fmt.Fprintf(b, "Objective: %s, within reach\n", span(*d.Forecast.ObjectiveS))
	default:
		over := d.Forecast.RecoveryS - *d.Forecast.ObjectiveS
		fmt.Fprintf(b, "Objective: %s, MISSED by %s\n", span(*d.Forecast.ObjectiveS), span(over))
	}
}

// sources says where the forecast's durations come from, each once.
func sources(b *strings.Builder, p *procedure.Procedure, width int) {
	b.WriteString("\nWhere the durations come from:\n")
	var seen []step.Kind
	for _, s := range p.Steps {
		if !slices.Contains(seen, s.Kind) {
			seen = append(seen, s.Kind)
			paragraph(b, "  ", fmt.Sprintf("%s: %s", s.Kind, s.Forecast.Source), width)
		}
	}
}

// paragraph writes a text, wrapped, every line after a margin.
func paragraph(b *strings.Builder, margin, text string, width int) {
	for _, l := range diag.Wrap("", text, width-len(margin)) {
		b.WriteString(margin + l + "\n")
	}
}
