// Package command is the step that runs any other program: argv, never a shell.
//
// Promise: with a probe, the program runs only when the probe says that it is needed, and the step succeeds only when the probe
// says afterwards that it is not. Without a probe it runs each time, and its idempotency is its author's promise. What a
// probe cannot tell (an exit code besides 0 and 1) becomes a question to a person. A program that outlived a killed lifeboat is waited
// for: two tries never run at once.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Key is the key in Call.Answers of the question whether to run the command when the probe cannot tell.
const Key = "unknown"

// New makes the kind. A Spec's Config is a *step.CommandConfig.
func New(run argv.Runner) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.CommandConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: command needs a *step.CommandConfig, not %T", spec.ID, spec.Config)
		}
		return &command{cfg: cfg, run: run}, nil
	}
}

type command struct {
	cfg *step.CommandConfig
	run argv.Runner
}

var _ step.Step = (*command)(nil)

// Probe runs the plan's probe.
func (s *command) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	c := s.cfg.Command
	if len(c.Probe) == 0 {
		return step.Probe{Status: step.Needed, Reason: "the plan has no probe for it: it is run each time"}, nil
	}
	err := s.run.Run(ctx, call, argv.Line{Argv: c.Probe, Env: c.Env, Dir: s.cfg.Dir})
	var exit *proc.Exit
	switch {
	case err == nil:
		return step.Probe{Status: step.Done, Reason: "its probe says that nothing is to do"}, nil
	case ctx.Err() != nil || !errors.As(err, &exit):
		return step.Probe{}, err
	case exit.Code == 1:
		return step.Probe{Status: step.Needed, Reason: "its probe says that it is needed"}, nil
	}
	return step.Probe{Status: step.Unknown, Reason: fmt.Sprintf("its probe cannot tell: %v", err)}, nil
}

// Ensure runs the command if it is needed.
func (s *command) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	held, err := hold(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	if held != nil {
		defer held.Close() //nolint:errcheck // nothing was written to it
	}
	before, err := s.Probe(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	if before.Status == step.Done {
		return step.Outcome{Summary: before.Reason}, nil
	}
	if before.Status == step.Unknown {
		switch a, ok := call.Answers[Key]; {
		case !ok:
			return step.Outcome{}, &step.Ask{Key: Key, Prompt: "Run the command? Its probe cannot tell whether it is needed", Detail: before.Reason + "\nApprove to run it, confirm when it is done already."}
		case a.Decision == step.Confirm:
			return step.Outcome{Summary: "done already, says " + a.By}, nil
		case a.Decision == step.Reject:
			return step.Outcome{}, &step.Error{Class: step.Permanent, What: "the command was not run: " + a.By + " rejected it"}
		}
	}
	c := s.cfg.Command
	line := argv.Line{Argv: c.Argv, Env: c.Env, Dir: s.cfg.Dir}
	if held != nil {
		line.In = held
	}
	if err := s.run.Run(ctx, call, line); err != nil {
		return step.Outcome{}, err
	}
	if len(c.Probe) > 0 {
		after, err := s.Probe(ctx, call)
		if err != nil {
			return step.Outcome{}, err
		}
		if after.Status != step.Done {
			return step.Outcome{}, &step.Error{
				Class: step.Permanent, What: "the command ended well, but " + after.Reason, Why: "Nothing proves that it did its work",
				Next: "Check the command and its probe, then run `lifeboat resume`",
			}
		}
	}
	return step.Outcome{Changed: true, Summary: "the command ended well"}, nil
}

// hold waits until no earlier try of the step runs. The empty file that it gives becomes the standard input of the command, which so holds
// it for as long as it lives, also after we were killed. Nil where the step has no folder.
func hold(ctx context.Context, call *step.Call) (*os.File, error) {
	if call.Dir == "" {
		return nil, nil
	}
	for told := false; ; told = true {
		f, err := proc.OpenHeld(filepath.Join(call.Dir, "stdin"))
		if !errors.Is(err, proc.ErrHeld) {
			return f, err
		}
		if !told {
			call.Tell(step.Progress{Message: "an earlier try is still at work; waiting until it has ended"})
		}
		if err := clock.Sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, fmt.Errorf("an earlier try of %s is still at work: %w", call.Step, err)
		}
	}
}
