// Package diag holds diagnostics: what is wrong with the user's text, and where.
//
// Promise: a List gathers everything that is wrong at once; nil is "nothing"; each diagnostic points at the
// source and says what to do. Errors of the world (a failed AWS call) are Go errors, not diagnostics.
package diag

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity tells whether a diagnostic forbids to go on.
type Severity int

// The severities.
const (
	Error Severity = iota
	Warning
)

// String is "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Pos is a position in a file. Line and Column start at 1 and count as people do; Byte starts at 0.
type Pos struct{ Line, Column, Byte int }

// Range is a piece of a file. The zero Range is "nowhere in particular".
type Range struct {
	File       string
	Start, End Pos
}

// String is file:line:column, or the empty string.
func (r Range) String() string {
	if r.File == "" {
		return ""
	}
	if r.Start.Line == 0 {
		return r.File // the whole of it
	}
	return fmt.Sprintf("%s:%d:%d", r.File, r.Start.Line, r.Start.Column)
}

// Note is a further place that a diagnostic speaks of, such as another edge of a cycle.
type Note struct {
	Text  string
	Range Range
}

// Diagnostic is one thing that is wrong.
type Diagnostic struct {
	Severity Severity
	Summary  string // one line, no full stop
	Detail   string // why it is wrong
	Hint     string // what to do
	Subject  Range
	Notes    []Note
}

// List is any number of diagnostics. Nil is none.
type List []Diagnostic

// Errorf gives a List of one error.
func Errorf(subject Range, summary, format string, args ...any) List {
	return List{{Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: subject}}
}

// HasErrors tells whether any diagnostic is an Error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sorted gives the diagnostics by file and position, errors before warnings at the same place.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		if c := strings.Compare(a.Subject.File, b.Subject.File); c != 0 {
			return c
		}
		if c := a.Subject.Start.Byte - b.Subject.Start.Byte; c != 0 {
			return c
		}
		return int(a.Severity) - int(b.Severity)
	})
	return out
}

// Failure is a List that contains errors, as a Go error.
type Failure struct{ List List } //nolint:errname // it reads as diag.Failure

// Error is the first error's place and summary, and how many there are.
func (f *Failure) Error() string {
	for _, d := range f.List {
		if d.Severity != Error {
			continue
		}
		text := d.Summary
		if at := d.Subject.String(); at != "" {
			text = at + ": " + text
		}
		if n := len(f.List); n > 1 {
			text += fmt.Sprintf(" (and %d more)", n-1)
		}
		return text
	}
	return "no errors"
}

// Err is nil when nothing forbids to go on, else a *Failure that holds the whole list.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return &Failure{List: l}
}

// FromError gives the List inside err, if err is a *Failure.
func FromError(err error) (List, bool) {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.List, true
	}
	return nil, false
}
