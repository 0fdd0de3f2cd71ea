package check

import (
	"fmt"
	"slices"
)

// Score is how much of a scenario is proven: the share of its steps that no finding of medium or high severity touches. Without a plan
// the stacks are counted instead.
type Score struct {
	Name   string     // the plan's scenario, or account, region, in-place
	Kinds  []Scenario // what sort of scenario it is
	Unit   string     // steps or stacks
	Total  int
	Proven int
	Open   []string // the ones that are not proven
}

// String is the score as a sentence.
func (s Score) String() string {
	return fmt.Sprintf("%d of %d %s are proven", s.Proven, s.Total, s.Unit)
}

// In tells how bad a finding is in a scenario.
func (f *Finding) In(s Score) Severity {
	if f.InPlan != nil && !slices.Contains(f.InPlan, s.Name) {
		return None
	}
	if f.InPlan != nil {
		return f.Severity
	}
	worst := None
	for _, k := range s.Kinds {
		worst = max(worst, f.Weights[k])
	}
	return worst
}

func (t *tree) scores(found []Finding) []Score {
	var out []Score
	if t.Plan == nil || len(t.Plan.Scenarios) == 0 {
		for _, k := range Scenarios() {
			s := Score{Name: k.String(), Kinds: []Scenario{k}, Unit: "stacks"}
			var ids []string
			for _, st := range t.inv.Stacks {
				ids = append(ids, st.Name)
			}
			s.count(ids, found, func(f *Finding) []string { return []string{f.Stack} })
			out = append(out, s)
		}
		return out
	}
	for _, sc := range t.Plan.Scenarios {
		s := Score{Name: sc.Name, Kinds: t.kinds(sc), Unit: "steps"}
		p := t.procedure(sc)
		if p == nil {
			continue
		}
		var ids []string
		for _, st := range p.Steps {
			ids = append(ids, st.ID)
		}
		s.count(ids, found, func(f *Finding) []string { return f.Steps })
		out = append(out, s)
	}
	return out
}

func (s *Score) count(ids []string, found []Finding, touches func(*Finding) []string) {
	open := map[string]bool{}
	for i := range found {
		if found[i].In(*s) >= Medium {
			for _, id := range touches(&found[i]) {
				open[id] = true
			}
		}
	}
	for _, id := range ids {
		s.Total++
		if open[id] {
			s.Open = append(s.Open, id)
		} else {
			s.Proven++
		}
	}
}
