// Package view shows what a check found: to people, as JSON, SARIF, JUnit and as annotations of GitHub.
//
// Promise: every form says the same findings in the same order. JSON has the schema lifeboat.check/v1; SARIF is version 2.1.0. What comes from
// files is made safe to show on a terminal.
package view

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// Schema names the JSON form of a report and its version.
const Schema = "lifeboat.check/v1"

// Document is the JSON form of a report.
type Document struct {
	Schema        string         `json:"schema"`
	Findings      []Finding      `json:"findings"`
	Ignored       []Ignored      `json:"ignored"`
	Scores        []Score        `json:"scores"`
	Stacks        []Stack        `json:"stacks"`
	Edges         []Edge         `json:"edges"`
	Prerequisites []Prerequisite `json:"prerequisites"`
	Problems      []Problem      `json:"problems"` // of the survey: what could not be read
}

// Finding is one of a Document.
type Finding struct {
	Rule      string   `json:"rule"`
	Severity  string   `json:"severity"`
	Scenarios []string `json:"scenarios"` // account, region, in-place
	InPlan    []string `json:"in_plan"`   // names of the plan's scenarios in which it matters
	Severe    Severe   `json:"severity_by_scenario"`
	Title     string   `json:"title"`
	Stack     string   `json:"stack,omitempty"`
	Steps     []string `json:"steps"`
	Address   string   `json:"address"`
	File      string   `json:"file"`
	Line      int      `json:"line"`
	EndLine   int      `json:"end_line"`
	Why       string   `json:"why"`
	Fix       string   `json:"fix"`
	Source    string   `json:"source"`
	Doc       string   `json:"doc"`
	Fixable   bool     `json:"fixable"` // --fix has a patch
}

// Severe is how bad a finding is in each scenario: low, medium or high; empty: it does not matter there.
type Severe struct {
	Account string `json:"account,omitempty"`
	InPlace string `json:"in-place,omitempty"`
	Region  string `json:"region,omitempty"`
}

// Ignored is a finding that the code sets aside.
type Ignored struct {
	Finding
	Reason string `json:"reason"`
	Until  string `json:"until,omitempty"` // YYYY-MM-DD
}

// Score is how much of a scenario is proven.
type Score struct {
	Scenario string   `json:"scenario"`
	Unit     string   `json:"unit"` // steps or stacks
	Total    int      `json:"total"`
	Proven   int      `json:"proven"`
	Open     []string `json:"open"`
}

// Stack is a root module that the survey found.
type Stack struct {
	Name      string   `json:"name"`
	Dir       string   `json:"dir"`
	Resources int      `json:"resources"`
	Instances []string `json:"instances"`
}

// Edge says that one stack reads what another makes.
type Edge struct {
	From       string `json:"from"`
	To         string `json:"to"`
	How        string `json:"how"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Confidence string `json:"confidence"`
	Why        string `json:"why"`
}

// Prerequisite is what no stack makes.
type Prerequisite struct {
	Kind   string   `json:"kind"`
	Type   string   `json:"type"`
	Name   string   `json:"name"`
	Stacks []string `json:"stacks"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	Probe  string   `json:"probe,omitempty"`
	Who    string   `json:"who,omitempty"`
}

// Problem is something that the survey could not read.
type Problem struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
}

// NewDocument gives the JSON form of a report.
func NewDocument(r *check.Report) *Document {
	d := &Document{Schema: Schema, Findings: []Finding{}, Ignored: []Ignored{}, Scores: []Score{}, Stacks: []Stack{}, Edges: []Edge{}, Prerequisites: []Prerequisite{}, Problems: []Problem{}}
	for _, f := range r.Findings {
		d.Findings = append(d.Findings, finding(r, f))
	}
	for _, i := range r.Ignored {
		out := Ignored{Finding: finding(r, i.Finding), Reason: i.Reason}
		if !i.Until.IsZero() {
			out.Until = i.Until.Format(time.DateOnly)
		}
		d.Ignored = append(d.Ignored, out)
	}
	for _, s := range r.Scores {
		d.Scores = append(d.Scores, Score{s.Name, s.Unit, s.Total, s.Proven, list(s.Open)})
	}
	for _, p := range r.Diags {
		d.Problems = append(d.Problems, Problem{p.Severity.String(), p.Summary, r.Path(p.Subject.File), p.Subject.Start.Line})
	}
	d.inventory(r)
	return d
}

