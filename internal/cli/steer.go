package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func (p *Program) approve() *cobra.Command {
	return p.decision(step.Approve, "approve RUN STEP", "Allow what a step asks for")
}

func (p *Program) reject() *cobra.Command {
	return p.decision(step.Reject, "reject RUN STEP", "Refuse what a step asks for: the step fails")
}

func (p *Program) confirm() *cobra.Command {
	return p.decision(step.Confirm, "confirm RUN STEP", "Say that a person did what a step waits for")
}

// decision is a command that answers a gate.
func (p *Program) decision(d step.Decision, use, short string) *cobra.Command {
	var by, note string
	c := &cobra.Command{
		Use: use, Short: short, Args: exactly("RUN", "STEP"),
		Long: short + ". The answer goes into the journal with your name. If a process works on the run it hears of it at once; otherwise go on with `lifeboat resume`.\n" +
			"RUN is an id, the start of one, or `latest`.",
		RunE: func(c *cobra.Command, args []string) error {
			return p.runDecision(c.Context(), args[0], args[1], journal.GateDecided{Decision: d, By: by, Note: note})
		},
	}
	c.Flags().StringVar(&by, "by", p.User, "`WHO` decides")
	c.Flags().StringVar(&note, "note", "", "`WHY`, for the record")
	return c
}

func (p *Program) runDecision(ctx context.Context, run, stepID string, d journal.GateDecided) error {
	if strings.TrimSpace(d.By) == "" {
		return usage("say who decides with --by")
	}
	id, err := p.find(run)
	if err != nil {
		return err
	}
	state, err := p.runs().Load(ctx, id)
	if err != nil {
		return err
	}
	t := state.Step(stepID)
	switch {
	case t == nil:
		return usage("run %s has no step %q; its gates are: %s", id, stepID, gates(state))
	case t.Gate == nil:
		return usage("step %s of run %s waits for nobody (it is %s); the gates are: %s", stepID, id, t.Status, gates(state))
	}
	d.Step, d.Key = stepID, t.Gate.Key
	heard, err := p.runs().Tell(ctx, id, d)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s of %s: %s, by %s.", stepID, id, d.Decision, d.By)
	if !heard {
		text += " Go on with: lifeboat resume " + id
	}
	_, err = fmt.Fprintln(p.Stdout, text)
	return err
}

func gates(s *journal.State) string {
	var out []string
	for _, t := range s.Steps {
		if t.Gate != nil {
			out = append(out, t.Spec.ID)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

func (p *Program) abort() *cobra.Command {
	c := &cobra.Command{
		Use: "abort RUN", Short: "End a run for good: it cannot be resumed", Args: exactly("RUN"),
		Long: "What runs is stopped, and the run is over. What was built stays. Use an interrupt (Ctrl-C) to stop a run that shall go on later.",
		RunE: func(c *cobra.Command, args []string) error { return p.runAbort(c.Context(), args[0]) },
	}
	return c
}

func (p *Program) runAbort(ctx context.Context, run string) error {
	id, err := p.find(run)
	if err != nil {
		return err
	}
	heard, err := p.runs().Tell(ctx, id, journal.StopRequested{Mode: journal.Abort, By: p.User})
	if err != nil {
		return err
	}
	if !heard {
		_, err = fmt.Fprintf(p.Stdout, "Run %s is aborted.\n", id)
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "The process that works on run %s was told to abort it.\n", id)
	return err
}
