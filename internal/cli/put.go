package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/value"
)

// maxTyped bounds what is read as a value, in bytes: more than AWS takes, so that too much is noticed.
const maxTyped = 1 << 20

type putOptions struct {
	vars           variables
	by             string
	replace, plain bool
}

func (p *Program) put() *cobra.Command {
	var o putOptions
	c := &cobra.Command{
		Use: "put RUN STEP", Short: "Type in the value of a secret or parameter that a run needs", Args: exactly("RUN", "STEP"),
		Long: "Asks for the value of a secret or parameter without showing it, one JSON key after the other if it has keys, or reads it from standard input " +
			"where that is no terminal: with keys, a JSON object. The value goes to the run's site, after its account was verified, and nowhere else; the " +
			"journal says who gave it. If the step waits for it, that is answered too. Give the same --var and --var-file as at the start. RUN is an id, the start of one, or `latest`.",
		RunE: func(c *cobra.Command, args []string) error { return p.runPut(c.Context(), args[0], args[1], o) },
	}
	o.vars.flags(c)
	c.Flags().StringVar(&o.by, "by", p.User, "`WHO` gives the value")
	c.Flags().BoolVar(&o.replace, "replace", false, "put the value over one that is there; JSON keys that are not given stay")
	c.Flags().BoolVar(&o.plain, "plain", false, "a new parameter is a String, not a SecureString")
	return c
}

func (p *Program) runPut(ctx context.Context, run, stepID string, o putOptions) error {
	if strings.TrimSpace(o.by) == "" {
		return usage("say who gives the value with --by", "nobody gives it")
	}
	id, state, err := p.recall(ctx, run)
	if err != nil {
		return err
	}
	if err := takesValue(state, id, stepID); err != nil {
		return err
	}
	pr, err := p.compile(o.vars, state.Facts.Scenario, procedure.Options{Without: state.Facts.Without, TrustedUntil: state.Facts.TrustedUntil})
	if err != nil {
		return err
	}
	if changes := difference(state, pr); len(changes) > 0 {
		return p.planChanged(id, changes, false)
	}
	w := World{Run: id, Plan: pr.Plan, Dir: filepath.Join(p.runs().Root, id)}
	if state.Facts.Label == journal.Simulated {
		if w.Cloud, err = stage.Open(w.Dir); err != nil {
			return fmt.Errorf("the drill cloud of run %s: %w", id, err)
		}
	}
	spec := specOf(pr, stepID)
	ctx, stop := p.untilSignal(ctx)
	defer stop()
	did, err := p.Put(ctx, w, spec, value.Typed{
		Site: pr.Plan.Site(spec.Site), Replace: o.replace, Plain: o.plain,
		Ask: func(ctx context.Context) (secret.Value, error) { return p.typed(ctx, spec) },
	})
	if refused, ok := errors.AsType[*value.RefusedError](err); ok {
		return usage(refused.Next, "%s; nothing was written", refused.What)
	}
	if err != nil {
		return err
	}
	p.say("%s.\n", did)
	return p.tellValue(ctx, id, stepID, o.by)
}

// takesValue refuses steps that wait for no value.
func takesValue(state *journal.State, id, stepID string) error {
	var list []string
	for _, t := range state.Steps {
		if (t.Spec.Kind == step.Secret || t.Spec.Kind == step.Parameter) && !t.Done() {
			list = append(list, t.Spec.ID)
		}
	}
	hint := "what can still take a value: " + strings.Join(list, ", ")
	if len(list) == 0 {
		hint = "nothing in this run takes a value any more"
	}
	t := state.Step(stepID)
	switch {
	case state.Over():
		return usage("", "run %s is over (%s): it takes no values", id, state.Result)
	case t == nil:
		return usage(hint, "run %s has no step %q", id, stepID)
	case t.Spec.Kind != step.Secret && t.Spec.Kind != step.Parameter:
		return usage(hint, "step %s is neither a secret nor a parameter", stepID)
	case t.Done():
		return usage(hint, "step %s of run %s is %s: its value is at the site", stepID, id, t.Status)
	}
	return nil
}

// tellValue tells the run who gave the value: as the answer to the step's question, or for the record.
func (p *Program) tellValue(ctx context.Context, id, stepID, by string) error {
	state, err := p.runs().Load(ctx, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	var ev journal.Event = journal.Marked{Name: journal.MarkValue, At: p.Clock.Now(), Note: fmt.Sprintf("%s: given by %s", stepID, by)}
	if t := state.Step(stepID); t != nil && t.Gate != nil && t.Gate.Key == step.AskTyped {
		ev = journal.GateDecided{Step: stepID, Key: step.AskTyped, Decision: step.Confirm, By: by, Note: "gave the value"}
	}
	return p.tell(ctx, id, ev, told{Step: stepID, Decision: "put", By: by})
}

func specOf(pr *procedure.Procedure, id string) step.Spec {
	i := slices.IndexFunc(pr.Steps, func(s step.Spec) bool { return s.ID == id })
	return pr.Steps[i] // the plan is the run's own, and the run has the step
}

// typedKeys are the JSON keys of a step's value that people type in; none: the value is not JSON.
func typedKeys(spec step.Spec) []string {
	if cfg, ok := spec.Config.(*step.SecretConfig); ok {
		_, kept := cfg.Secret.Parts()
		return kept
	}
	return nil
}

// typed reads a value from the person at the terminal, or from what is piped in.
func (p *Program) typed(ctx context.Context, spec step.Spec) (secret.Value, error) {
	keys := typedKeys(spec)
	if !proc.IsTerminal(p.Stdin) {
		b, err := io.ReadAll(io.LimitReader(p.Stdin, maxTyped))
		text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
		return secret.New(text), err
	}
	if len(keys) == 0 {
		return p.hidden(ctx, fmt.Sprintf("Value of %s, which is not shown: ", spec.ID))
	}
	return object(keys, func(key string) (string, error) {
		v, err := p.hidden(ctx, fmt.Sprintf("%s of %s, which is not shown: ", key, spec.ID))
		return v.Reveal(), err
	})
}

// hidden asks for one line that the terminal does not show.
func (p *Program) hidden(ctx context.Context, prompt string) (secret.Value, error) {
	p.say("%s", prompt)
	b, err := proc.ReadHidden(ctx, p.Stdin)
	p.say("\n")
	return secret.New(string(b)), err
}

// object is a JSON object of the keys' values.
func object(keys []string, ask func(string) (string, error)) (secret.Value, error) {
	members := map[string]string{}
	for _, k := range keys {
		v, err := ask(k)
		if err != nil {
			return secret.Value{}, err
		}
		members[k] = v
	}
	b, err := json.Marshal(members)
	return secret.New(string(b)), err
}

// invent writes an invented value, as a person would type one in.
func (s *session) invent(ctx context.Context, stepID string) error {
	spec := specOf(s.pr, stepID)
	_, err := s.Put(ctx, World{Run: s.id, Plan: s.pr.Plan, Dir: s.dir, Cloud: s.cloud}, spec, value.Typed{
		Site: s.pr.Plan.Site(spec.Site),
		Ask: func(context.Context) (secret.Value, error) {
			if keys := typedKeys(spec); len(keys) > 0 {
				return object(keys, func(string) (string, error) { return rand.Text(), nil })
			}
			return secret.New(rand.Text()), nil
		},
	})
	return err
}
