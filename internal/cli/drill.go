package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

type drillOptions struct {
	vars         variables
	procedure    procedure.Options
	yes, keep    bool
	plain        bool
	all          bool
	fromSnapshot bool
	seed         uint64
	concurrency  cloudsim.Concurrency
	parallel     parallel
}

func (p *Program) drill() *cobra.Command {
	var o drillOptions
	c := &cobra.Command{
		Use: "drill SCENARIO | --all", Short: "Rehearse a recovery on the drill cloud", Args: cobra.MaximumNArgs(1),
		Long: "Starts a drill cloud, brings the application up at its site with this same plan, lets the disaster strike, and recovers. Real terraform (or " +
			"tofu) processes with the real AWS provider do the work; only the AWS they reach is simulated, and the report says so. Nothing outside this " +
			"machine is touched. A drill answers its own questions.\n\nOnce the application is up, the drill keeps a snapshot of its world under " +
			".lifeboat/snapshots: with --from-snapshot the next drill begins at the disaster, as long as the application did not change.",
		RunE: func(c *cobra.Command, args []string) error {
			err := o.concurrency.Check()
			switch {
			case err != nil:
				return err
			case o.all && len(args) > 0:
				return usage("leave out the scenario, or --all", "--all rehearses every scenario; %q is one of them", args[0])
			case o.all:
				return p.runDrills(c.Context(), o)
			case len(args) == 0:
				return usage("`"+p.call+" drill SCENARIO`, or --all", "which scenario?")
			}
			return p.runDrill(c.Context(), args[0], o)
		},
	}
	o.vars.flags(c)
	p.choices(c, &o.procedure)
	f := c.Flags()
	f.BoolVar(&o.yes, "yes", false, "accepted for symmetry with recover: a drill does not ask")
	f.BoolVar(&o.keep, "keep", false, "leave the drill cloud running at the end, to look around in it")
	f.BoolVar(&o.all, "all", false, "rehearse every scenario of the plan, one after the other, and end with one table")
	f.BoolVar(&o.fromSnapshot, "from-snapshot", false, "begin at the disaster, with the application that an earlier drill brought up, if it has not changed")
	f.BoolVar(&o.plain, "plain", false, "a cloud that answers at once and never throttles")
	concurrencyFlag(c, &o.concurrency)
	o.parallel.flag(c)
	f.Uint64Var(&o.seed, "seed", 1, "the drill cloud's identifiers, latencies and dice follow from this number")
	return c
}

func (p *Program) runDrill(ctx context.Context, scenario string, o drillOptions) error {
	pr, err := p.compile(o.vars, scenario, o.procedure)
	if err != nil {
		return err
	}
	if err := p.Check(ctx, pr.Plan); err != nil {
		return err
	}
	return p.rehearsal(ctx, pr, o, p.conclude)
}

// rehearsal is one drill of a procedure, from nothing or from a snapshot, to its end, which show shows.
func (p *Program) rehearsal(ctx context.Context, pr *procedure.Procedure, o drillOptions, show func(*journal.State) error) error {
	s, err := p.begin(ctx, pr, journal.Simulated)
	if err != nil {
		return err
	}
	s.show, s.width = show, o.parallel
	args := []string{"--seed", fmt.Sprint(o.seed)}
	if !o.plain {
		args = append(args, "--realistic")
	}
	for _, account := range slices.Sorted(maps.Keys(o.concurrency)) {
		args = append(args, "--lambda-concurrency", account+"="+strconv.Itoa(o.concurrency[account]))
	}
	if stage.Timed(pr.Plan) {
		args = append(args, "--speed", fmt.Sprint(stage.Speed))
	}
	var snap stage.Snapshot
	if snap, s.parts, err = p.snapshot(pr, o); err != nil {
		return errors.Join(err, s.log.Close())
	}
	if o.fromSnapshot {
		if world := s.restore(snap); world != "" {
			args = append(args, "--load", world)
		}
	}
	if s.cloud, err = stage.Start(ctx, p.Process, s.dir, args...); err != nil {
		return errors.Join(err, s.log.Close())
	}
	return s.rehearse(ctx, o.keep)
}

