package value

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// untrustedError says that a source has only versions that were made after the trusted instant.
type untrustedError struct {
	what   string
	oldest time.Time // zero: it has none at all
	until  time.Time
}

func (e *untrustedError) Error() string {
	if e.oldest.IsZero() {
		return e.what + " has no version"
	}
	return fmt.Sprintf("the oldest version of %s is of %s, later than %s, until when copies are trusted", e.what, stamp(e.oldest), stamp(e.until))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// until is the instant after which nothing that was made counts; zero when everything does.
func (v *value) until(call *step.Call) (time.Time, error) {
	switch {
	case !v.trust.Compromised:
		return time.Time{}, nil
	case !v.trust.Until.IsZero():
		return v.trust.Until, nil
	case !call.Disaster.IsZero():
		return call.Disaster, nil
	}
	return time.Time{}, &step.Error{
		Class: step.Permanent, What: "nobody said since when copies of " + v.String() + " are not trusted",
		Why:  "An intruder may have changed what was made later",
		Next: "Write trusted_until into the scenario and run `lifeboat resume --accept-plan-change`, or begin the run with --trusted-until or --since",
	}
}

// copied takes the value from the first source that has it whole, and says from where. Where no source has a version that is trusted, a person is
// asked.
func (v *value) copied(ctx context.Context, call *step.Call) (content, string, error) {
	if len(v.from) == 0 {
		return content{}, "", v.ask(call, "The plan names no source for it that the disaster left.")
	}
	until, err := v.until(call)
	if err != nil {
		return content{}, "", err
	}
	var untrusted []string
	got, from, err := source.First(ctx, v.plan, v.from, v.String(), func(ctx context.Context, site *plan.Site) (content, error) {
		got, err := v.read(ctx, site, until)
		if _, ok := errors.AsType[*untrustedError](err); ok {
			untrusted = append(untrusted, fmt.Sprintf("At site %q %v.", site.Name, err))
		}
		return got, err
	})
	switch {
	case err != nil && len(untrusted) == len(v.from):
		return content{}, "", v.ask(call, strings.Join(untrusted, " "))
	case err != nil:
		if e, ok := errors.AsType[*step.Error](err); ok && e.Next == "" {
			e.Next = fmt.Sprintf("Put the copy back at its source, or type the value in with `lifeboat put %s %s`; then run `lifeboat resume`", call.Run, call.Step)
		}
		return content{}, "", err
	}
	how := fmt.Sprintf("copied from site %q", from.Name)
	if !got.made.IsZero() {
		how += ", version of " + stamp(got.made)
	}
	if got.newer {
		how += ", newer ones are not trusted"
	}
	return got, how, nil
}

func (v *value) read(ctx context.Context, site *plan.Site, until time.Time) (content, error) {
	c, err := v.sites.At(ctx, site)
	if err != nil {
		return content{}, err
	}
	got, err := v.open(c).read(ctx, until)
	if code := awscloud.Code(err); !until.IsZero() && (code == "ResourceNotFoundException" || code == "ParameterNotFound") {
		return content{}, &untrustedError{what: v.String()} // for sure: a person may type it in
	}
	if err != nil {
		return content{}, err
	}
	if lacks := got.lacks(v.kept); len(lacks) > 0 {
		return content{}, &step.Error{
			Class: step.Permanent, Site: site.Name, What: fmt.Sprintf("%s lacks key %s", v, strings.Join(lacks, ", ")),
			Next: "Add the key at the source, or take it out of the plan's keys",
		}
	}
	return got, nil
}

// ask wants a person to type the value in.
func (v *value) ask(call *step.Call, why string) error {
	detail := fmt.Sprintf("%s Type it in:\n  lifeboat put %s %s\nor create it at site %q, and confirm:\n  "+v.byHand, why, call.Run, call.Step, call.Site.Name, call.Site.Region, v.name)
	if len(v.kept) > 0 {
		detail += "\nIts JSON keys: " + strings.Join(v.kept, ", ")
	}
	if a, ok := call.Answers[step.AskTyped]; ok {
		return &step.Error{Class: step.Permanent, Site: call.Site.Name, What: fmt.Sprintf("%s has no value, though %s answered %s", v, a.By, a.Decision), Next: detail}
	}
	return &step.Ask{Key: step.AskTyped, Prompt: fmt.Sprintf("What is the value of %s?", v), Detail: detail, Who: v.plan.Application.Owner}
}

// pick chooses the newest of versions that were made until an instant.
func pick[T any](what string, versions []T, made func(T) time.Time, until time.Time) (best T, newer bool, err error) {
	refused := &untrustedError{what: what, until: until}
	found := false
	for _, x := range versions {
		at := made(x)
		if refused.oldest.IsZero() || at.Before(refused.oldest) {
			refused.oldest = at
		}
		switch {
		case at.After(until):
			newer = true
		case !found || at.After(made(best)):
			best, found = x, true
		}
	}
	if !found {
		return best, newer, refused
	}
	return best, newer, nil
}