func (d *Document) inventory(r *check.Report) {
	inv := r.Inventory
	if inv == nil {
		return
	}
	for _, s := range inv.Stacks {
		out := Stack{Name: s.Name, Dir: s.Dir, Resources: len(s.Resources), Instances: []string{}}
		for _, i := range s.Instances {
			out.Instances = append(out.Instances, i.Name)
		}
		d.Stacks = append(d.Stacks, out)
	}
	for _, e := range inv.Edges {
		at := e.At.Range()
		d.Edges = append(d.Edges, Edge{e.From, e.To, string(e.How), r.Path(at.File), at.Start.Line, string(e.Confidence), e.Why})
	}
	for _, p := range inv.Prerequisites {
		out := Prerequisite{Kind: p.Kind, Type: p.Type, Name: p.Name.Said(), Stacks: list(p.Stacks), Probe: p.Probe, Who: p.Who}
		if len(p.Reads) > 0 {
			at := p.Reads[0].At.Range()
			out.File, out.Line = r.Path(at.File), at.Start.Line
		}
		d.Prerequisites = append(d.Prerequisites, out)
	}
	for _, p := range inv.Diags {
		d.Problems = append(d.Problems, Problem{p.Severity.String(), p.Summary, r.Path(p.Subject.File), p.Subject.Start.Line})
	}
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func finding(r *check.Report, f check.Finding) Finding {
	out := Finding{
		Rule: f.Rule.ID, Severity: f.Severity.String(), Scenarios: []string{}, InPlan: []string{}, Severe: severe(f.Weights), Title: f.Title, Stack: f.Stack, Steps: list(f.Steps),
		Address: f.Address, File: r.Path(f.At.File), Line: f.At.Start.Line, EndLine: max(f.At.Start.Line, f.At.End.Line), Why: f.Why, Fix: f.Fix, Source: f.Rule.Source, Doc: f.Rule.Doc(), Fixable: f.Patch != nil,
	}
	for _, s := range f.Weights.Scenarios() {
		out.Scenarios = append(out.Scenarios, s.String())
	}
	for _, s := range r.Scores {
		if r.Plan != nil && f.In(s) > check.None {
			out.InPlan = append(out.InPlan, s.Name)
		}
	}
	return out
}

// JSON writes a report as a Document. Findings are written one by one, each on a line of its own: there may be very many, and people grep them.
func JSON(w io.Writer, r *check.Report) error {
	rest := *r
	rest.Findings = nil
	frame, err := indented(NewDocument(&rest))
	if err != nil {
		return err
	}
	const list = "\"findings\": ["
	head, tail, _ := bytes.Cut(frame, []byte(list))
	out := bufio.NewWriterSize(w, 1<<16)
	_, _ = out.Write(head) // bufio keeps the first error for Flush
	_, _ = out.WriteString(list)
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	end := "\n    "
	for _, f := range r.Findings {
		line.Reset()
		if err := enc.Encode(finding(r, f)); err != nil {
			return err
		}
		_, _ = out.WriteString(end)
		_, _ = out.Write(bytes.TrimSuffix(line.Bytes(), []byte("\n")))
		end = ",\n    "
	}
	if len(r.Findings) > 0 {
		_, _ = out.WriteString("\n  ")
	}
	_, _ = out.Write(tail)
	_ = out.WriteByte('\n')
	return out.Flush()
}

func severe(w check.Weights) Severe {
	in := func(s check.Scenario) string {
		if w[s] == check.None {
			return ""
		}
		return w[s].String()
	}
	return Severe{Account: in(check.Account), InPlace: in(check.InPlace), Region: in(check.Region)}
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func write(w io.Writer, v any) error {
	text, err := indented(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
