package procedure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// way is a strategy that serves a scenario.
type way struct {
	how step.TableStrategy
	why string // what it does there
}

// strategy says how a table comes back in the scenario, and why so; empty: its data was not taken.
func (b *builder) strategy(t *plan.Table) (step.TableStrategy, string) {
	ways := b.ways()
	if len(ways) == 0 {
		return "", ""
	}
	if c := b.choice(t); c != nil {
		if i := slices.IndexFunc(ways, func(w way) bool { return string(w.how) == c.Strategy }); i >= 0 {
			return ways[i].how, "chosen in the plan: " + ways[i].why
		}
	}
	return ways[0].how, ways[0].why
}

// choice is what the plan says of a table in the scenario; nil: nothing.
func (b *builder) choice(t *plan.Table) *plan.Choice {
	for i, c := range b.scenario.Strategies {
		if c.Table == t.Name {
			return &b.scenario.Strategies[i]
		}
	}
	return nil
}

// ways are the strategies that serve the scenario, the compiler's own choice first; none: the data of tables was not taken.
func (b *builder) ways() []way {
	const lost = "point-in-time recovery is lost with the site"
	switch s := b.scenario; {
	case s.Name == bringUp && s.Lost.Site == "", s.Lost.Kind == plan.LostState:
		return nil
	case s.Lost.Kind == plan.LostData:
		const damaged = "the table is there and its data is damaged: an earlier state is restored beside it, and "
		return []way{
			{step.Rewind, damaged + "only what differs is written back"},
			{step.Swap, damaged + "its stack adopts that in its place; the damaged table stays"},
		}
	case s.Lost.Kind == plan.LostResources:
		return []way{{step.Restore, "a table that was deleted has a system backup, if point-in-time recovery was on; it must come back before Terraform makes an empty one"}}
	case s.Lost.Kind == plan.LostService:
		return b.evacuation()
	case b.plan.Vault == nil:
		return []way{{step.Empty, lost + ", and the plan has no vault"}}
	case b.noVault():
		return []way{{step.Empty, fmt.Sprintf("%s, and so is the vault at site %q", lost, b.plan.Vault.Site)}}
	default:
		return b.fromVault(lost)
	}
}

// evacuation are the strategies where the data at the old site can still be read.
func (b *builder) evacuation() []way {
	from := b.home()
	if from.Account == b.site.Account {
		ways := []way{{step.Restore, fmt.Sprintf("region %s can still be read: its point-in-time recovery makes the table in %s, in the same account, before Terraform makes an empty one", from.Region, b.site.Region)}}
		if b.noVault() {
			return ways
		}
		return append(ways, b.fromVault("the old site's point-in-time recovery is not wanted")...)
	}
	const other = "DynamoDB restores into no other account"
	if b.noVault() {
		return []way{{step.Empty, other + ", and there is no vault to load from"}}
	}
	return b.fromVault(other)
}

// fromVault are the strategies that need nothing but a vault.
func (b *builder) fromVault(lost string) []way {
	return []way{
		{step.Load, fmt.Sprintf("%s: the last export in the vault at site %q is written into the table that Terraform makes", lost, b.plan.Vault.Site)},
		{step.Import, fmt.Sprintf("%s: DynamoDB makes the table of the last full export in the vault at site %q, which takes no write capacity, later exports are written over it, and its stack adopts it", lost, b.plan.Vault.Site)},
		{step.Empty, lost + ", and the copy in the vault is not wanted"},
	}
}

// noVault tells whether no vault survives the scenario.
func (b *builder) noVault() bool {
	v := b.plan.Vault
	return v == nil || !b.scenario.Reaches(b.plan, v.Site) || v.Site == b.site.Name
}

// unfit says why a strategy does not serve the scenario; empty: there is no such strategy.
func (b *builder) unfit(how step.TableStrategy) string {
	inPlace := b.scenario.InPlace()
	switch how {
	case step.Load, step.Import:
		switch {
		case inPlace:
			return "It takes the data from the vault, which is older than what the site itself keeps."
		case b.plan.Vault == nil:
			return "It takes the data from a vault, and the plan has none."
		case b.noVault():
			return fmt.Sprintf("It takes the data from the vault, and the vault at site %q is lost too, or is the site that is recovered to.", b.plan.Vault.Site)
		}
		return ""
	case step.Restore:
		if b.scenario.Lost.Kind == plan.LostService {
			return "It takes the point-in-time recovery of the old site, from which DynamoDB restores into no other account."
		}
		return "It takes a deleted table's system backup, which is kept at the site of the table: the scenario does not lose single resources."
	case step.Rewind, step.Swap:
		return `It needs the table and its point-in-time recovery, which live only where lost = "data".`
	case step.Empty:
		return "The data is there, or comes back from what the site itself keeps."
	default:
		return ""
	}
}

// checkChoices reports strategies that do not exist, or cannot serve the scenario.
func (b *builder) checkChoices() {
	ways := b.ways()
	var fit []string
	for _, w := range ways {
		fit = append(fit, string(w.how))
	}
	for _, c := range b.scenario.Strategies {
		if slices.Contains(fit, c.Strategy) {
			continue
		}
		d := diag.Diagnostic{Summary: fmt.Sprintf("Strategy %q cannot bring table %q back in scenario %q", c.Strategy, c.Table, b.scenario.Name), Subject: c.Range, Detail: b.unfit(step.TableStrategy(c.Strategy))}
		switch {
		case d.Detail == "":
			known := []string{string(step.Load), string(step.Import), string(step.Restore), string(step.Rewind), string(step.Swap), string(step.Empty)}
			d.Summary, d.Detail, d.Hint = fmt.Sprintf("Unknown strategy %q", c.Strategy), "A table comes back by one of: "+strings.Join(known, ", ")+".", diag.DidYouMean(c.Strategy, fit)
		case len(fit) == 0:
			d.Detail, d.Hint = "The scenario does not take the data of tables.", "Leave the table out of strategies"
		default:
			d.Hint = fmt.Sprintf("Strategies that can: %s; without a choice it is %s", strings.Join(fit, ", "), fit[0])
		}
		b.diags = append(b.diags, d)
	}
}
