package cli

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// The exit codes of every command.
const (
	ExitDone     = 0
	ExitFailed   = 1
	ExitWrong    = 2 // the command or the plan
	ExitMissed   = 3 // done, objectives missed
	ExitWaiting  = 4 // for a person
	ExitFindings = 5 // at or above the threshold
	ExitBroken   = 6 // the journal or evidence does not verify
)

// outcome ends a command with an exit code and nothing more to say: what there was to say has been shown.
type outcome struct {
	code  int
	cause error
}

func (o outcome) Error() string { return fmt.Sprintf("exit code %d", o.code) }
func (o outcome) Unwrap() error { return o.cause }

// silent marks diagnostics that have been shown already.
func silent(err error) error {
	if err == nil {
		return nil
	}
	return outcome{ExitWrong, err}
}

// exit shows the error, unless that has been done, and gives its exit code.
func (p *Program) exit(err error) int {
	var o outcome
	var f *diag.Failure
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &o):
		return o.code
	case errors.Is(err, syscall.EPIPE):
		return ExitFailed // whoever read our output has gone; there is nobody to tell
	case errors.As(err, &f):
		if diag.Write(p.Stderr, f.List, nil, p.width(100)) != nil {
			return ExitFailed
		}
		return ExitWrong
	case isUsage(err), !p.began: // cobra's own errors come before any command begins
		p.say("lifeboat: %v\nRun 'lifeboat --help' or 'lifeboat COMMAND --help'.\n", err)
		return ExitWrong
	case errors.Is(err, journal.ErrBroken):
		p.say("lifeboat: %v\n", err)
		return ExitBroken
	case errors.Is(err, context.Canceled):
		p.say("lifeboat: stopped\n")
		return ExitFailed
	default:
		p.say("lifeboat: %v\n", err)
		return ExitFailed
	}
}

// say writes to standard error. Where that fails there is nowhere left to say so.
func (p *Program) say(format string, args ...any) { _, _ = fmt.Fprintf(p.Stderr, format, args...) }
