package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func planRules() []*Rule {
	page := "https://github.com/lifeboat-dr/lifeboat/blob/main/docs/plan-language.md"
	return []*Rule{
		{
			ID: "LB901", Title: "The forecast does not meet the objective", Weights: all(High), find: (*tree).forecast,
			Why:    "Even if nothing goes wrong, the procedure's critical path takes longer than the recovery time that was promised. A point-in-time restore alone takes at least 20 minutes at any size.",
			Fix:    "Shorten the step that takes longest, have it done before the disaster, or promise less.",
			Source: "field notes section 2 (AWS knowledge centre: restore times)", Links: []string{page},
		},
		{
			ID: "LB902", Title: "The plan promises nothing", Weights: all(Low), find: (*tree).objectives,
			Why:    "Without a recovery time and a recovery point nobody can say whether a drill was good enough, and no forecast can miss.",
			Fix:    "Give the application an objectives block.",
			Source: "field notes section 3 (ISO 22301 8.5, DORA 11-12)", Links: []string{page},
		},
		{
			ID: "LB903", Title: "A vault is inside the blast radius", Weights: away(High), find: (*tree).vaults,
			Why:    "The site that holds the copies is lost together with what they are copies of: whoever deletes the account deletes both.",
			Fix:    "Move the copies to a site in another account and another region.",
			Source: "field notes D2", Links: []string{page},
		},
		{
			ID: "LB904", Title: "One person has to be there", Weights: all(Medium), find: (*tree).people,
			Why:    "Every step that waits for somebody waits for the same one. That night they may be asleep, abroad, or on another call.",
			Fix:    "Name a second person or a group that has somebody on call, and give both what they need to act.",
			Source: "field notes section 3 (DSPT 7.3: people and contacts)", Links: []string{page},
		},
		{
			ID: "LB905", Title: "A disaster that the plan has no scenario for", Weights: all(Low), find: (*tree).missing,
			Why:    "The plan's order and its sources are only tried for the disasters that it names. Region, account and deleted resources need different things.",
			Fix:    "Add a scenario block.",
			Source: "field notes section 3 (Well-Architected REL13)", Links: []string{page, "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/plan-for-disaster-recovery-dr.html"},
		},
		{
			ID: "LB907", Title: "A table comes back empty", Weights: away(High), find: (*tree).emptyTables,
			Why:    "Point-in-time recovery is lost with its site, and no copy is left in this scenario: Terraform makes an empty table, everything is green, and the data is gone.",
			Fix:    "Give the plan a vault block at a site that the scenario leaves, and fill it with `lifeboat protect`; give the table block the table's name.",
			Source: "field notes D2, and section 5", Links: []string{page},
		},
		{
			ID: "LB908", Title: "Tables are taken back to different instants", Weights: inPlace(Medium), find: (*tree).instants,
			Why:    "No table knows of another: what was written between the two instants is in one and not in the other. An entry has no balance, a balance no entry.",
			Fix:    "Give all tables of the application the same point, or say in an ignore why this one stands alone.",
			Source: "field notes D7; DynamoDB API Reference, CreateBackup", Links: []string{"https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html"},
		},
		{
			ID: "LB906", Title: "Nothing proves that the application works", Weights: all(Medium), find: (*tree).proofs,
			Why:    "The errors of a recovery are the good news: what hurt was green and dead. Without a verify block the run ends when terraform does.",
			Fix:    "Add a verify block that does what a consumer would.",
			Source: "field notes section 5", Links: []string{page},
		},
	}
}

// kinds are the rules' scenarios that a plan's scenario is.
func (t *tree) kinds(sc *plan.Scenario) []Scenario { return Kinds(t.Plan, sc) }

// Kinds are the rules' scenarios that a plan's scenario is: another account, another region or both, or in place.
func Kinds(p *plan.Plan, sc *plan.Scenario) []Scenario {
	to, lost := p.Site(sc.RecoverTo), p.Site(sc.Lost.Site)
	if sc.InPlace() || to == nil || lost == nil || to.Name == lost.Name {
		return []Scenario{InPlace}
	}
	var out []Scenario
	if to.Account != lost.Account {
		out = append(out, Account)
	}
	if to.Region != lost.Region {
		out = append(out, Region)
	}
	if out == nil {
		return []Scenario{InPlace}
	}
	return out
}

// lostKind is the scenario that a loss is, wherever it recovers to.
func lostKind(sc *plan.Scenario) []Scenario {
	switch sc.Lost.Kind {
	case plan.LostRegion:
		return []Scenario{Region}
	case plan.LostAccount:
		return []Scenario{Account}
	default:
		return []Scenario{InPlace}
	}
}

