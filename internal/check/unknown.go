package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// silence is what a site did not tell of one topic.
type silence struct {
	about string // what it was asked, for people
	facts []Fact
}

// silences are the facts that are none, by site. Their number is that of sites, whatever the number of questions.
func (t *tree) silences(topic Topic) []silence {
	var out []silence
	for _, f := range t.Live {
		if f.Topic != topic || f.Problem == "" {
			continue
		}
		i := slices.IndexFunc(out, func(s silence) bool { return s.facts[0].Site == f.Site })
		if i < 0 {
			i, out = len(out), append(out, silence{})
		}
		out[i].facts = append(out[i].facts, f)
	}
	for i := range out {
		var names []string
		for _, f := range out[i].facts {
			names = append(names, f.what())
		}
		slices.Sort(names)
		names = slices.Compact(names)
		more := ""
		if len(names) > 3 {
			names, more = names[:3], fmt.Sprintf(" and %d more", len(names)-3)
		}
		out[i].about = string(topic) + " " + strings.Join(names, ", ") + more
	}
	return out
}

// unanswered says why sites did not answer.
func (t *tree) unanswered() diag.List {
	var out diag.List
	var seen []Topic
	for _, x := range t.Live {
		if slices.Contains(seen, x.Topic) {
			continue
		}
		seen = append(seen, x.Topic)
		for _, s := range t.silences(x.Topic) {
			first := s.facts[0]
			out = append(out, diag.Diagnostic{Severity: diag.Warning, Summary: fmt.Sprintf("Site %s does not tell about %s", first.Site.Name, s.about), Detail: diag.Sentence(first.Problem), Subject: first.at})
		}
	}
	return out
}

// unknown is the finding that a live rule could not judge something: what is not known is not proven.
func (t *tree) unknown(r *Rule) {
	if r.asks == "" {
		return
	}
	for _, s := range t.silences(r.asks) {
		first, steps := s.facts[0], []string{}
		for _, f := range s.facts {
			steps = append(steps, f.steps...)
		}
		slices.Sort(steps)
		w := all(Medium).only(r.Weights)
		t.add(hit{
			rng: first.at, stack: first.stack, address: first.address, steps: slices.Compact(steps), weights: &w, inPlan: t.concerned(first.Site, r),
			title: fmt.Sprintf("unknown: site %s does not tell about %s", first.Site.Name, s.about),
			why:   "What is not known is not proven. " + diag.Sentence(first.Problem) + " It is asked because: " + r.Why,
			fix:   "Make the site answer, and check again: only permissions to read are needed.",
		})
	}
}

// what a question is about.
func (q Question) what() string {
	if q.Tag != "" {
		return q.Name + ":" + q.Tag
	}
	return q.Name
}

// concerned are the scenarios of the rule's kinds in which a site has a part: it is lost, or recovered to; otherwise all of these kinds.
func (t *tree) concerned(site *plan.Site, r *Rule) []string {
	var near, all []string
	for _, sc := range t.Plan.Scenarios {
		if !slices.ContainsFunc(t.kinds(sc), func(k Scenario) bool { return r.Weights[k] > None }) {
			continue
		}
		all = append(all, sc.Name)
		if sc.RecoverTo == site.Name || !sc.Reaches(t.Plan, site.Name) {
			near = append(near, sc.Name)
		}
	}
	if len(near) > 0 {
		return near
	}
	return all
}
