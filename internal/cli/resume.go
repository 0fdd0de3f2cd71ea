package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

type resumeOptions struct {
	vars       variables
	acceptPlan bool
	wait, keep bool
}

func (p *Program) resume() *cobra.Command {
	var o resumeOptions
	c := &cobra.Command{
		Use: "resume RUN", Short: "Go on with a run that was stopped, killed, failed, or waited", Args: exactly("RUN"),
		Long: "Goes on from where the journal ends. What is done stays done; what was cut off is probed first, and where that cannot tell, a person is asked.\n" +
			"Steps that failed are tried again. RUN is an id, the start of one, or `latest`.",
		RunE: func(c *cobra.Command, args []string) error { return p.runResume(c.Context(), args[0], o) },
	}
	o.vars.flags(c)
	c.Flags().BoolVar(&o.acceptPlan, "accept-plan-change", false, "go on although the plan is not the one that the run began with")
	c.Flags().BoolVar(&o.wait, "wait", false, "stay while people are waited for, instead of ending with exit code 4")
	c.Flags().BoolVar(&o.keep, "keep", false, "leave a drill's cloud running at the end")
	return c
}

func (p *Program) runResume(ctx context.Context, name string, o resumeOptions) error {
	id, err := p.find(name)
	if err != nil {
		return err
	}
	runs := p.runs()
	state, err := runs.Load(ctx, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	if state.Over() {
		p.say("Run %s is over (%s): there is nothing to resume.\n", id, state.Result)
		return (&session{Program: p}).conclude(state)
	}
	pr, err := p.compile(o.vars, state.Facts.Scenario, procedure.Options{Without: state.Facts.Without})
	if err != nil {
		return err
	}
	changes := difference(state, pr)
	if len(changes) > 0 && !o.acceptPlan {
		return &diag.Failure{List: planChanged(id, changes)}
	}
	log, err := runs.Open(ctx, id)
	if err != nil {
		return fmt.Errorf("run %s: %w", id, err)
	}
	s := &session{Program: p, id: id, dir: filepath.Join(runs.Root, id), log: log, pr: pr, wait: o.wait}
	if len(changes) > 0 {
		if _, err := log.Append(ctx, journal.PlanChanged{From: state.Facts.PlanHash, To: pr.Plan.Hash, Diff: changes, Steps: pr.Steps, By: p.User}); err != nil {
			return errors.Join(err, log.Close())
		}
	}
	return s.goOn(ctx, state.Facts.Label, o.keep)
}

// goOn finishes a run where it takes place: a drill in its cloud, any other at AWS.
func (s *session) goOn(ctx context.Context, label journal.Label, keep bool) error {
	if label != journal.Simulated {
		return s.finish(ctx)
	}
	cloud, err := stage.Open(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the drill was cut off before its cloud began; start a new drill")
	}
	if err == nil {
		err = cloud.Answers(ctx)
	}
	if err != nil {
		return errors.Join(err, s.log.Close())
	}
	s.cloud = cloud
	return s.rehearse(ctx, keep)
}

func planChanged(id string, changes []string) diag.List {
	d := diag.Diagnostic{
		Summary: "The plan is not the one that run " + id + " began with",
		Hint:    "Restore the plan, or add --accept-plan-change if what changed is meant for this run.",
	}
	for _, c := range changes {
		d.Notes = append(d.Notes, diag.Note{Text: c})
	}
	return diag.List{d}
}

// difference says how the plan's procedure differs from the journal's. Equal plan hashes are no difference.
func difference(state *journal.State, pr *procedure.Procedure) []string {
	if state.Facts.PlanHash == pr.Plan.Hash {
		return nil
	}
	var out []string
	for _, s := range pr.Steps {
		old := state.Step(s.ID)
		if old == nil {
			out = append(out, s.ID+" is new")
			continue
		}
		for what, changed := range map[string]bool{
			"comes after other steps":           !slices.Equal(old.Spec.Needs, s.Needs),
			"is optional or not":                old.Spec.Optional != s.Optional,
			"works at another site":             old.Spec.Site != s.Site,
			"has another time limit or retries": old.Spec.Timeout != s.Timeout || old.Spec.Retry != s.Retry,
		} {
			if changed {
				out = append(out, s.ID+" "+what)
			}
		}
	}
	for _, t := range state.Steps {
		if !slices.ContainsFunc(pr.Steps, func(s step.Spec) bool { return s.ID == t.Spec.ID }) {
			out = append(out, t.Spec.ID+" is gone")
		}
	}
	slices.Sort(out)
	if len(out) == 0 {
		out = []string{"the order of steps is the same; values in the plan, its variables or the files that it reads changed"}
	}
	return out
}
