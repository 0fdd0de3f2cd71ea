package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/report"
)

// drills is the result of rehearsing every scenario.
type drills struct {
	Schema      string            `json:"schema"`
	Application string            `json:"application"`
	Result      string            `json:"result"` // recovered when all are; else that of the first that is not
	Drills      []report.Document `json:"drills"`
	Missing     []string          `json:"missing"` // scenarios that were not rehearsed, because the command was stopped
}

// runDrills rehearses every scenario. Scenarios with the same home begin with the application that the first of them brought up.
func (p *Program) runDrills(ctx context.Context, o drillOptions) error {
	list, err := p.compileAll(o)
	if err != nil {
		return err
	}
	if err := p.Check(ctx, list[0].Plan); err != nil {
		return err
	}
	out := drills{Schema: "lifeboat.drills/v1", Application: list[0].Plan.Application.Name, Result: string(journal.Recovered), Drills: []report.Document{}, Missing: []string{}}
	var worst error
	up := map[string]bool{} // homes of which this command has a snapshot
	for i, pr := range list {
		home := drill.Home(pr.Plan, pr.Scenario).Name
		one := o
		one.fromSnapshot = o.fromSnapshot || up[home]
		p.say("[drill] scenario %s, %d of %d\n", pr.Scenario.Name, i+1, len(list))
		err := p.rehearsal(ctx, pr, one, func(s *journal.State) error {
			out.Drills = append(out.Drills, report.Of(s, p.view(p.Stdout, 120)))
			if s.Result != journal.Recovered && out.Result == string(journal.Recovered) {
				out.Result = string(s.Result)
			}
			return resultError(s)
		})
		up[home] = true
		if err == nil {
			continue
		}
		if ended := new(outcome); !errors.As(err, ended) || ended.code == ExitWaiting {
			for _, left := range list[i+1:] {
				out.Missing = append(out.Missing, left.Scenario.Name)
			}
			return errors.Join(p.showDrills(out), err)
		}
		worst = worse(worst, err)
	}
	return errors.Join(p.showDrills(out), worst)
}

// worse is the error to end with: a failure counts more than a missed objective.
func worse(a, b error) error {
	if o := new(outcome); a == nil || errors.As(a, o) && o.code == ExitMissed {
		return b
	}
	return a
}

// compileAll compiles every scenario, and shows what is wrong with any of them.
func (p *Program) compileAll(o drillOptions) ([]*procedure.Procedure, error) {
	pl, sources, diags := p.load(o.vars)
	var list []*procedure.Procedure
	if pl != nil {
		for _, s := range pl.Scenarios {
			choice := o.procedure
			if !s.Compromised {
				choice.TrustedUntil = time.Time{} // it is for the others
			}
			pr, more := procedure.Compile(pl, s.Name, choice)
			for _, d := range more {
				if !slices.ContainsFunc(diags, func(x diag.Diagnostic) bool { return x.Summary == d.Summary && x.Subject == d.Subject }) {
					diags = append(diags, d)
				}
			}
			list = append(list, pr)
		}
	}
	p.show(diags, sources)
	if err := silent(diags.Err()); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, usage("add a scenario block", "the plan has no scenario to rehearse")
	}
	return list, nil
}

// showDrills ends a rehearsal of all scenarios with one table.
func (p *Program) showDrills(d drills) error {
	if p.format == "json" {
		return writeJSON(p.Stdout, d)
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
	rows := [][]string{{"SCENARIO", "RESULT", "RECOVERY TIME", "OBJECTIVE", "STEPS", "RUN"}}
	for _, x := range d.Drills {
		rows = append(rows, row(x))
	}
	for _, name := range d.Missing {
		rows = append(rows, []string{name, "not rehearsed", "", "", "", ""})
	}
	for _, r := range rows {
		if _, err := fmt.Fprintln(w, strings.TrimRight(strings.Join(r, "\t"), "\t ")); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.Stdout, "\nAll of it was simulated, on the drill cloud. `%s report RUN` tells more of each.\n", p.call)
	return err
}

// row is a drill in the table.
func row(d report.Document) []string {
	took, objective := "not reached", "none"
	r := d.Objectives.RecoveryTime
	if r.MeasuredS != nil {
		took = report.Duration(*r.MeasuredS)
	}
	if r.ObjectiveS != nil {
		objective = report.Duration(*r.ObjectiveS)
	}
	if r.Met != nil && *r.Met {
		objective += ", met"
	} else if r.Met != nil {
		objective += ", MISSED"
	}
	count := map[string]int{}
	for _, s := range d.Steps {
		count[s.Status]++
	}
	var steps []string
	for _, status := range []journal.Status{journal.StatusSucceeded, journal.StatusSkipped, journal.StatusFailed, journal.StatusBlocked} {
		if n := count[string(status)]; n > 0 {
			steps = append(steps, fmt.Sprintf("%d %s", n, status))
		}
	}
	return []string{d.Scenario, d.Result, took, objective, strings.Join(steps, ", "), d.Run}
}
