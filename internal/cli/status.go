package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

func (p *Program) status() *cobra.Command {
	return &cobra.Command{
		Use: "status [RUN]", Short: "Show where a run stands, or list the runs", Args: cobra.MaximumNArgs(1),
		Long: "Without RUN, lists the runs of this plan, and says which journals do not verify. RUN is an id, the start of one, or `latest`. It can be asked while another process works on the run.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.runList(c.Context())
			}
			return p.runReport(c.Context(), args[0])
		},
	}
}

func (p *Program) report() *cobra.Command {
	return &cobra.Command{
		Use: "report RUN", Short: "Give a run's report", Args: exactly("RUN"),
		Long: "Gives what became of every step, the recovery time against the objective, who decided what, and the journal's head hash. With --format json " +
			"it is a document of schema " + report.Schema + "; with --format html it is a page for a browser, complete in one file.",
		RunE: func(c *cobra.Command, args []string) error { return p.runReport(c.Context(), args[0]) },
	}
}

func (p *Program) runReport(ctx context.Context, run string) error {
	id, err := p.find(run)
	if err != nil {
		return err
	}
	holder := p.runs().Holder(id)
	state, err := p.runs().Load(ctx, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	if err := p.showRun(state, holder); err != nil || holder == nil || p.format != "human" {
		return err
	}
	return p.showBringUp(ctx, id, state)
}

// showBringUp says where a drill stands that has not come to its disaster.
func (p *Program) showBringUp(ctx context.Context, id string, drill *journal.State) error {
	if drill.Facts.Label != journal.Simulated || drill.Struck() {
		return nil
	}
	text := "the stage is being set"
	inner := &file.Store{Root: filepath.Join(p.runs().Root, id)}
	if up, err := inner.Load(ctx, bringUp); err == nil {
		text = "the application is being brought up: " + report.Standing(up, p.Clock.Now())
	}
	_, err := fmt.Fprintf(p.Stdout, "Before the disaster: %s\n", text)
	return err
}
