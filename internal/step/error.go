package step

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Class sorts errors by what to do next.
type Class string

// The classes of errors.
const (
	Permanent Class = "permanent" // trying again gives the same
	Transient Class = "transient" // trying again may help
	Throttle  Class = "throttle"  // AWS asks to slow down
	Cancelled Class = "cancelled" // we were told to stop
	Timeout   Class = "timeout"   // the step's own time limit passed
)

// Error is a failure of the world, said so that a tired person can act.
type Error struct {
	Class  Class
	What   string // what failed, one line
	Site   string // where
	Action string // the AWS action, such as s3:CreateBucket; empty when it was none
	Why    string // why it matters, or what the cause is
	Next   string // what to do
	Err    error
}

// Error is one line: what, where, action, cause; then the advice.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.What)
	if e.Site != "" {
		fmt.Fprintf(&b, " at site %q", e.Site)
	}
	if e.Action != "" {
		fmt.Fprintf(&b, " (%s)", e.Action)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	for _, s := range []string{e.Why, e.Next} {
		if s != "" {
			b.WriteString(". " + diag.Sentence(strings.TrimSuffix(s, ".")))
		}
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf sorts an error. What nobody classified is Permanent: trying a thing again that we do not understand is a guess.
func ClassOf(err error) Class {
	var e *Error
	switch {
	case errors.As(err, &e) && e.Class != "":
		return e.Class
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Cancelled
	default:
		return Permanent
	}
}

// Ask is returned as an error by Ensure when only a person can decide. The engine opens a gate, and calls Ensure again with the
// answer. Key tells questions of one step apart; it is stable, so that an answer given once still counts after a resume.
type Ask struct { //nolint:errname // a question, returned where an error would be
	Key    string
	Prompt string // the question, one line
	Detail string // what the person needs to see to decide; no secrets
	Who    string // whom it is for
	Only   bool   // nobody but Who can say yes
	Again  bool   // the world may answer it meanwhile: a resume looks again, instead of waiting on
}

// The keys of the questions about an API key.
const (
	AskReceived = "received" // has the consumer got it?
	AskCalled   = "called"   // has the consumer called with it?
)

// Error is the question.
func (a *Ask) Error() string { return "waiting for a person: " + a.Prompt }

// Decision is what a person answered.
type Decision string

// The decisions.
const (
	Approve Decision = "approve" // go on and do it
	Confirm Decision = "confirm" // I did it, or it is done
	Reject  Decision = "reject"  // do not do it: the step fails
)

// Answer is a decision and who made it.
type Answer struct {
	Decision Decision `json:"decision"`
	By       string   `json:"by"`
	Note     string   `json:"note,omitempty"`
}
