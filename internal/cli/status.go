package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

func (p *Program) status() *cobra.Command {
	return &cobra.Command{
		Use: "status [RUN]", Short: "Show where a run stands, or list the runs", Args: cobra.MaximumNArgs(1),
		Long: "Without RUN, lists the runs of this plan. RUN is an id, the start of one, or `latest`. It can be asked while another process works on the run.",
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

// listed is one run in the JSON list.
type listed struct {
	Run       string    `json:"run"`
	Scenario  string    `json:"scenario"`
	Label     string    `json:"label"`
	Result    string    `json:"result"` // as in a report
	StartedAt time.Time `json:"started_at"`
	LastAt    time.Time `json:"last_at"`
	By        string    `json:"by,omitempty"`     // who works on it now
	Duties    int       `json:"duties,omitempty"` // that stay to be done by people
	Problem   string    `json:"problem,omitempty"`
}

func (p *Program) runList(ctx context.Context) error {
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
			l.Result, l.By = "running", fmt.Sprintf("%s on %s, process %d", s.Holder.User, s.Holder.Host, s.Holder.PID)
		case l.Result == "":
			l.Result = "unfinished"
		}
		if state, err := p.runs().Load(ctx, s.Run); err == nil { // else the problem is told already
			l.Duties = len(state.Open())
		}
		list = append(list, l)
	}
	if p.format == "json" {
		return writeJSON(p.Stdout, map[string]any{"schema": "lifeboat.runs/v1", "runs": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(p.Stdout, "There are no runs in %s. `%s drill SCENARIO` makes one.\n", p.runs().Root, p.call)
		return err
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
	for _, l := range list {
		note := l.By + l.Problem
		if l.Duties > 0 {
			note = strings.TrimPrefix(fmt.Sprintf("%s; stays to be done: %d", note, l.Duties), "; ")
		}
		row := []string{l.Run, l.Label, l.Result, note}
		if _, err := fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}
