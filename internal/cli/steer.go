package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
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
	var by, note, duty string
	c := &cobra.Command{
		Use: use, Short: short, Args: exactly("RUN", "STEP"),
		Long: short + ". The answer goes into the journal with your name. If a process works on the run it hears of it at once; otherwise go on with `lifeboat resume`. " +
			"RUN is an id, the start of one, or `latest`.",
		RunE: func(c *cobra.Command, args []string) error {
			return p.runDecision(c.Context(), args[0], args[1], duty, journal.GateDecided{Decision: d, By: by, Note: note})
		},
	}
	if d == step.Confirm {
		c.Long += " A step that is done may have left a duty: then confirm says that it is fulfilled, also when the run is over. Whether an API key arrived only the " +
			"consumer's contact can say: write down who it was with --by, and how you heard it with --note."
		c.Flags().StringVar(&duty, "duty", "", "`KEY` of the duty that is fulfilled, when the step left several")
	}
	c.Flags().StringVar(&by, "by", p.User, "`WHO` decides")
	c.Flags().StringVar(&note, "note", "", "`WHY`, for the record")
	return c
}

func (p *Program) runDecision(ctx context.Context, run, stepID, duty string, d journal.GateDecided) error {
	if strings.TrimSpace(d.By) == "" {
		return usage("say who decides with --by", "nobody decides")
	}
	id, state, err := p.recall(ctx, run)
	if err != nil {
		return err
	}
	t := state.Step(stepID)
	if d.Decision == step.Confirm && t != nil && (t.Gate == nil || duty != "" || state.Over()) {
		if open := duties(state, stepID); len(open) > 0 {
			return p.fulfil(ctx, id, open, duty, d)
		}
	}
	switch {
	case state.Over():
		return usage("", "run %s is over (%s): it waits for nobody", id, state.Result)
	case t == nil:
		return usage("what waits for people: "+gates(state), "run %s has no step %q", id, stepID)
	case t.Gate == nil:
		return usage("what waits for people: "+gates(state), "step %s of run %s waits for nobody: it is %s", stepID, id, t.Status)
	}
	if !t.Gate.Takes(d.Decision, d.By) {
		return usage(fmt.Sprintf("ask them, then: %s confirm %s %s --by %q --note \"by phone\"", p.call, id, stepID, t.Gate.Who),
			"only %s can say that: step %s of run %s asks: %s", t.Gate.Who, stepID, id, t.Gate.Prompt)
	}
	d.Step, d.Key = stepID, t.Gate.Key
	return p.tell(ctx, id, d, told{Step: stepID, Decision: string(d.Decision), By: d.By})
}

// duties are what a step left that nobody has fulfilled.
func duties(s *journal.State, stepID string) []journal.Duty {
	return slices.DeleteFunc(s.Open(), func(d journal.Duty) bool { return d.Step != stepID })
}

// fulfil writes down that a duty is fulfilled.
func (p *Program) fulfil(ctx context.Context, id string, open []journal.Duty, key string, d journal.GateDecided) error {
	var keys []string
	for _, x := range open {
		keys = append(keys, x.Key)
	}
	if key == "" && len(open) == 1 {
		key = keys[0]
	}
	if !slices.Contains(keys, key) {
		return usage("name it with --duty: "+strings.Join(keys, ", "), "step %s of run %s has %d open duties", open[0].Step, id, len(open))
	}
	done := journal.DutyDone{Step: open[0].Step, Key: key, By: d.By, Note: d.Note}
	return p.tell(ctx, id, done, told{Step: done.Step, Duty: key, Decision: string(step.Confirm), By: d.By})
}

// told is what was brought to a run.
type told struct {
	Schema   string `json:"schema"`
	Run      string `json:"run"`
	Step     string `json:"step,omitempty"`
	Duty     string `json:"duty,omitempty"`
	Decision string `json:"decision"` // approve, confirm, reject, put or abort
	By       string `json:"by"`
	Heard    bool   `json:"heard"` // by a process that works on the run; else it is in the journal already
}

// tell brings a message to a run, and says what became of it.
func (p *Program) tell(ctx context.Context, id string, ev journal.Event, t told) error {
	heard, err := p.runs().Tell(ctx, id, ev)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	t.Schema, t.Run, t.Heard = "lifeboat.told/v1", id, heard
	if p.format == "json" {
		return writeJSON(p.Stdout, t)
	}
	text := fmt.Sprintf("Run %s: %s %s by %s.", id, t.Step, past(t.Decision), t.By)
	switch {
	case t.Duty != "":
		text = fmt.Sprintf("Run %s: %s, duty %s is fulfilled, says %s.", id, t.Step, t.Duty, t.By)
	case t.Step == "":
		text = fmt.Sprintf("Run %s: aborted by %s.", id, t.By)
	}
	switch {
	case heard:
		text += " The process that works on the run was told."
	case t.Duty != "", p.over(ctx, id): // it may have been all that a process waited for
	case t.Step != "":
		text += fmt.Sprintf(" Go on with: %s resume %s", p.call, id)
	}
	_, err = fmt.Fprintln(p.Stdout, text)
	return err
}

// over tells whether a run needs nothing more.
func (p *Program) over(ctx context.Context, id string) bool {
	state, err := p.runs().Load(ctx, id)
	return err == nil && state.Over()
}

func past(decision string) string {
	switch decision {
	case "approve":
		return "approved"
	case "put":
		return "given its value"
	}
	return decision + "ed" // confirmed, rejected
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
	return &cobra.Command{
		Use: "abort RUN", Short: "End a run for good: it cannot be resumed", Args: exactly("RUN"),
		Long: "What runs is stopped, and the run is over. What was built stays. Use an interrupt (Ctrl-C) to stop a run that shall go on later. " +
			"RUN is an id, the start of one, or `latest`.",
		RunE: func(c *cobra.Command, args []string) error { return p.runAbort(c.Context(), args[0]) },
	}
}

func (p *Program) runAbort(ctx context.Context, run string) error {
	id, state, err := p.recall(ctx, run)
	if err != nil {
		return err
	}
	if state.Over() {
		return usage("", "run %s is over already (%s)", id, state.Result)
	}
	err = p.tell(ctx, id, journal.StopRequested{Mode: journal.Abort, By: p.User}, told{Decision: "abort", By: p.User})
	if err == nil && p.runs().Holder(id) == nil { // else who works on the run does it
		p.sweep(filepath.Join(p.runs().Root, id))
	}
	return err
}
