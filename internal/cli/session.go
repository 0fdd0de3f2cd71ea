package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/engine/local"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/report/page"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// beatEvery is how often a line says where everything stands.
const beatEvery = 15 * time.Second

// session is one run that this process works on.
type session struct {
	*Program
	id    string
	dir   string // the run's folder
	log   *file.Log
	pr    *procedure.Procedure
	cloud *stage.Cloud // of a drill
	drill string       // id of the drill that this run is a part of
	inbox local.Inbox  // brings what other processes say
	wait  bool         // for people, instead of ending with "waiting"
	width parallel     // most steps at a time
	show  func(*journal.State) error
	parts map[string]string // what a drill's application is made of
}

// session takes up a run whose journal is open.
func (p *Program) session(id, dir string, log *file.Log, pr *procedure.Procedure) *session {
	return &session{Program: p, id: id, dir: dir, log: log, pr: pr, inbox: log, show: p.conclude}
}

// runs is where the plan's runs are kept: .lifeboat/runs beside it.
func (p *Program) runs() *file.Store {
	dir := p.dir
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		dir = filepath.Dir(dir)
	}
	return &file.Store{Root: filepath.Join(dir, ".lifeboat", "runs"), Clock: p.Clock, Operator: p.operator()}
}

// find gives the run that the user means: by its id, by the start of one, or as "latest".
func (p *Program) find(name string) (string, error) {
	runs, err := p.runs().Runs()
	if err != nil {
		return "", err
	}
	if len(runs) == 0 {
		return "", usage("`"+p.call+" drill SCENARIO` makes one", "there are no runs in %s", p.runs().Root)
	}
	if name == "latest" {
		return p.latest()
	}
	match := slices.DeleteFunc(slices.Clone(runs), func(run string) bool { return !strings.HasPrefix(run, name) })
	switch {
	case slices.Contains(runs, name):
		return name, nil
	case len(match) == 1:
		return match[0], nil
	case len(match) == 0:
		return "", usage("`"+p.call+" status` lists the runs; the last one is "+runs[len(runs)-1], "there is no run %q", name)
	default:
		return "", usage("write more of it", "%q could be any of %s", name, strings.Join(match, ", "))
	}
}

// recall gives the run that the user means, and what its journal says.
func (p *Program) recall(ctx context.Context, name string) (string, *journal.State, error) {
	id, err := p.find(name)
	if err != nil {
		return "", nil, err
	}
	state, err := p.runs().Load(ctx, id)
	if err != nil {
		return "", nil, fmt.Errorf("run %s: %w", id, err)
	}
	return id, state, nil
}

// latest gives the run that began last. Names tell it only to the second.
func (p *Program) latest() (string, error) {
	list, err := p.runs().List()
	if err != nil || len(list) == 0 {
		return "", err
	}
	last := list[len(list)-1]
	for _, s := range list {
		if s.Began.After(last.Began) {
			last = s
		}
	}
	return last.Run, nil
}

func (p *Program) operator() journal.Operator {
	return journal.Operator{User: p.User, Host: p.Host, PID: p.PID}
}

// started is the first event of a run of the procedure.
func (p *Program) started(id string, pr *procedure.Procedure, label journal.Label) journal.RunStarted {
	return journal.RunStarted{
		Run: id, Application: pr.Plan.Application.Name, Scenario: pr.Scenario.Name, Site: pr.Site.Name, Label: label,
		PlanHash: pr.Plan.Hash, PlanDir: pr.Plan.Dir, PlanParts: pr.Plan.Parts, RecoveryTime: pr.Plan.Application.Objectives.RecoveryTime, RecoveryPoint: pr.Plan.Application.Objectives.RecoveryPoint,
		Without: pr.Without, TrustedUntil: pr.TrustedUntil, Steps: pr.Steps, Operator: p.operator(), Version: p.Version,
	}
}

// perform works on the run until it ends, and gives what the journal then says.
func (s *session) perform(ctx context.Context) (*journal.State, error) {
	before, err := journal.Load(ctx, s.log)
	if err != nil {
		return nil, err
	}
	view := report.NewProgress(s.Stderr, before, s.view(s.Stderr, 160))
	tell := s.tell(before)
	tell(fmt.Sprintf("run %s: %s, scenario %s, at site %s (%s, %s)", s.id, before.Facts.Application, before.Facts.Scenario, s.pr.Site.Name, s.pr.Site.Account, s.pr.Site.Region))
	makers, err := s.kinds(ctx, tell)
	if err != nil {
		return nil, err
	}
	memory, cores := proc.Machine()
	cfg := local.Config{
		Log: s.log, Steps: s.pr.Steps, Makers: makers, Sites: sites(s.pr.Plan), Limits: s.width.limit(engine.LimitsFor(memory, cores)), Clock: s.Clock,
		Operator: s.operator(), Wait: s.wait, Inbox: s.inbox, Dir: s.log.StepDir,
	}
	defer s.sweep(s.dir)
	cfg.Observe = view.Observe
	ctx, stop, modes := s.stopSignals(ctx)
	defer stop()
	if s.cloud != nil {
		players, err := s.players(ctx, tell)
		if err != nil {
			return nil, err
		}
		defer players.calls.Wait()
		cfg.Answer = func(g journal.GateOpened) (step.Answer, bool) {
			if a, ok := players.answer(g); ok {
				return a, true
			}
			return s.drillAnswer(ctx, g)
		}
		cfg.Observe = func(e journal.Entry) {
			view.Observe(e)
			players.observe(ctx, e)
		}
	}
	cfg.Stop = modes
	go func() {
		for clock.Sleep(ctx, beatEvery) == nil {
			view.Beat(s.Clock.Now())
		}
	}()
	return local.Run(ctx, cfg)
}

