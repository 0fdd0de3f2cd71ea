package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

type resumeOptions struct {
	vars       variables
	acceptPlan bool
	wait, keep bool
	parallel   parallel
}

func (p *Program) resume() *cobra.Command {
	var o resumeOptions
	c := &cobra.Command{
		Use: "resume RUN", Short: "Go on with a run that was stopped, killed, failed, or waited", Args: exactly("RUN"),
		Long: "Goes on from where the journal ends. What is done stays done; what was cut off is probed first, and where that cannot tell, a person is asked. " +
			"Steps that failed are tried again. Give the same --var and --var-file as at the start. RUN is an id, the start of one, or `latest`.",
		RunE: func(c *cobra.Command, args []string) error { return p.runResume(c.Context(), args[0], o) },
	}
	o.vars.flags(c)
	c.Flags().BoolVar(&o.acceptPlan, "accept-plan-change", false, "go on although the plan is not the one that the run began with")
	c.Flags().BoolVar(&o.wait, "wait", false, "stay while people are waited for, instead of ending with exit code 4")
	c.Flags().BoolVar(&o.keep, "keep", false, "leave a drill's cloud running at the end")
	o.parallel.flag(c)
	return c
}

func (p *Program) runResume(ctx context.Context, name string, o resumeOptions) error {
	id, state, err := p.recall(ctx, name)
	if err != nil {
		return err
	}
	runs := p.runs()
	if state.Over() {
		p.say("Run %s is over (%s): there is nothing to resume.\n", id, state.Result)
		return p.conclude(state)
	}
	pr, err := p.compile(o.vars, state.Facts.Scenario, procedure.Options{Without: state.Facts.Without, TrustedUntil: state.Facts.TrustedUntil})
	if err != nil {
		return err
	}
	changes := difference(state, pr)
	if len(changes) > 0 {
		if err := p.planChanged(id, changes, o.acceptPlan); err != nil {
			return err
		}
	}
	if err := p.Check(ctx, pr.Plan); err != nil {
		return err
	}
	log, err := runs.Open(ctx, id)
	if err != nil {
		return p.locked(id, fmt.Errorf("run %s: %w", id, err))
	}
	s := p.session(id, filepath.Join(runs.Root, id), log, pr)
	s.wait, s.width = o.wait, o.parallel
	if len(changes) > 0 {
		if _, err := log.Append(ctx, journal.PlanChanged{From: state.Facts.PlanHash, To: pr.Plan.Hash, Parts: pr.Plan.Parts, Diff: changes, Steps: pr.Steps, By: p.User}); err != nil {
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
		err = problem{error: fmt.Errorf("drill %s was cut off before its cloud began", s.id), code: ExitFailed, hint: "start a new drill"}
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

// locked says what to do when another process works on the run.
func (p *Program) locked(id string, err error) error {
	if !errors.As(err, new(*file.LockedError)) {
		return err
	}
	return problem{error: err, code: ExitFailed, hint: fmt.Sprintf("see what it does with: %[1]s status %[2]s; answer it with approve, reject or confirm; or end the run with: %[1]s abort %[2]s", p.call, id)}
}

// planChanged shows how the plan differs from the run's, and refuses to go on unless that is accepted.
func (p *Program) planChanged(id string, changes []string, accepted bool) error {
	d := diag.Diagnostic{
		Summary: "The plan is not the one that run " + id + " began with", Detail: "What is done was done by the old plan, and stays done.",
		Hint: "Restore the plan, or add --accept-plan-change if what changed is meant for this run.",
	}
	if accepted {
		d.Severity, d.Hint = diag.Warning, ""
	}
	for _, c := range changes {
		d.Notes = append(d.Notes, diag.Note{Text: c})
		if strings.HasPrefix(c, "value of variable") && !accepted {
			d.Hint = "Give the variables the values that the run began with (--var, --var-file, LIFEBOAT_VAR_NAME), or add --accept-plan-change if what changed is meant for this run."
		}
	}
	if accepted {
		p.show(diag.List{d}, nil)
		return nil
	}
	return &diag.Failure{List: diag.List{d}}
}

// difference says how the plan and its procedure differ from the journal's. Equal plan hashes are no difference.
func difference(state *journal.State, pr *procedure.Procedure) []string {
	if state.Facts.PlanHash == pr.Plan.Hash {
		return nil
	}
	out := append(partsDiffer(state.Facts.PlanParts, pr.Plan.Parts), stepsDiffer(state, pr)...)
	if len(out) == 0 {
		return []string{"a secret value, something read from the environment, or text outside of all blocks is different"}
	}
	return out
}

func partsDiffer(old, now map[string]string) []string {
	var out []string
	for name, hash := range now {
		switch was, ok := old[name]; {
		case !ok:
			out = append(out, name+" is new")
		case was != hash:
			out = append(out, name+" is different")
		}
	}
	for name := range old {
		if _, ok := now[name]; !ok {
			out = append(out, name+" is gone")
		}
	}
	slices.Sort(out)
	return out
}

func stepsDiffer(state *journal.State, pr *procedure.Procedure) []string {
	var out []string
	for _, s := range pr.Steps {
		old := state.Step(s.ID)
		switch {
		case old == nil:
			out = append(out, "step "+s.ID+" is new")
		case !slices.Equal(old.Spec.Needs, s.Needs):
			out = append(out, fmt.Sprintf("step %s comes after %s, not after %s", s.ID, list(s.Needs), list(old.Spec.Needs)))
		}
	}
	for _, t := range state.Steps {
		if !slices.ContainsFunc(pr.Steps, func(s step.Spec) bool { return s.ID == t.Spec.ID }) {
			out = append(out, "step "+t.Spec.ID+" is gone")
		}
	}
	return out
}

func list(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
