// Package view draws a procedure: for people, as JSON, as a DOT graph and as an SVG picture.
//
// Promise: a drawing is a pure function of the procedure, so the same plan gives the same bytes.
package view

import (
	"encoding/json"
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

// Schema is the version of the JSON form.
const Schema = "lifeboat.procedure/v1"

// Document is the JSON form of a procedure.
type Document struct {
	Schema       string           `json:"schema"`
	Application  string           `json:"application"`
	Scenario     string           `json:"scenario"`
	Site         Site             `json:"site"`
	PlanHash     string           `json:"plan_hash"`
	Steps        []Step           `json:"steps"`
	Waves        []procedure.Wave `json:"waves"`
	CriticalPath []string         `json:"critical_path"`
	Forecast     Forecast         `json:"forecast"`
	// Values says what becomes of each secret, parameter and consumer's key that is not at the site.
	Values []procedure.Value `json:"values"`
	// Data says how the data of each table comes back; empty where the scenario did not take it.
	Data []procedure.Data `json:"data"`
}

// Site is where the procedure recovers to.
type Site struct {
	Name    string `json:"name"`
	Account string `json:"account"`
	Region  string `json:"region"`
}

// Step is one step of a Document.
type Step struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	Title     string   `json:"title"`
	Needs     []string `json:"needs"`
	Optional  bool     `json:"optional"`
	LeftOut   bool     `json:"left_out"`
	IfNeeded  bool     `json:"only_if_needed"`
	WaitsFor  string   `json:"waits_for,omitempty"`
	Critical  bool     `json:"critical"`
	ForecastS float64  `json:"forecast_s"`
	Source    string   `json:"forecast_source"`
}

// Forecast compares the forecast recovery time with the objective, in seconds. Met is null without an objective.
type Forecast struct {
	RecoveryS  float64  `json:"recovery_s"`
	ObjectiveS *float64 `json:"objective_s"`
	Met        *bool    `json:"met"`
	People     int      `json:"waits_for_people"`
}

// Of makes the Document of a procedure.
func Of(p *procedure.Procedure) Document {
	path, total := p.CriticalPath()
	d := Document{
		Schema: Schema, Application: p.Plan.Application.Name, Scenario: p.Scenario.Name, PlanHash: p.Plan.Hash,
		Site:  Site{Name: p.Site.Name, Account: p.Site.Account, Region: p.Site.Region},
		Waves: p.Waves(), CriticalPath: path, Forecast: Forecast{RecoveryS: total.Seconds()}, Values: p.Values(), Data: p.Data(),
	}
	if o := p.Plan.Application.Objectives.RecoveryTime; o > 0 {
		s, met := o.Seconds(), total <= o
		d.Forecast.ObjectiveS, d.Forecast.Met = &s, &met
	}
	for _, s := range p.Steps {
		if s.Person != "" {
			d.Forecast.People++
		}
		d.Steps = append(d.Steps, Step{
			ID: s.ID, Kind: string(s.Kind), Title: s.Title, Needs: append([]string{}, s.Needs...), Optional: s.Optional,
			LeftOut: slices.Contains(p.Without, s.ID), IfNeeded: s.IfNeeded, WaitsFor: s.Person, Critical: slices.Contains(path, s.ID),
			ForecastS: s.Forecast.Typical.Seconds(), Source: s.Forecast.Source,
		})
	}
	return d
}

// JSON writes the Document.
func JSON(w io.Writer, p *procedure.Procedure) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(Of(p))
}

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