// with is the weights with those scenarios at least that bad.
func (w Weights) with(kinds []Scenario, s Severity) Weights {
	for _, k := range kinds {
		w[k] = max(w[k], s)
	}
	return w
}

func (t *tree) forecast() {
	if t.Plan == nil || t.Plan.Application.Objectives.RecoveryTime == 0 {
		return
	}
	goal := t.Plan.Application.Objectives.RecoveryTime
	var w Weights
	var title string
	var worst time.Duration
	var steps, late []string
	for _, sc := range t.Plan.Scenarios {
		p := t.procedure(sc)
		if p == nil {
			continue
		}
		path, takes := p.CriticalPath()
		if takes <= goal {
			continue
		}
		w = w.with(lostKind(sc), High)
		late = append(late, sc.Name)
		if takes > worst {
			worst = takes
			longest := slices.MaxFunc(path, func(a, b string) int { return int(p.Step(a).Forecast.Typical - p.Step(b).Forecast.Typical) })
			steps = []string{longest}
			title = fmt.Sprintf("%s takes %s by the forecast, %s more than the objective of %s; longest is %s with %s",
				sc.Name, short(takes), short(takes-goal), short(goal), longest, short(p.Step(longest).Forecast.Typical))
		}
	}
	h := hit{rng: t.Plan.Application.Range, address: "application." + t.Plan.Application.Name, weights: &w, title: title, steps: steps, inPlan: late}
	if at := t.planLine("recovery_time", t.Plan.Application.Range.Start.Byte, h.rng.File); at.Line > 0 {
		h.rng.Start, h.rng.End = at, at
	}
	t.add(h)
}

