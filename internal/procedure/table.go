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
	b.checkChoices()
	b.checkSwaps()
	for _, t := range b.plan.Tables {
		cfg := &step.TableConfig{Table: t, App: b.plan.Application.Name, Home: b.home()}
		cfg.Strategy, cfg.Why = b.strategy(t)
		if cfg.Strategy == "" || t.Table == nil {
			b.absent(step.Table, t.Block)
			b.forgotten(t, cfg.Strategy)
			continue
		}
		if v := b.plan.Vault; v != nil && b.scenario.Reaches(b.plan, v.Site) { // a restore finds the table's settings there
			cfg.Vault = v
		}
		if cfg.Strategy == step.Empty {
			b.warn(t, fmt.Sprintf("The data of table %q is lost in scenario %q", t.Name, b.scenario.Name), cfg.Why+". The recovery will ask a person whether to go on without the data.",
				`Add vault { site = site.NAME, bucket = "..." } at a site that survives, and fill it with: lifeboat protect`)
		}
		block := t.Block
		if early(cfg.Strategy) || cfg.Strategy == step.Rewind {
			block.After = slices.DeleteFunc(slices.Clone(block.After), func(r plan.Ref) bool { return r.Kind == "stack" && r.Name == t.In })
		}
		n := b.add(step.Table, block, fmt.Sprintf("Data of table %s: %s", t.Name, cfg.Strategy), cfg, t.Table)
		n.spec.Forecast = tableForecast(cfg.Strategy)
		if early(cfg.Strategy) {
			b.before(n.spec.ID, "stack/"+t.In, t.Range)
		}
	}
}

// early tells whether a strategy makes the table before its stack is applied, which then adopts it.
func early(how step.TableStrategy) bool {
	return how == step.Restore || how == step.Import || how == step.Swap
}

// home is where the application lived before the disaster.
func (b *builder) home() *plan.Site {
	if lost := b.plan.Site(b.scenario.Lost.Site); lost != nil {
		return lost
	}
	return b.site
}

// adopted are the addresses of the tables and image repositories of a stack that a step brings back before it.
func (b *builder) adopted(x *plan.Stack) []string {
	var out []string
	for _, t := range b.plan.Tables {
		if how, _ := b.strategy(t); t.In == x.Name && t.Table != nil && early(how) {
			out = append(out, t.Address)
		}
	}
	for _, i := range b.plan.Images {
		if i.In == x.Name {
			out = append(out, i.Address)
		}
	}
	return out
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
