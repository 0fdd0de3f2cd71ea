package planfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// checkStates reports stacks that would share a state: the second would destroy what the first made.
func (l *loader) checkStates() {
	for _, site := range l.eval.live {
		first := map[string]*plan.Stack{}
		for _, s := range l.plan.Stacks {
			key := s.BackendKey
			if key == nil {
				key = l.plan.Terraform.State.Key
			}
			v, err := key.Resolve(plan.Scope{Site: site, Stack: s.Name})
			if err != nil {
				if list, ok := diag.FromError(err); ok && !errors.Is(err, plan.ErrNoOutput) {
					l.report(list...)
				}
				continue
			}
			full := s.Workspace + "\x00" + v.String()
			if was := first[full]; was != nil {
				l.report(diag.Diagnostic{
					Summary: fmt.Sprintf("Stacks %q and %q share a state", was.Name, s.Name), Subject: key.Range(),
					Detail: fmt.Sprintf("Both are kept at %q, so that each would destroy what the other made.", v.String()),
					Hint:   `Use the name: key = "${stack.name}.tfstate"`,
					Notes:  []diag.Note{{Text: "one is here", Range: was.Range}, {Text: "the other is here", Range: s.Range}},
				})
				continue
			}
			first[full] = s
		}
	}
}

// checkStrategies reports strategies for tables that the plan does not have. Which of them a scenario allows, the compiler knows.
func (l *loader) checkStrategies() {
	var known []string
	for _, t := range l.plan.Tables {
		known = append(known, t.Name)
	}
	for _, s := range l.plan.Scenarios {
		for _, c := range s.Strategies {
			if !slices.Contains(known, c.Table) {
				l.report(diag.Diagnostic{
					Summary: fmt.Sprintf("Unknown table %q", c.Table), Subject: c.Range,
					Detail: "The plan has no table of this name.", Hint: diag.DidYouMean(c.Table, known),
				})
			}
		}
	}
}

// checkBlastRadius warns of copies that a disaster takes together with what they are copies of.
func (l *loader) checkBlastRadius() {
	for _, i := range l.plan.Images {
		if len(i.From) == 0 {
			l.report(diag.Diagnostic{
				Severity: diag.Warning, Subject: i.Range, Summary: fmt.Sprintf("Image %q has no source", i.Name),
				Detail: "If it is not at the site, nobody knows where to copy it from.", Hint: "Add from = site.NAME, a site that survives",
			})
			continue
		}
		l.lostWith("Image", i.Name, i.From)
	}
	for _, s := range l.plan.Secrets {
		if s.Generate == nil { // else a new value is made
			l.lostWith("Secret", s.Name, s.From)
		}
	}
	for _, p := range l.plan.Parameters {
		l.lostWith("Parameter", p.Name, p.From)
	}
	for _, k := range l.plan.APIKeys {
		l.lostWith("The values of API key", k.Name, k.From)
	}
	for _, s := range l.plan.Stacks {
		for _, name := range sortedKeys(s.Secrets) {
			l.lostSecret(name, s.Secrets[name])
		}
	}
}

// lostWith warns if a scenario leaves no source of something. Without sources a person types the value in: that is no loss.
func (l *loader) lostWith(what, name string, from []plan.Source) {
	if len(from) == 0 {
		return
	}
	var bad []string
	var notes []diag.Note
	for _, s := range l.plan.Scenarios {
		if !survives(l.plan, s, from) {
			bad = append(bad, fmt.Sprintf("%q", s.Name))
			notes = append(notes, diag.Note{Text: "this scenario leaves no copy", Range: s.Range})
		}
	}
	if len(bad) == 0 {
		return
	}
	l.report(diag.Diagnostic{
		Severity: diag.Warning, Subject: from[0].Range, Notes: notes,
		Summary: fmt.Sprintf("%s %q has no copy that survives", what, name),
		Detail:  fmt.Sprintf("Every source of it is lost, or is what must be recovered, in scenario %s.", strings.Join(bad, ", ")),
		Hint:    "Add a source outside the blast radius, such as a vault: a site in another account and region",
	})
}

// lostSecret warns if a secret is read at a site that a scenario takes.
func (l *loader) lostSecret(name string, ref plan.SecretRef) {
	for _, s := range l.plan.Scenarios {
		if ref.Site != "" && !s.Reaches(l.plan, ref.Site) {
			l.report(diag.Diagnostic{
				Severity: diag.Warning, Subject: ref.Range, Summary: fmt.Sprintf("Secret variable %q is read at a lost site", name),
				Detail: fmt.Sprintf("Site %q cannot be reached in scenario %q.", ref.Site, s.Name), Hint: "Leave out site, to read it at the site that is recovered to, or read it from a vault",
			})
		}
	}
}

// survives tells whether a disaster leaves a source that is not the place to recover to itself.
func survives(p *plan.Plan, s *plan.Scenario, from []plan.Source) bool {
	for _, f := range from {
		if f.Site == "" || f.Site != s.RecoverTo && s.Reaches(p, f.Site) {
			return true
		}
	}
	return false
}
