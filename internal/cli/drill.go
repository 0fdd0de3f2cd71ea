package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/engine/local"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

type drillOptions struct {
	vars      variables
	procedure procedure.Options
	yes, keep bool
	plain     bool
	seed      uint64
}

func (p *Program) drill() *cobra.Command {
	var o drillOptions
	c := &cobra.Command{
		Use: "drill SCENARIO", Short: "Rehearse a recovery on the drill cloud", Args: exactly("SCENARIO"),
		Long: "Starts a drill cloud, brings the application up at its site with this same plan, lets the disaster strike, and recovers. Real terraform (or\n" +
			"tofu) processes with the real AWS provider do the work; only the AWS they reach is simulated, and the report says so. Nothing outside this\n" +
			"machine is touched. A drill answers its own questions.",
		RunE: func(c *cobra.Command, args []string) error { return p.runDrill(c.Context(), args[0], o) },
	}
	o.vars.flags(c)
	without(c, &o.procedure)
	f := c.Flags()
	f.BoolVar(&o.yes, "yes", false, "accepted for symmetry with recover: a drill does not ask")
	f.BoolVar(&o.keep, "keep", false, "leave the drill cloud running at the end, to look around in it")
	f.BoolVar(&o.plain, "plain", false, "a cloud that answers at once and never throttles")
	f.Uint64Var(&o.seed, "seed", 1, "the drill cloud's identifiers, latencies and dice follow from this number")
	return c
}

func (p *Program) runDrill(ctx context.Context, scenario string, o drillOptions) error {
	pr, err := p.compile(o.vars, scenario, o.procedure)
	if err != nil {
		return err
	}
	s, err := p.begin(ctx, pr, journal.Simulated)
	if err != nil {
		return err
	}
	args := []string{"--seed", fmt.Sprint(o.seed)}
	if !o.plain {
		args = append(args, "--realistic")
	}
	if s.cloud, err = stage.Start(ctx, p.Process, s.dir, args...); err != nil {
		return errors.Join(err, s.log.Close())
	}
	return s.rehearse(ctx, o.keep)
}

// rehearse brings a drill from wherever it stands to its end. The cloud stays while the run can go on.
func (s *session) rehearse(ctx context.Context, keep bool) error {
	if err := s.strike(ctx); err != nil {
		return errors.Join(err, s.log.Close(), s.cloud.Stop(ctx))
	}
	err := s.finish(ctx)
	var o outcome
	done := err == nil || errors.As(err, &o) && o.code == ExitMissed
	switch {
	case keep, !done:
		s.say("The drill cloud goes on at %s until an hour passes without a call.\n", s.cloud.Endpoint)
		return err
	default:
		return errors.Join(err, s.cloud.Stop(ctx))
	}
}

// strike lets the application live and the disaster happen, unless the journal says that both are over.
func (s *session) strike(ctx context.Context) error {
	tell := func(text string) { s.say("[drill] %s\n", text) }
	d := drill.Drill{
		Plan: s.pr.Plan, Scenario: s.pr.Scenario, Log: s.log, Clock: s.Clock, Tell: tell, BringUp: s.bringUp,
		Stage: s.Stage(World{Run: s.id, Plan: s.pr.Plan, Dir: s.dir, Cloud: s.cloud, Tell: tell}),
	}
	return d.Strike(ctx)
}

// bringUp builds the application with a run of its own, inside the drill's folder.
func (s *session) bringUp(ctx context.Context, site *plan.Site) (*journal.State, error) {
	pr, diags := procedure.BringUp(s.pr.Plan, site)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	const id = "bring-up"
	runs := &file.Store{Root: s.dir, Clock: s.Clock, Operator: s.operator()}
	log, err := runs.Open(ctx, id)
	if errors.Is(err, file.ErrNoRun) {
		log, err = runs.Create(ctx, s.ordinary(id, pr))
	}
	if err != nil {
		return nil, err
	}
	inner := &session{Program: s.Program, id: id, dir: filepath.Join(s.dir, id), log: log, pr: pr, cloud: s.cloud}
	state, err := inner.perform(ctx)
	if errors.Is(err, local.ErrOver) {
		err = nil // an earlier process brought it up
	}
	return state, errors.Join(err, log.Close())
}

// ordinary is the first event of a run that builds the application on an ordinary day: no objective, no recovery clock.
func (s *session) ordinary(id string, pr *procedure.Procedure) journal.RunStarted {
	first := s.started(id, pr, journal.Simulated)
	first.RecoveryTime = 0
	return first
}
