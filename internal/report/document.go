// Package report shows a run: as JSON for machines, as a summary for people, and as lines while it goes on.
//
// Promise: a report is a pure function of the journal's state and an instant. It says of every step what became of it and why,
// compares the measured recovery time with the objective, and never calls a rehearsal anything but simulated.
package report

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Schema is the version of the JSON form.
const Schema = "lifeboat.report/v1"

// Document is the JSON form of a report. Times are RFC 3339 in UTC, durations seconds; what is not known yet is null or left out.
type Document struct {
	Schema       string          `json:"schema"`
	Run          string          `json:"run"`
	Result       string          `json:"result"` // recovered, failed, waiting, aborted; running: a process works on it; unfinished: it was cut off
	Reason       string          `json:"reason,omitempty"`
	Simulated    bool            `json:"simulated"`
	Label        string          `json:"label"` // simulated, sandbox, live
	Application  string          `json:"application"`
	Scenario     string          `json:"scenario"`
	Site         string          `json:"site"`
	PlanHash     string          `json:"plan_hash"`
	Version      string          `json:"version"` // of lifeboat
	StartedAt    time.Time       `json:"started_at"`
	FinishedAt   *time.Time      `json:"finished_at"`
	AsOf         time.Time       `json:"as_of"` // until when the report looks: it was made then, or the run stands still since
	Over         bool            `json:"over"`  // it can never go on
	Marks        []Mark          `json:"marks"`
	Objectives   Objectives      `json:"objectives"`
	Steps        []Step          `json:"steps"`
	CriticalPath []string        `json:"critical_path"`
	Data         []Data          `json:"data"`
	Waiting      []Gate          `json:"waiting"`
	Duties       []Duty          `json:"duties"`
	Decisions    []Decision      `json:"decisions"`
	PlanChanges  []PlanChange    `json:"plan_changes"`
	Operators    []Operator      `json:"operators"`
	Journal      JournalIdentity `json:"journal"`
}

// Objectives compares what was promised with what was measured.
type Objectives struct {
	RecoveryTime  RecoveryTime   `json:"recovery_time"`
	RecoveryPoint *RecoveryPoint `json:"recovery_point"` // null where no data was taken
	ConsumersWork *ConsumersWork `json:"consumers_work"` // null without consumers
}

// ConsumersWork is the second mark of the recovery clock: it runs until the application answers and each consumer has its key, has confirmed it and
// has called. MeasuredS is null until then.
type ConsumersWork struct {
	MeasuredS *float64 `json:"measured_s"`
}

// RecoveryTime runs from the disaster, or the start of the run, until the last proof held. Met is null without an objective or a
// measurement.
type RecoveryTime struct {
	From       time.Time `json:"from"`
	ObjectiveS *float64  `json:"objective_s"`
	MeasuredS  *float64  `json:"measured_s"`
	Met        *bool     `json:"met"`
}

// Mark is an instant that the clocks use, such as the disaster.
type Mark struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty"`
}

