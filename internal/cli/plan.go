package cli

import (
	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/procedure/view"
)

func (p *Program) plan() *cobra.Command {
	var vars variables
	var o procedure.Options
	c := &cobra.Command{
		Use: "plan SCENARIO", Short: "Show a scenario's procedure, order, critical path and forecast", Args: exactly("SCENARIO"),
		Long: "Compiles the plan for a scenario and shows what a recovery would do, in which order, what waits for people, and how long it takes by " +
			"documented durations. Nothing outside is touched. --format dot and svg draw the graph.",
		RunE: func(_ *cobra.Command, args []string) error { return p.runPlan(vars, args[0], o) },
	}
	vars.flags(c)
	p.choices(c, &o)
	return c
}

// choices adds the flags that choose among what a plan allows.
func (p *Program) choices(c *cobra.Command, o *procedure.Options) {
	c.Flags().StringSliceVar(&o.Without, "without", nil, "leave an optional `STEP` out, such as green or stack/green")
	c.Flags().Func("trusted-until", "after a compromise, copies of values that were made after `TIME` do not count: 2026-11-20T03:00:00Z, or how long ago, -36h or -2w; without it, the scenario's own instant, or the disaster's", func(text string) (err error) {
		o.TrustedUntil, err = instant(text, p.Clock.Now())
		return err
	})
}

func (p *Program) runPlan(vars variables, scenario string, o procedure.Options) error {
	pr, err := p.compile(vars, scenario, o)
	if err != nil {
		return err
	}
	switch p.format {
	case "json":
		return view.JSON(p.Stdout, pr)
	case "dot":
		return view.DOT(p.Stdout, pr)
	case "svg":
		return view.SVG(p.Stdout, pr)
	default:
		return view.Human(p.Stdout, pr, width(p.Stdout, 100))
	}
}
