// Package check finds what would break a recovery before the disaster does.
//
// Promise: Check is a pure function of the code's Inventory, the plan if there is one, and the time. Every finding names its rule, the place to
// change, the scenarios in which it matters (another account, another region, in place), why, and what to do; a patch where that is
// mechanical. Each rule comes from a failure that happened to somebody, and says where that is written. What is not known is no finding,
// and no proof either. The same input gives the same report, in the same order.
package check

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// Input is what is checked.
type Input struct {
	Inventory *survey.Inventory
	Plan      *plan.Plan   // nil: there is none yet
	Sources   diag.Sources // texts of the plan's files, by the names in its ranges; for ignores
	Prefix    string       // folder of the Inventory's root, from the plan's folder, with a slash at its end; empty: the same
	Live      []Fact       // what the sites answered (Gather); nil: nobody asked
	Now       time.Time    // for ignores that end
	Rules     []string     // ids, or beginnings of ids such as LB6; empty: all
}

// Report is the result of a check.
type Report struct {
	Findings  []Finding // worst first
	Ignored   []Ignored
	Scores    []Score
	Base      string // what to put before the names of the code's files, so that they are right from where people stand; empty: nothing
	Inventory *survey.Inventory
	Plan      *plan.Plan
	Diags     diag.List // ignores that do not count, and sites that did not answer
}

// Finding is one thing that would break a recovery.
type Finding struct {
	Rule     *Rule
	Severity Severity // its worst
	Weights  Weights  // how bad it is in each scenario
	Title    string
	Stack    string   // name in the Inventory; empty: none, or several
	Steps    []string // ids of the plan's steps that it touches
	InPlan   []string // names of the plan's scenarios in which it matters; nil: those of the weights' sort
	Address  string   // of the resource or block; empty: none
	At       diag.Range
	Why      string
	Fix      string
	Patch    *Patch // nil: a person has to decide
}

// Patch is a mechanical change of one file.
type Patch struct {
	File       string
	Start, End int // bytes that New replaces
	New        string
}

// Check looks for everything that would break a recovery.
func Check(in Input) *Report {
	t := newTree(in)
	var found []Finding
	for _, f := range t.look() {
		found = append(found, f...)
	}
	r := &Report{Inventory: in.Inventory, Plan: in.Plan}
	r.Findings, r.Ignored, r.Diags = t.ignore(found)
	r.Diags = append(r.Diags, t.unanswered()...)
	slices.SortStableFunc(r.Findings, worse)
	r.Scores = t.scores(r.Findings)
	return r
}

// look lets every rule look, side by side, and gives what each has found.
func (t *tree) look() [][]Finding {
	rules := slices.DeleteFunc(Rules(), func(r *Rule) bool { return !wanted(r.ID, t.Rules) || r.find == nil })
	found := make([][]Finding, len(rules))
	sideBySide(len(rules), func(i int) {
		one := *t
		one.rule, one.known = rules[i], map[place]int{}
		one.rule.find(&one)
		one.unknown(one.rule)
		found[i] = one.found
	})
	return found
}

func wanted(id string, rules []string) bool {
	return len(rules) == 0 || slices.ContainsFunc(rules, func(p string) bool { return strings.HasPrefix(id, p) })
}

// worse orders findings: the worst first, then by rule and place.
func worse(a, b Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Weights.sum(), a.Weights.sum()), strings.Compare(a.Rule.ID, b.Rule.ID),
		strings.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Start.Byte, b.At.Start.Byte), strings.Compare(a.Title, b.Title))
}

// AtLeast are the findings that are as bad as that in some scenario.
func (r *Report) AtLeast(s Severity) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Severity >= s {
			out = append(out, f)
		}
	}
	return out
}

// Path is a file's name from where people stand.
func (r *Report) Path(file string) string {
	if r.Base == "" || file == "" || path.IsAbs(file) {
		return file
	}
	return path.Join(r.Base, file)
}

// Keep leaves the findings for which ok holds. What is proven stays as it is.
func (r *Report) Keep(ok func(Finding) bool) {
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return !ok(f) })
}
