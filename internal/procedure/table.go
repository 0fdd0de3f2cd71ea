package procedure

import (
	"fmt"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// bringUp is the name of the procedure that builds an application on an ordinary day.
const bringUp = "bring-up"

// tables gives each table a step that brings its data back, where the scenario took it.
func (b *builder) tables() {
	for _, t := range b.plan.Tables {
		cfg := &step.TableConfig{Table: t, App: b.plan.Application.Name, Home: b.home()}
		cfg.Strategy, cfg.Why = b.strategy()
		if cfg.Strategy == "" || t.Table == nil {
			b.absent(step.Table, t.Block)
			b.forgotten(t, cfg.Strategy)
			continue
		}
		if cfg.Strategy == step.Load {
			cfg.Vault = b.plan.Vault
		}
		if cfg.Strategy == step.Empty {
			b.warn(t, fmt.Sprintf("The data of table %q is lost in scenario %q", t.Name, b.scenario.Name), cfg.Why+". The recovery will ask a person whether to go on without the data.",
				`Add vault { site = site.NAME, bucket = "..." } at a site that survives, and fill it with: lifeboat protect`)
		}
		block := t.Block
		if cfg.Strategy == step.Restore || cfg.Strategy == step.Rewind {
			block.After = slices.DeleteFunc(slices.Clone(block.After), func(r plan.Ref) bool { return r.Kind == "stack" && r.Name == t.In })
		}
		n := b.add(step.Table, block, fmt.Sprintf("Data of table %s: %s", t.Name, cfg.Strategy), cfg, t.Table)
		n.spec.Forecast = tableForecast(cfg.Strategy)
		if cfg.Strategy == step.Restore {
			b.before(n.spec.ID, "stack/"+t.In, t.Range)
		}
	}
}

// strategy says how tables come back in the scenario, and why so; empty: their data was not taken.
func (b *builder) strategy() (step.TableStrategy, string) {
	switch s := b.scenario; {
	case s.Name == bringUp && s.Lost.Site == "", s.Lost.Kind == plan.LostState:
		return "", ""
	case s.Lost.Kind == plan.LostData:
		return step.Rewind, "the table is there and its data is damaged: an earlier state is restored beside it, and only what differs is written back"
	case s.Lost.Kind == plan.LostResources:
		return step.Restore, "a table that was deleted has a system backup, if point-in-time recovery was on; it must come back before Terraform makes an empty one"
	case b.plan.Vault == nil:
		return step.Empty, "Point-in-time recovery is lost with the site, and the plan has no vault"
	case !b.scenario.Reaches(b.plan, b.plan.Vault.Site) || b.plan.Vault.Site == b.site.Name:
		return step.Empty, fmt.Sprintf("Point-in-time recovery is lost with the site, and so is the vault at site %q", b.plan.Vault.Site)
	default:
		return step.Load, fmt.Sprintf("point-in-time recovery is lost with the site: the last export in the vault at site %q is written into the table that Terraform makes", b.plan.Vault.Site)
	}
}

// home is where the application lived before the disaster.
func (b *builder) home() *plan.Site {
	if lost := b.plan.Site(b.scenario.Lost.Site); lost != nil {
		return lost
	}
	return b.site
}

// adopts tells whether a stack must look for what lives already before it creates.
func (b *builder) adopts(x *plan.Stack) bool {
	if b.scenario.Lost.Kind == plan.LostState {
		return true
	}
	how, _ := b.strategy()
	return how == step.Restore && slices.ContainsFunc(b.plan.Tables, func(t *plan.Table) bool { return t.In == x.Name && t.Table != nil })
}

// forgotten warns of a table whose data was taken and that has no step.
func (b *builder) forgotten(t *plan.Table, how step.TableStrategy) {
	if how != "" {
		b.warn(t, fmt.Sprintf("The data of table %q will not come back", t.Name), "Its name at a site is not known, so that only an empty table is made.", `Add name = "..." to the block: the table's name in DynamoDB`)
	}
}

func (b *builder) warn(t *plan.Table, summary, detail, hint string) {
	b.diags = append(b.diags, diag.Diagnostic{Severity: diag.Warning, Subject: t.Range, Summary: summary, Detail: detail, Hint: hint})
}

// before makes a node, which may be added later, come after another.
func (b *builder) before(first, then string, at diag.Range) {
	if i, ok := b.index[then]; ok {
		b.nodes[i].edges = append(b.nodes[i].edges, edge{to: first, at: at})
	}
}
