package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

type protectOptions struct {
	vars         variables
	tables, full bool
	site         string
	keep         int
}

func (p *Program) protect() *cobra.Command {
	var o protectOptions
	c := &cobra.Command{
		Use: "protect", Short: "Copy the application's data to the vault, before the disaster", Args: exactly(),
		Long: "Exports the plan's tables from where the application lives to the vault's bucket: a full export first, then incremental ones, of at least 15 minutes " +
			"each, as DynamoDB has it. Every file is read back before the export counts. Run it from cron: what is younger is what a region's loss takes. The " +
			"tables need point-in-time recovery, and the vault's bucket a policy that lets the site's account write.",
		RunE: func(c *cobra.Command, _ []string) error { return p.runProtect(c.Context(), o) },
	}
	o.vars.flags(c)
	f := c.Flags()
	f.BoolVar(&o.tables, "tables", false, "the tables; so far there is nothing else to protect, so that it may be left out")
	f.BoolVar(&o.full, "full", false, "make a full export, whatever the vault has")
	f.StringVar(&o.site, "site", "", "the site where the application lives; default: the first of the plan")
	f.IntVar(&o.keep, "keep", 0, "forget all but so many full exports and what follows them; their objects stay in the bucket; 0 forgets none")
	return c
}

// protected is the result of protect.
type protected struct {
	Schema string         `json:"schema"`
	Vault  string         `json:"vault"`
	Tables []protect.Done `json:"tables"`
}

func (p *Program) runProtect(ctx context.Context, o protectOptions) error {
	pl, sources, diags := p.load(o.vars)
	p.show(diags, sources)
	if err := silent(diags.Err()); err != nil {
		return err
	}
	home := pl.Sites[0]
	if o.site != "" {
		if home = pl.Site(o.site); home == nil {
			return usage("the plan's sites are those of its site blocks", "there is no site %q", o.site)
		}
	}
	switch {
	case pl.Vault == nil:
		return usage(`add vault { site = site.NAME, bucket = "..." } to it`, "the plan has no vault")
	case pl.Vault.Site == home.Name:
		return usage("give the vault a site in another account and region", "the vault is at site %q, where the application lives: it would be lost with it", home.Name)
	}
	out := protected{Schema: "lifeboat.protected/v1", Vault: "s3://" + pl.Vault.Bucket, Tables: []protect.Done{}}
	for _, t := range pl.NamedTables() {
		done, err := p.Protect(ctx, Protection{Plan: pl, Home: home, Table: t, Full: o.full, Keep: o.keep, Tell: func(text string) { p.say("%s\n", text) }})
		if err != nil {
			return fmt.Errorf("table %q: %w", t.Name, err)
		}
		out.Tables = append(out.Tables, done)
	}
	if len(out.Tables) == 0 {
		return usage(`add name = "..." to the plan's table blocks`, "the plan names no table to protect")
	}
	return p.showProtected(out)
}

// Protection is one table to protect.
type Protection struct {
	Plan  *plan.Plan
	Home  *plan.Site
	Table *plan.Table
	Full  bool
	Keep  int
	Tell  func(string)
}

func (p *Program) showProtected(out protected) error {
	if p.format == "json" {
		return writeJSON(p.Stdout, out)
	}
	for _, d := range out.Tables {
		what := "incremental export made and read back"
		switch {
		case d.Fresh:
			what = "nothing to do: the last export is younger than " + clock.Brief(protect.ShortestStep)
		case d.Export.Full:
			what = "full export made and read back"
		}
		age := p.Clock.Now().Sub(d.Until).Round(time.Second)
		if _, err := fmt.Fprintf(p.Stdout, "%s: %s. The vault has its %d items of %s, %s ago (digest %s).\n", d.Table, what, d.Items, d.Until.UTC().Format("2006-01-02 15:04:05 MST"), clock.Brief(max(0, age)), d.Digest); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(p.Stdout, "What was written since then would be lost with site and region. The vault is %s.\n", out.Vault)
	return err
}
