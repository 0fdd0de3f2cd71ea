package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/step"
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

// problem is an error with its exit code and what to do about it.
type problem struct {
	error
	code int
	hint string
}

func (p problem) Unwrap() error { return p.error }

// runError is a problem that ended a run for this process.
type runError struct {
	problem
	run string
}

func (p runError) Unwrap() error { return p.problem }

// usage is a mistake in the command itself.
func usage(hint, format string, args ...any) error {
	return problem{error: fmt.Errorf(format, args...), code: ExitWrong, hint: hint}
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
	case readerGone(err):
		return ExitFailed // there is nobody to tell
	case errors.As(err, &f):
		p.show(f.List, nil)
		return ExitWrong
	default:
		return p.complain(err)
	}
}

// complain shows an error in the form of a diagnostic, and gives its exit code.
func (p *Program) complain(err error) int {
	d, code := diag.Diagnostic{Summary: err.Error()}, ExitFailed
	if s, ok := errors.AsType[*step.Error](err); ok {
		where := step.Error{What: s.What, Site: s.Site, Action: s.Action}
		d.Summary = strings.TrimSuffix(err.Error(), s.Error()) + where.Error()
		d.Detail, d.Hint = diag.Sentence(s.Why), s.Next
		if s.Err != nil {
			d.Detail = strings.TrimSuffix(diag.Sentence(s.Err.Error())+"\n"+d.Detail, "\n")
		}
	}
	if d.Hint == "" {
		d.Hint = step.DiskAdvice(err)
	}
	var pr problem
	var of runError
	_ = errors.As(err, &of) // else no run is named
	switch {
	case errors.Is(err, journal.ErrBroken):
		code = ExitBroken
		d.Detail = "A journal that does not verify proves nothing, and a run cannot go on from it. Nothing was changed."
		d.Hint = "put the run's folder back from a copy, or start a new run: its probes find what is done already"
	case errors.As(err, &pr):
		code, d.Hint = pr.code, p.advice(d.Hint, of.run)
		if of.run == "" || !strings.Contains(d.Hint, " resume "+of.run) { // that would be said twice
			d.Hint = join(d.Hint, pr.hint)
		}
	case !p.began: // cobra's own errors come before any command begins
		code, d.Hint = ExitWrong, "`lifeboat --help` lists the commands"
	case errors.Is(err, context.Canceled):
		d.Summary = "stopped"
	}
	for _, text := range []*string{&d.Summary, &d.Detail, &d.Hint} {
		*text = p.advice(*text, of.run)
	}
	_ = diag.Show(p.Stderr, d, width(p.Stderr, 100)) // where that fails there is nowhere left to say so
	return code
}

// advice is what to do, as this user would type it.
func (p *Program) advice(text, run string) string {
	return report.Advice(text, cmp.Or(p.call, "lifeboat"), run)
}

// readerGone tells whether whoever read our results has gone away, as in lifeboat ... | head.
func readerGone(err error) bool {
	w, ok := errors.AsType[*fs.PathError](err)
	return ok && errors.Is(w, syscall.EPIPE) && w.Path == "/dev/stdout"
}

// join puts two pieces of advice behind each other.
func join(first, then string) string {
	if first == "" || then == "" {
		return first + then
	}
	return strings.TrimSuffix(first, ".") + "; " + then
}

// say writes to standard error. Where that fails there is nowhere left to say so.
func (p *Program) say(format string, args ...any) { _, _ = fmt.Fprintf(p.Stderr, format, args...) }
