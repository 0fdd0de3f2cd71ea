package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/procedure/view"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

type recoverOptions struct {
	vars      variables
	procedure procedure.Options
	yes, wait bool
	sandbox   bool
	since     string
	parallel  parallel
}

func (p *Program) recover() *cobra.Command {
	var o recoverOptions
	c := &cobra.Command{
		Use: "recover SCENARIO", Short: "Bring the application back, for real", Args: exactly("SCENARIO"),
		Long: "Shows the procedure and asks once; then executes it. Nothing is changed at a site whose account and region were not verified in this run, and " +
			"nothing is destroyed or replaced unless a person allowed it. It can be interrupted or killed at any moment: `lifeboat resume` goes on.",
		RunE: func(c *cobra.Command, args []string) error { return p.runRecover(c.Context(), args[0], o) },
	}
	o.vars.flags(c)
	p.choices(c, &o.procedure)
	c.Flags().BoolVar(&o.yes, "yes", false, "do not ask: for automation")
	c.Flags().StringVar(&o.since, "since", "", "when the disaster began, `TIME`: 2026-11-23T03:00:00Z, or how long ago, -15m or -1d; the recovery clock starts there instead of now")
	c.Flags().BoolVar(&o.wait, "wait", false, "stay while people are waited for, instead of ending with exit code 4")
	o.parallel.flag(c)
	c.Flags().BoolVar(&o.sandbox, "sandbox", false, "the site is a sandbox account: label the run so")
	return c
}

func (p *Program) runRecover(ctx context.Context, scenario string, o recoverOptions) error {
	pr, err := p.compile(o.vars, scenario, o.procedure)
	if err != nil {
		return err
	}
	began, err := p.disaster(pr, o.since)
	if err != nil {
		return err
	}
	if err := p.Check(ctx, pr.Plan); err != nil {
		return err
	}
	_ = view.Human(p.Stderr, pr, width(p.Stderr, 100)) // that nobody can read it must not stop a recovery
	if !o.yes {
		if err := p.ask(fmt.Sprintf("\nExecute this at account %s in %s? Type the account number to go on: ", pr.Site.Account, pr.Site.Region), pr.Site.Account); err != nil {
			return err
		}
	}
	p.say("\n")
	label := journal.Live
	if o.sandbox {
		label = journal.Sandbox
	}
	s, err := p.begin(ctx, pr, label, began...)
	if err != nil {
		return err
	}
	s.wait, s.width = o.wait, o.parallel
	return s.finish(ctx)
}

// disaster marks when the disaster began, if that was said. After a compromise nothing is trusted without an instant, so one must be.
func (p *Program) disaster(pr *procedure.Procedure, since string) ([]journal.Event, error) {
	if since == "" {
		if pr.Scenario.Compromised && pr.Scenario.TrustedUntil.IsZero() {
			return nil, usage("add --since TIME, when the intruder came, or --trusted-until TIME, the last instant whose copies count", "nobody said since when copies of values are not trusted in scenario %q", pr.Scenario.Name)
		}
		return nil, nil
	}
	at, err := instant(since, p.Clock.Now())
	if err != nil {
		return nil, usage("", "--since: %v", err)
	}
	return []journal.Event{journal.Marked{Name: journal.MarkDisaster, At: at, Note: "as " + p.User + " said with --since"}}, nil
}

// begin makes a new run of the procedure.
func (p *Program) begin(ctx context.Context, pr *procedure.Procedure, label journal.Label, more ...journal.Event) (*session, error) {
	id, runs := file.NewID(p.Clock.Now(), pr.Scenario.Name), p.runs()
	log, err := runs.Create(ctx, p.started(id, pr, label), more...)
	if err != nil {
		return nil, err
	}
	return p.session(id, filepath.Join(runs.Root, id), log, pr), nil
}

// finish performs the run, closes its journal and shows how it ended.
func (s *session) finish(ctx context.Context) error {
	state, err := s.perform(ctx)
	err = errors.Join(err, s.log.Close())
	if err != nil {
		return s.later(fmt.Errorf("run %s: %w", s.id, err))
	}
	return s.show(state)
}

// later says how to go on with a run that an error has ended.
func (s *session) later(err error) error {
	code := ExitFailed
	if errors.Is(err, context.Canceled) {
		err, code = fmt.Errorf("run %s was stopped", s.id), ExitWaiting
	}
	id := cmp.Or(s.drill, s.id)
	return runError{problem{err, code, fmt.Sprintf("go on with: %s resume %s", s.call, id)}, id}
}

// ask wants one exact answer from the person at the terminal.
func (p *Program) ask(question, want string) error {
	if _, ok := proc.Terminal(p.Stderr); !ok {
		return usage("add --yes to go on without being asked, as automation does", "there is no terminal to ask on; nothing was done")
	}
	p.say("%s", question)
	line, err := bufio.NewReader(io.LimitReader(p.Stdin, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != want {
		p.say("That is not %q: nothing was done.\n", want)
		return outcome{code: ExitWrong}
	}
	return nil
}