// short is a duration without zero units.
func short(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// procedure is the plan compiled for a scenario; nil: it has errors, which `lifeboat validate` shows.
func (t *tree) procedure(sc *plan.Scenario) *procedure.Procedure { return t.compiled.of(sc) }

func (t *tree) compile(sc *plan.Scenario) *procedure.Procedure {
	p, _ := procedure.Compile(t.Plan, sc.Name, procedure.Options{})
	return p
}

// emptyTables asks the compiled procedures how each table comes back.
func (t *tree) emptyTables() {
	if t.Plan == nil {
		return
	}
	for _, tb := range t.Plan.Tables {
		var w Weights
		var in []string
		for _, sc := range t.Plan.Scenarios {
			p := t.procedure(sc)
			if p == nil {
				continue
			}
			if s := p.Step("table/" + tb.Name); s != nil {
				if cfg, ok := s.Config.(*step.TableConfig); ok && cfg.Strategy == step.Empty {
					w = w.with(lostKind(sc), High)
					in = append(in, sc.Name)
				}
			}
		}
		t.add(hit{rng: tb.Range, inPlan: in, weights: &w, address: "table." + tb.Name, steps: []string{"table/" + tb.Name}, title: fmt.Sprintf("Table %s comes back empty in %s", tb.Name, strings.Join(in, " and "))})
	}
}

func (t *tree) objectives() {
	if t.Plan == nil {
		return
	}
	if o := t.Plan.Application.Objectives; o.RecoveryTime == 0 || o.RecoveryPoint == 0 {
		t.add(hit{rng: t.Plan.Application.Range, address: "application." + t.Plan.Application.Name, steps: []string{}})
	}
}

// keeps are the sites that the plan copies from, and that are not where the application runs.
func (t *tree) keeps() []*plan.Site {
	used, runs := map[string]bool{}, map[string]bool{}
	take := func(from []plan.Source) {
		for _, s := range from {
			used[s.Site] = true
		}
	}
	for _, i := range t.Plan.Images {
		take(i.From)
	}
	for _, s := range t.Plan.Secrets {
		take(s.From)
	}
	for _, p := range t.Plan.Parameters {
		take(p.From)
	}
	if t.Plan.Vault != nil {
		used[t.Plan.Vault.Site] = true
	}
	for _, sc := range t.Plan.Scenarios {
		runs[sc.Lost.Site], runs[sc.RecoverTo] = true, true
	}
	var out []*plan.Site
	for _, s := range t.Plan.Sites {
		if used[s.Name] && !runs[s.Name] {
			out = append(out, s)
		}
	}
	return out
}

func (t *tree) vaults() {
	if t.Plan == nil {
		return
	}
	for _, site := range t.keeps() {
		var w Weights
		var lost []string
		for _, sc := range t.Plan.Scenarios {
			if sc.Reaches(t.Plan, site.Name) {
				continue
			}
			w = w.with(lostKind(sc), High)
			lost = append(lost, sc.Name)
		}
		t.add(hit{rng: site.Range, inPlan: lost, address: "site." + site.Name, weights: &w, steps: []string{}, title: fmt.Sprintf("Site %s holds copies, and %s loses it too", site.Name, strings.Join(lost, " and "))})
	}
}

func (t *tree) people() {
	if t.Plan == nil {
		return
	}
	who := map[string]int{}
	for _, m := range t.Plan.Manuals {
		who[m.Who]++
	}
	if len(who) != 1 || len(t.Plan.Manuals) < 2 {
		return
	}
	m := t.Plan.Manuals[0]
	t.add(hit{rng: m.Range, address: "manual." + m.Name, title: fmt.Sprintf("All %d manual steps wait for %s", len(t.Plan.Manuals), cmp.Or(m.Who, "whoever runs lifeboat")), steps: []string{"manual/" + m.Name}})
}

func (t *tree) missing() {
	if t.Plan == nil || len(t.Plan.Scenarios) == 0 {
		return
	}
	kinds := []struct {
		kind plan.LostKind
		in   Scenario
	}{{plan.LostRegion, Region}, {plan.LostAccount, Account}, {plan.LostResources, InPlace}}
	var w Weights
	var lost []string
	for _, k := range kinds {
		if !slices.ContainsFunc(t.Plan.Scenarios, func(sc *plan.Scenario) bool { return sc.Lost.Kind == k.kind }) {
			w[k.in] = Low
			lost = append(lost, string(k.kind))
		}
	}
	t.add(hit{rng: t.Plan.Scenarios[0].Range, weights: &w, steps: []string{}, title: "The plan has no scenario in which is lost: " + strings.Join(lost, ", ")})
}

func (t *tree) proofs() {
	if t.Plan != nil && len(t.Plan.Verifies) == 0 {
		t.add(hit{rng: t.Plan.Application.Range, address: "application." + t.Plan.Application.Name, steps: []string{}})
	}
}

// misordered is LB412: the plan's order, with what it implies, must hold every edge of the code.
func (t *tree) misordered() {
	if t.Plan == nil || len(t.Plan.Scenarios) == 0 {
		return
	}
	above := t.order()
	t.lookups(func(e *survey.Edge) {
		for _, from := range t.planned[e.From] {
			if len(t.planned[e.To]) > 0 && !slices.ContainsFunc(t.planned[e.To], func(to *plan.Stack) bool { return to == from || above["stack/"+from.Name]["stack/"+to.Name] }) {
				to := t.planned[e.To][0]
				t.add(hit{
					rng: from.Range, stack: e.From, address: "stack." + from.Name, steps: []string{"stack/" + from.Name},
					title: fmt.Sprintf("Stack %s reads %s of stack %s, and the plan does not put it after", from.Name, e.Maker, to.Name),
					fix:   fmt.Sprintf("Add stack.%s to the `after` of stack %q; the evidence is at %s.", to.Name, from.Name, e.At),
				})
			}
		}
	})
}

// order is everything that each step comes after, in the first scenario that compiles.
func (t *tree) order() map[string]map[string]bool {
	for _, sc := range t.Plan.Scenarios {
		p := t.procedure(sc)
		if p == nil {
			continue
		}
		above := map[string]map[string]bool{}
		for _, s := range p.Steps {
			all := map[string]bool{}
			for _, need := range s.Needs {
				all[need] = true
				for id := range above[need] {
					all[id] = true
				}
			}
			above[s.ID] = all
		}
		return above
	}
	return map[string]map[string]bool{}
}

// instants compares the points of the tables with the first one's. Only damaged data is rewound to a point.
func (t *tree) instants() {
	if t.Plan == nil {
		return
	}
	var in []string
	for _, sc := range t.Plan.Scenarios {
		if sc.Lost.Kind == plan.LostData {
			in = append(in, sc.Name)
		}
	}
	for _, table := range t.Plan.Tables {
		if first := t.Plan.Tables[0]; len(in) > 0 && table.Point != first.Point {
			t.add(hit{rng: table.Range, inPlan: in, address: "table." + table.Name, steps: []string{"table/" + table.Name}, title: fmt.Sprintf("Table %s is taken back to %s, and %s to %s", table.Name, table.Point, first.Name, first.Point)})
		}
	}
}