// Step is what became of one step.
type Step struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind"`
	Title      string     `json:"title"`
	Status     string     `json:"status"` // of journal.Status; interrupted: it was running when its process was cut off
	Reason     string     `json:"reason"`
	Optional   bool       `json:"optional"`
	Attempts   int        `json:"attempts"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	DurationS  float64    `json:"duration_s"`
	Next       string     `json:"next,omitempty"` // what to do about it
	Spans      []Span     `json:"spans"`
}

// Retried tells whether the step was tried more than once. One that asks a person is called again with the answer, which is no retry.
func (s Step) Retried() bool {
	asks := s.Kind == string(step.Manual) || s.Kind == string(step.APIKey) || s.Kind == string(step.FirstCall)
	return s.Attempts > 1 && !asks
}

// Span is a time in which a step ran, waited for a person or waited for its next attempt.
type Span struct {
	Status string    `json:"status"` // running, waiting, retrying
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Error  string    `json:"error,omitempty"` // why the attempt failed
}

// Gate is a question that waits for a person.
type Gate struct {
	Step   string    `json:"step"`
	Prompt string    `json:"prompt"`
	Detail string    `json:"detail,omitempty"`
	Who    string    `json:"who,omitempty"`
	Only   bool      `json:"only"`            // nobody but Who can say yes, with `lifeboat confirm`
	Typed  bool      `json:"typed,omitempty"` // it wants a value, given with `lifeboat put`
	Since  time.Time `json:"since"`
}

// Duty is what a step left to people.
type Duty struct {
	Step  string     `json:"step"`
	Key   string     `json:"key"`
	Text  string     `json:"text"`
	Who   string     `json:"who,omitempty"`
	Since time.Time  `json:"since"`
	Done  *time.Time `json:"done"` // null while it stays to be done
	By    string     `json:"by,omitempty"`
	Note  string     `json:"note,omitempty"`
}

// Decision is what a person decided.
type Decision struct {
	Step     string    `json:"step"`
	Prompt   string    `json:"prompt"`
	Decision string    `json:"decision"`
	By       string    `json:"by"`
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
}

// PlanChange is another version of the plan that a person accepted in the middle of the run.
type PlanChange struct {
	From string   `json:"from"`
	To   string   `json:"to"`
	Diff []string `json:"diff"`
	By   string   `json:"by"`
}

// Operator is who worked on the run, and where.
type Operator struct {
	User string `json:"user"`
	Host string `json:"host"`
}

// JournalIdentity ties the report to its journal.
type JournalIdentity struct {
	HeadHash string `json:"head_hash"`
	Events   uint64 `json:"events"`
}

// View is how a run is looked at.
type View struct {
	Now    time.Time
	Width  int               // of the lines, in columns
	Holder *journal.Operator // who works on the run now; nil: nobody
	Call   string            // how the reader calls lifeboat, such as "lifeboat -C shop"
}

// Of makes the Document of a run as it stands.
func Of(s *journal.State, v View) Document {
	d := Document{
		Schema: Schema, Run: s.Facts.Run, Result: string(s.Result), Reason: s.Reason, Simulated: s.Facts.Label == journal.Simulated, Label: string(s.Facts.Label),
		Application: s.Facts.Application, Scenario: s.Facts.Scenario, Site: s.Facts.Site, PlanHash: s.Facts.PlanHash, Version: s.Facts.Version,
		StartedAt: s.Began, FinishedAt: instant(s.Ended), AsOf: asOf(s, v), Over: s.Over(), Marks: []Mark{},
		Objectives: Objectives{recoveryTime(s), recoveryPoint(s), consumersWork(s)}, CriticalPath: []string{}, Data: dataOf(s), Waiting: []Gate{}, Duties: []Duty{}, Decisions: []Decision{}, PlanChanges: []PlanChange{},
		Journal: JournalIdentity{HeadHash: s.Head.Hash, Events: s.Head.Seq},
	}
	switch {
	case v.Holder != nil && !s.Over():
		d.Result = resultRunning
	case s.Result == "":
		d.Result = resultUnfinished
	}
	for _, t := range s.Steps {
		d.Steps = append(d.Steps, stepOf(t, s, v))
		if g := t.Gate; g != nil && !s.Over() {
			d.Waiting = append(d.Waiting, Gate{g.Step, v.advice(g.Prompt, d.Run), v.advice(g.Detail, d.Run), g.Who, g.Only, g.Key == step.AskTyped, g.Since})
		}
	}
	for _, m := range s.Marks {
		if m.Name == journal.MarkStrike && s.Struck() {
			continue // the disaster's own mark says the same, and more
		}
		d.Marks = append(d.Marks, Mark{m.Name, m.At, m.Note})
	}
	for _, x := range s.Decisions {
		d.Decisions = append(d.Decisions, Decision{x.Step, x.Prompt, string(x.Decision), x.By, x.Note, x.At})
	}
	for _, x := range s.Duties {
		d.Duties = append(d.Duties, Duty{x.Step, x.Key, v.advice(x.Text, d.Run), x.Who, x.Since, instant(x.Done), x.By, x.Note})
	}
	for _, c := range s.PlanChanges {
		d.PlanChanges = append(d.PlanChanges, PlanChange{c.From, c.To, c.Diff, c.By})
	}
	for _, t := range s.CriticalPath() {
		d.CriticalPath = append(d.CriticalPath, t.Spec.ID)
	}
	for _, o := range s.Operators {
		d.Operators = append(d.Operators, Operator{o.User, o.Host})
	}
	return d
}

// The results of a run that has none of its own yet.
const (
	resultRunning    = "running"
	resultUnfinished = "unfinished"
)

// asOf is the last entry's time when nobody has worked on the run since, nor is anybody waited for.
func asOf(run *journal.State, v View) time.Time {
	if v.Holder == nil && run.Result != journal.Waiting && run.Result != journal.Failed {
		return run.Last
	}
	return v.Now
}

func stepOf(t *journal.Step, run *journal.State, v View) Step {
	now := asOf(run, v)
	s := Step{
		ID: t.Spec.ID, Kind: string(t.Spec.Kind), Title: t.Spec.Title, Status: string(t.Status), Reason: t.Reason, Optional: t.Spec.Optional,
		Attempts: t.Attempts, StartedAt: instant(t.Started), FinishedAt: instant(t.Finished), DurationS: t.Duration(now).Seconds(), Spans: []Span{},
	}
	for _, x := range t.Spans {
		span := Span{Status: string(x.Status), From: x.From, To: x.To}
		if x.To.IsZero() {
			span.To = later(now, x.From)
		}
		if x.Error != nil {
			span.Error = v.advice(withoutAdvice(x.Error), run.Facts.Run)
		}
		s.Spans = append(s.Spans, span)
	}
	if t.Status == journal.StatusRunning && v.Holder == nil {
		s.Status = "interrupted"
	}
	if s.Reason == "" {
		s.Reason = t.Summary
	}
	if t.Error != nil {
		s.Reason, s.Next = withoutAdvice(t.Error), t.Error.Next
	}
	s.Reason, s.Next = v.advice(s.Reason, run.Facts.Run), v.advice(s.Next, run.Facts.Run)
	return s
}

// withoutAdvice is an error's text without what to do at its end: that is shown at the end of the page.
func withoutAdvice(f *journal.Failure) string {
	text, next := strings.TrimSuffix(f.Text, "."), strings.TrimSuffix(f.Next, ".")
	if cut := len(text) - len(next); next != "" && cut > 0 && strings.EqualFold(text[cut:], next) {
		return strings.TrimRight(text[:cut], ". ")
	}
	return f.Text
}

func recoveryTime(s *journal.State) RecoveryTime {
	r := RecoveryTime{From: s.Disaster()}
	if s.Facts.RecoveryTime > 0 {
		o := s.Facts.RecoveryTime.Seconds()
		r.ObjectiveS = &o
	}
	if took, ok := s.RecoveryTime(); ok {
		m := took.Seconds()
		r.MeasuredS = &m
		if r.ObjectiveS != nil {
			met := m <= *r.ObjectiveS
			r.Met = &met
		}
	}
	return r
}

func consumersWork(s *journal.State) *ConsumersWork {
	took, ok, applies := s.ConsumersTime()
	if !applies {
		return nil
	}
	c := &ConsumersWork{}
	if ok {
		m := took.Seconds()
		c.MeasuredS = &m
	}
	return c
}

// Missed tells whether the run was measured, and took longer or lost more than promised.
func Missed(s *journal.State) bool {
	if p := recoveryPoint(s); p != nil && p.Met != nil && !*p.Met {
		return true
	}
	met := recoveryTime(s).Met
	return met != nil && !*met
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// JSON writes the Document.
func JSON(w io.Writer, s *journal.State, v View) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(Of(s, v))
}

// Duration shows seconds with as much detail as people need.
func Duration(s float64) string { return span(seconds(s)) }