// rehearse brings a drill from wherever it stands to its end. The cloud stays while the run can go on.
func (s *session) rehearse(ctx context.Context, keep bool) error {
	err := s.strike(ctx)
	if err != nil {
		err = s.unstruck(ctx, err)
	} else {
		err = s.finish(ctx)
	}
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

// unstruck ends a drill that did not come to its disaster. Unless it was given up, it can go on.
func (s *session) unstruck(ctx context.Context, err error) error {
	events := []journal.Event{journal.RunFinished{Result: journal.Failed, Reason: "before the disaster: " + err.Error()}}
	down, notUp := errors.AsType[*drill.NotUpError](err)
	switch {
	case notUp && down.State.Result == journal.Aborted:
		events = []journal.Event{journal.StopRequested{Mode: journal.Abort, By: down.State.Stop.By}, journal.RunFinished{Result: journal.Aborted, Reason: down.State.Reason}}
	case notUp && down.State.Result == journal.Waiting, errors.Is(err, context.Canceled):
		events = []journal.Event{journal.RunFinished{Result: journal.Waiting, Reason: "stopped before the disaster"}}
	case !notUp:
		s.complain(err)
	}
	_, unwritten := s.log.Append(ctx, events...)
	state, unread := journal.Load(ctx, s.log)
	if err := errors.Join(unwritten, unread, s.log.Close()); err != nil {
		return fmt.Errorf("drill %s: %w", s.id, err)
	}
	s.say("The journals of this drill are %[1]s/journal.jsonl and, of all before the disaster, %[1]s/%[2]s/journal.jsonl\n", s.dir, bringUp)
	return s.show(state)
}

// strike lets the application live and the disaster happen, unless the journal says that both are over.
func (s *session) strike(ctx context.Context) error {
	tell := func(text string) { s.say("[drill] %s\n", text) }
	up, err := s.before().Load(ctx, bringUp)
	d := drill.Drill{
		Up:   err == nil && up.Result == journal.Recovered,
		Plan: s.pr.Plan, Scenario: s.pr.Scenario, Log: s.log, Clock: s.Clock, Tell: tell, BringUp: s.bringUp,
		Stage: furnisher{s, s.Stage(World{Run: s.id, Plan: s.pr.Plan, Dir: s.dir, Cloud: s.cloud, Tell: tell})},
	}
	return d.Strike(ctx)
}

// furnisher is a stage whose furnishing ends with an interrupt, and whose world is kept.
type furnisher struct {
	*session
	drill.Stage
}

// Furnish furnishes the stage.
func (f furnisher) Furnish(ctx context.Context, p *plan.Plan) error {
	ctx, stop := f.untilSignal(ctx)
	defer stop()
	return f.Stage.Furnish(ctx, p)
}

// Fill lets the application write, and keeps the world with what it wrote.
func (f furnisher) Fill(ctx context.Context, p *plan.Plan, home *plan.Site) error {
	err := f.Stage.Fill(ctx, p, home)
	if err == nil {
		f.keepLived(ctx)
	}
	return err
}

// bringUp is the run that builds the application before the disaster, inside the drill's folder.
const bringUp = "bring-up"

// bringUp builds the application with a run of its own, inside the drill's folder.
func (s *session) bringUp(ctx context.Context, site *plan.Site) (*journal.State, error) {
	pr, diags := procedure.BringUp(s.pr.Plan, site)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	runs := s.before()
	log, err := runs.Open(ctx, bringUp)
	if errors.Is(err, file.ErrNoRun) {
		log, err = runs.Create(ctx, s.ordinary(bringUp, pr))
	}
	if err != nil {
		return nil, err
	}
	inner := s.session(bringUp, filepath.Join(s.dir, bringUp), log, pr)
	inner.cloud, inner.drill, inner.inbox, inner.width = s.cloud, s.id, s.log, s.width // who wants to abort the drill does not wait until it is up
	state, err := inner.perform(ctx)
	if err = errors.Join(err, log.Close()); err == nil && state.Result == journal.Recovered {
		s.keepSnapshot(ctx)
	}
	return state, err
}

// before is where the run is kept that builds the application.
func (s *session) before() *file.Store {
	return &file.Store{Root: s.dir, Clock: s.Clock, Operator: s.operator()}
}

// ordinary is the first event of a run that builds the application on an ordinary day: no objective, no recovery clock.
func (s *session) ordinary(id string, pr *procedure.Procedure) journal.RunStarted {
	first := s.started(id, pr, journal.Simulated)
	first.RecoveryTime, first.RecoveryPoint = 0, 0
	return first
}
