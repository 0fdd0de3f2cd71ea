package procedure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The steps that the compiler adds.
const (
	HandoverID = "manual/hand-over"
	IdentityID = "identity/site"
	BackendID  = "state_backend/site"
)

// Options choose among what a plan allows.
type Options struct {
	Without []string // names of optional steps to leave out, as "green" or "stack/green"
	// TrustedUntil goes before the scenario's own: copies of a compromised account's values that were made later are not trusted.
	TrustedUntil time.Time
}

// Compile makes the procedure of a scenario. It reports unknown names, cycles, and parts of the plan that nothing
// carries out yet; with errors the procedure is nil.
func Compile(p *plan.Plan, scenario string, o Options) (*Procedure, diag.List) {
	s := p.Scenario(scenario)
	if s == nil {
		return nil, diag.List{{
			Summary: fmt.Sprintf("Unknown scenario %q", scenario),
			Detail:  "The plan has no scenario of this name.",
			Hint:    "Its scenarios are: " + names(p.Scenarios, func(s *plan.Scenario) string { return s.Name }) + ".",
		}}
	}
	if o.TrustedUntil.IsZero() {
		return compile(p, s, o)
	}
	if !s.Compromised {
		return nil, diag.List{{
			Summary: "Nothing is distrusted in this scenario", Subject: s.Range,
			Detail: fmt.Sprintf("Scenario %q is not a compromise: every copy of a value counts, whenever it was made.", s.Name),
			Hint:   "Leave --trusted-until out, or choose a scenario with compromised = true.",
		}}
	}
	since := *s
	since.TrustedUntil = o.TrustedUntil
	return compile(p, &since, o)
}

// BringUp makes the procedure that builds the application where it lives before any disaster. A drill starts with it.
func BringUp(p *plan.Plan, site *plan.Site) (*Procedure, diag.List) {
	return compile(p, &plan.Scenario{Name: bringUp, Lost: plan.Lost{Kind: plan.LostResources}, RecoverTo: site.Name}, Options{})
}

func names[T any](list []T, name func(T) string) string {
	var out []string
	for _, x := range list {
		out = append(out, name(x))
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

func compile(p *plan.Plan, s *plan.Scenario, o Options) (*Procedure, diag.List) {
	site := p.Site(s.RecoverTo)
	if site == nil {
		return nil, diag.Errorf(s.Range, "Unknown site", "Scenario %q recovers to site %q, which the plan does not have.", s.Name, s.RecoverTo)
	}
	b := &builder{plan: p, scenario: s, site: site, index: map[string]int{}, gone: map[string]bool{}}
	b.prerequisites()
	b.blocks()
	b.link()
	steps, cyclic := b.sort()
	diags := append(b.diags, cyclic...)
	without, unknown := b.without(o.Without)
	diags = append(diags, unknown...)
	if diags.HasErrors() {
		return nil, diags
	}
	proc := &Procedure{Plan: p, Scenario: s, Site: site, Steps: steps, Without: without, TrustedUntil: o.TrustedUntil}
	proc.markClock()
	return proc, diags
}

// without finds the optional steps to leave out.
func (b *builder) without(wanted []string) ([]string, diag.List) {
	var ids []string
	var diags diag.List
	for _, w := range wanted {
		named := func(n node) bool { return n.spec.ID == w || n.spec.ID[strings.IndexByte(n.spec.ID, '/')+1:] == w }
		i := slices.IndexFunc(b.nodes, func(n node) bool { return named(n) && n.spec.Optional })
		if i < 0 {
			i = slices.IndexFunc(b.nodes, named)
		}
		switch {
		case i < 0:
			diags = append(diags, diag.Diagnostic{Summary: fmt.Sprintf("Nothing optional is called %q", w), Hint: "Only steps that the plan marks `optional = true` can be left out."})
		case !b.nodes[i].spec.Optional:
			diags = append(diags, diag.Diagnostic{Summary: fmt.Sprintf("%s is not optional", b.nodes[i].spec.ID), Subject: b.nodes[i].at, Hint: "Mark it `optional = true` in the plan if the recovery is complete without it."})
		default:
			ids = append(ids, b.nodes[i].spec.ID)
		}
	}
	for _, n := range b.nodes {
		for _, e := range n.edges {
			if slices.Contains(ids, e.to) && e.output != "" && !n.spec.Optional {
				diags = append(diags, diag.Errorf(e.at, "A required step reads what is left out", "%s reads output %q of %s, which is left out.", n.spec.ID, e.output, e.to)...)
			}
		}
	}
	return ids, diags
}

// markClock says which steps the recovery clock waits for: the proofs and the data, or, without any, everything that must succeed.
func (p *Procedure) markClock() {
	proofs := slices.ContainsFunc(p.Steps, func(s step.Spec) bool { return s.Kind == step.Verify && !s.Optional })
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Clock = !s.Optional && !s.Consumers && (s.Kind == step.Verify || s.Kind == step.Table || !proofs)
	}
}