// sweep removes the plans that stacks saved in a run's folder, which nobody works on any more: a stack that waits for a person has one.
func (p *Program) sweep(dir string) {
	if err := terraform.DropPlans(dir); err != nil {
		p.say("A saved Terraform plan, which can hold secret values, could not be removed: %v. Remove it by hand.\n", err)
	}
}

// kinds makes the kinds of steps, until an interrupt.
func (s *session) kinds(ctx context.Context, tell func(string)) (step.Makers, error) {
	ctx, stop := s.untilSignal(ctx)
	defer stop()
	return s.Kinds(ctx, World{Run: s.id, Plan: s.pr.Plan, Dir: s.dir, Warm: filepath.Join(s.stage(), warm), Cloud: s.cloud, Tell: tell})
}

// view is how a run is looked at on w.
func (p *Program) view(w io.Writer, otherwise int) report.View {
	return report.View{Now: p.Clock.Now(), Width: width(w, otherwise), Call: p.call}
}

// tell says what happens outside the run's steps, in the form of its progress lines.
func (s *session) tell(before *journal.State) func(string) {
	return func(text string) { report.Line(s.Stderr, width(s.Stderr, 160), s.Clock.Now(), before, text) }
}

// drillAnswer answers what a drill asks a person: nobody is there at a rehearsal, and the report says who answered. A value that somebody would
// type in is invented.
func (s *session) drillAnswer(ctx context.Context, g journal.GateOpened) (step.Answer, bool) {
	if g.Key == step.AskTyped {
		if err := s.invent(ctx, g.Step); err != nil {
			s.complain(err)
			return step.Answer{}, false
		}
		return step.Answer{Decision: step.Confirm, By: "the drill", Note: "a drill invents what people would type in"}, true
	}
	return step.Answer{Decision: step.Approve, By: "the drill", Note: "a drill answers its own questions"}, true
}

// stopSignals turns the first interrupt into "finish what runs", and the second into "stop now". Both can be resumed.
func (s *session) stopSignals(ctx context.Context) (context.Context, context.CancelFunc, <-chan journal.StopMode) {
	ctx, cancel := context.WithCancel(ctx)
	modes := make(chan journal.StopMode, 2)
	if s.Signals == nil {
		return ctx, cancel, modes
	}
	signals, end := s.Signals()
	go func() {
		defer end()
		for _, mode := range []journal.StopMode{journal.Drain, journal.Halt} {
			select {
			case <-signals:
				modes <- mode
				if mode == journal.Drain {
					s.say("\nInterrupt again to stop what runs too. Either way the run can go on: %s resume %s\n", s.call, cmp.Or(s.drill, s.id))
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel, modes
}

func sites(p *plan.Plan) map[string]*plan.Site {
	out := map[string]*plan.Site{}
	for _, s := range p.Sites {
		out[s.Name] = s
	}
	return out
}

// conclude shows how a run ended, and turns that into the exit code. A reader who has gone changes nothing about how it ended.
func (p *Program) conclude(state *journal.State) error {
	if err := p.showRun(state, nil); err != nil && !readerGone(err) {
		return problem{error: fmt.Errorf("the report cannot be written: %w", err), code: ExitFailed, hint: fmt.Sprintf("the run itself ended as %s; see: %s report %s", state.Result, p.call, state.Facts.Run)}
	}
	return resultError(state)
}

// showRun writes a run's report. Holder is who works on it now.
func (p *Program) showRun(state *journal.State, holder *journal.Operator) error {
	v := p.view(p.Stdout, 120)
	v.Holder = holder
	switch p.format {
	case "json":
		return report.JSON(p.Stdout, state, v)
	case "html":
		return page.Write(p.Stdout, report.Of(state, v))
	default:
		return report.Human(p.Stdout, state, v)
	}
}

func resultError(state *journal.State) error {
	switch state.Result {
	case journal.Recovered:
		if report.Missed(state) {
			return outcome{code: ExitMissed}
		}
		return nil
	case journal.Waiting:
		return outcome{code: ExitWaiting}
	case journal.Failed, journal.Aborted:
		return outcome{code: ExitFailed}
	default:
		return fmt.Errorf("the run ended without a result")
	}
}
