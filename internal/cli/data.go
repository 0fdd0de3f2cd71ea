package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// Past is a table of the plan whose past is looked at.
type Past struct {
	Plan  *plan.Plan
	Home  *plan.Site
	Table *plan.Table
	Look  beside.Config // without the clients and what they are of
}

// pastOptions is what both commands are told of the table.
type pastOptions struct {
	vars variables
	site string
	yes  bool
}

func (o *pastOptions) flags(c *cobra.Command) {
	o.vars.flags(c)
	c.Flags().StringVar(&o.site, "site", "", "the site where the table is; default: the first of the plan")
	c.Flags().BoolVar(&o.yes, "yes", false, "do not ask before tables are restored: for automation")
}

func (p *Program) data() *cobra.Command {
	c := &cobra.Command{
		Use: "data", Short: "Look at the past of a table: one item over time, or the last instant at which the data was right",
		Long: "Shows what is known of the past of a DynamoDB table of the plan, so that its data can be rewound to the right second.",
	}
	c.AddCommand(p.history(), p.findGood())
	return c
}

// past finds the table and its site.
func (p *Program) past(o pastOptions, name string) (Past, error) {
	pl, sources, diags := p.load(o.vars)
	p.show(diags, sources)
	if err := silent(diags.Err()); err != nil {
		return Past{}, err
	}
	home := pl.Sites[0]
	if o.site != "" {
		if home = pl.Site(o.site); home == nil {
			return Past{}, usage("the plan's sites are those of its site blocks", "there is no site %q", o.site)
		}
	}
	var names []string
	for _, t := range pl.NamedTables() {
		if t.Name == name {
			dir := filepath.Join(filepath.Dir(p.runs().Root), "data")
			return Past{Plan: pl, Home: home, Table: t, Look: beside.Config{Dir: dir, Tell: func(text string) { p.say("%s\n", text) }}}, nil
		}
		names = append(names, t.Name)
	}
	if len(names) == 0 {
		return Past{}, usage(`add name = "..." to the plan's table blocks`, "the plan names no table")
	}
	return Past{}, usage("the plan's tables are "+strings.Join(names, ", "), "the plan has no table %q", name)
}

// instants reads times that a person gave for a flag, in whole seconds; an empty one is zero.
func (p *Program) instants(flag string, texts ...string) ([]time.Time, error) {
	var out []time.Time
	for _, text := range texts {
		if text == "" {
			out = append(out, time.Time{})
			continue
		}
		at, err := instant(text, p.Clock.Now())
		if err != nil {
			return nil, usage("", "--%s: %v", flag, err)
		}
		out = append(out, at.Truncate(time.Second))
	}
	return out, nil
}

// besides are the restored copies of a table.
type besides interface{ Clear(context.Context) error }

// tidy deletes the restored copies, also after an interrupt: only a second one leaves them, for the next run to find.
func (p *Program) tidy(ctx context.Context, b besides, left int, err error) error {
	if left == 0 {
		return err
	}
	p.say("Deleting what was restored. AWS deletes no table that is still being made: this may take minutes. Interrupt again to leave that to the next run of this command.\n")
	ctx, stop := p.untilSignal(context.WithoutCancel(ctx))
	defer stop()
	if c := b.Clear(ctx); c != nil {
		if errors.Is(c, context.Canceled) {
			c = fmt.Errorf("restored copies are left; the next run of this command finds them")
		}
		return errors.Join(err, c)
	}
	return err
}

// dollars writes an amount as coarsely as it is known.
func dollars(d float64) string {
	if d < 0.01 {
		return "less than $0.01"
	}
	return fmt.Sprintf("about $%.2f", d)
}

// aboutCost says where time and cost come from.
const aboutCost = "AWS takes at least 20 minutes for a restore, mostly less than an hour (AWS knowledge centre), and charges for each GB that is restored and read: " +
	"$0.15 and $0.03 in US East (N. Virginia), elsewhere mostly more (\"Amazon DynamoDB pricing\"). The table's size is as of up to six hours ago."
