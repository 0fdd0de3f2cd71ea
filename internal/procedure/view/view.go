// Package view draws a procedure: for people, as JSON, as a DOT graph and as an SVG picture.
//
// Promise: a drawing is a pure function of the procedure, so the same plan gives the same bytes.
package view

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/procedure"
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
