package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

type protectOptions struct {
	vars              variables
	tables            []string
	full, verify, yes bool
	site, retain      string
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
	f.StringSliceVar(&o.tables, "tables", nil, "only these tables of the plan, `NAME,NAME`; default: all")
	f.BoolVar(&o.full, "full", false, "begin a new chain with a full export, whatever the vault has")
	f.StringVar(&o.site, "site", "", "the site where the application lives; default: the first of the plan")
	f.BoolVar(&o.verify, "verify", false, "export nothing: read every file of the vault's copies again")
	f.StringVar(&o.retain, "retain", "", "drop the chains that no instant of this `SPAN` needs, such as 35d or 5w; shown only, without --yes")
	f.BoolVar(&o.yes, "yes", false, "delete what --retain drops")
	return c
}

// Protection is one table to protect.
type Protection struct {
	Plan   *plan.Plan
	Home   *plan.Site
	Table  *plan.Table
	Full   bool
	Verify bool // export nothing, read all
	Retain time.Duration
	Delete bool // what Retain drops
	Tell   func(string)
}

// Protected is the result for one table: one of both.
type Protected struct {
	Done     protect.Done
	Verified protect.Verified
}

func (p *Program) runProtect(ctx context.Context, o protectOptions) error {
	pl, sources, diags := p.load(o.vars)
	p.show(diags, sources)
	if err := silent(diags.Err()); err != nil {
		return err
	}
	x, err := o.protection(pl)
	if err != nil {
		return err
	}
	tables, err := o.pick(pl)
	if err != nil {
		return err
	}
	for _, s := range pl.Scenarios {
		if v := pl.Site(pl.Vault.Site); s.Lost.Site == x.Home.Name && (s.Lost.Kind == plan.LostRegion && v.Region == x.Home.Region || s.Lost.Kind == plan.LostAccount && v.Account == x.Home.Account) {
			p.say("warning: scenario %q loses the %s of site %q, and the vault at site %q with it\n", s.Name, s.Lost.Kind, x.Home.Name, v.Name)
		}
	}
	x.Tell = func(text string) { p.say("%s\n", text) }
	out := protected{Schema: "lifeboat.protected/v1", Vault: "s3://" + pl.Vault.Bucket, Tables: []protectedTable{}}
	var failed error
	for _, t := range tables {
		x.Table = t
		got, err := p.Protect(ctx, x)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("table %q: %w", t.Name, err))
			continue
		}
		if err := out.add(t.Name, got, o.verify, pl.Application.Objectives.RecoveryPoint); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(p.showProtected(out), failed)
}

// protection is what the options ask for, if the plan has what it takes.
func (o protectOptions) protection(pl *plan.Plan) (x Protection, err error) {
	x = Protection{Plan: pl, Home: pl.Sites[0], Full: o.full, Verify: o.verify, Delete: o.yes}
	if o.site != "" {
		if x.Home = pl.Site(o.site); x.Home == nil {
			return x, usage("the plan's sites are those of its site blocks", "there is no site %q", o.site)
		}
	}
	switch {
	case pl.Vault == nil:
		return x, usage(`add vault { site = site.NAME, bucket = "..." } to it`, "the plan has no vault")
	case pl.Vault.Site == x.Home.Name:
		return x, usage("give the vault a site in another account and region", "the vault is at site %q, where the application lives: it would be lost with it", x.Home.Name)
	case o.verify && (o.full || o.retain != ""):
		return x, usage("verify in a command of its own", "--verify exports and drops nothing")
	case o.yes && o.retain == "":
		return x, usage("", "--yes says that what --retain drops may be deleted, and there is no --retain")
	}
	if v := pl.Site(pl.Vault.Site); v.Account == x.Home.Account && v.Region == x.Home.Region {
		return x, usage("give the vault a site in another account and region", "the vault's site %q has the account and region of site %q, where the application lives: it would be lost with it", v.Name, x.Home.Name)
	}
	if o.retain != "" {
		if x.Retain, err = clock.Span(o.retain); err != nil || x.Retain <= 0 {
			return x, usage("write 35d, 5w, or 72h", "%q is no span of time", o.retain)
		}
	}
	return x, nil
}

// pick gives the tables that were asked for.
func (o protectOptions) pick(pl *plan.Plan) ([]*plan.Table, error) {
	all := pl.NamedTables()
	if len(all) == 0 {
		return nil, usage(`add name = "..." to the plan's table blocks`, "the plan names no table to protect")
	}
	var names []string
	for _, t := range all {
		names = append(names, t.Name)
	}
	for _, n := range o.tables {
		if !slices.Contains(names, n) {
			return nil, usage("its tables are "+strings.Join(names, ", "), "the plan names no table %q", n)
		}
	}
	return slices.DeleteFunc(all, func(t *plan.Table) bool { return len(o.tables) > 0 && !slices.Contains(o.tables, t.Name) }), nil
}
