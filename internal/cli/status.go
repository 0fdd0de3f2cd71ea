package cli

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/report"
)

func (p *Program) status() *cobra.Command {
	return &cobra.Command{
		Use: "status [RUN]", Short: "Show where a run stands, or list the runs", Args: cobra.MaximumNArgs(1),
		Long: "Without RUN, lists the runs of this plan. RUN is an id, the start of one, or `latest`. It can be asked while another process works on the run.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.runList()
			}
			return p.runReport(c.Context(), args[0])
		},
	}
}

func (p *Program) report() *cobra.Command {
	return &cobra.Command{
		Use: "report RUN", Short: "Give a run's report", Args: exactly("RUN"),
		Long: "Gives what became of every step, the recovery time against the objective, who decided what, and the journal's head hash. With --format json\n" +
			"it is a document of schema " + report.Schema + ".",
		RunE: func(c *cobra.Command, args []string) error { return p.runReport(c.Context(), args[0]) },
	}
}

func (p *Program) runReport(ctx context.Context, run string) error {
	id, err := p.find(run)
	if err != nil {
		return err
	}
	state, err := p.runs().Load(ctx, id)
	if err != nil {
		return err
	}
	if p.format == "json" {
		return report.JSON(p.Stdout, state, p.Clock.Now())
	}
	return report.Human(p.Stdout, state, p.Clock.Now(), p.width(120))
}

// listed is one run in the JSON list.
type listed struct {
	Run       string    `json:"run"`
	Scenario  string    `json:"scenario"`
	Label     string    `json:"label"`
	Result    string    `json:"result"` // of report, and "unfinished" for a run that nobody works on
	StartedAt time.Time `json:"started_at"`
	LastAt    time.Time `json:"last_at"`
	Problem   string    `json:"problem,omitempty"`
}

func (p *Program) runList() error {
	sums, err := p.runs().List()
	if err != nil {
		return err
	}
	list := []listed{}
	for _, s := range sums {
		l := listed{Run: s.Run, Scenario: s.Scenario, Label: string(s.Label), Result: string(s.Result), StartedAt: s.Began, LastAt: s.Last}
		switch {
		case s.Err != nil:
			l.Problem = s.Err.Error()
		case s.Holder != nil:
			l.Result = "running"
		case l.Result == "":
			l.Result = "unfinished"
		}
		list = append(list, l)
	}
	if p.format == "json" {
		return writeJSON(p.Stdout, map[string]any{"schema": "lifeboat.runs/v1", "runs": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(p.Stdout, "There are no runs in %s. `lifeboat drill SCENARIO` makes one.\n", p.runs().Root)
		return err
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
	for _, l := range list {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Run, l.Label, l.Result, l.Problem); err != nil {
			return err
		}
	}
	return w.Flush()
}
