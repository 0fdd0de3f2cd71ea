// Package manual is the step that a person does.
//
// Promise: it is done when a person said so, and, for the hand-over of a site, only when the site's account answers as itself, whatever
// was said; an account that answers already needs nobody. A rejection fails the step. It changes nothing itself.
package manual

import (
	"context"
	"errors"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Key is the question's key in Call.Answers.
const Key = "done"

// Sites tells who the credentials of a site are. *awscloud.Cloud does.
type Sites interface {
	// Verify asks AWS; an account that is not the site's is an error.
	Verify(context.Context, *plan.Site) (awscloud.Identity, error)
}

// New makes the kind. A Spec's Config is a *step.ManualConfig.
func New(sites Sites) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.ManualConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: manual needs a *step.ManualConfig, not %T", spec.ID, spec.Config)
		}
		return &manual{title: spec.Title, cfg: cfg, sites: sites}, nil
	}
}

type manual struct {
	title string
	cfg   *step.ManualConfig
	sites Sites
}

var _ step.Step = (*manual)(nil)

// Probe is Done when the account answers as itself, or when a person has confirmed what cannot be verified.
func (s *manual) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	if s.cfg.Handover == nil {
		if a, ok := call.Answers[Key]; ok && a.Decision != step.Reject {
			return step.Probe{Status: step.Done, Reason: "confirmed by " + a.By}, nil
		}
		return step.Probe{Status: step.Needed, Reason: "only a person can tell"}, nil
	}
	summary, err := s.answers(ctx)
	switch {
	case ctx.Err() != nil:
		return step.Probe{}, ctx.Err()
	case err != nil:
		return step.Probe{Status: step.Needed, Reason: err.Error()}, nil //nolint:nilerr // not answering yet is what Needed means
	}
	return step.Probe{Status: step.Done, Reason: summary}, nil
}

// Ensure asks a person, unless the account answers already.
func (s *manual) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	answer, answered := call.Answers[Key]
	if answered && answer.Decision == step.Reject {
		return step.Outcome{}, rejected(s.title, answer)
	}
	if s.cfg.Handover == nil {
		if !answered {
			return step.Outcome{}, s.ask("")
		}
		return step.Outcome{Summary: "confirmed by " + answer.By}, nil
	}
	summary, err := s.answers(ctx)
	switch {
	case err == nil:
		return step.Outcome{Summary: summary}, nil
	case ctx.Err() != nil:
		return step.Outcome{}, ctx.Err()
	case !answered:
		return step.Outcome{}, s.ask(err.Error())
	}
	if known, ok := errors.AsType[*step.Error](err); ok {
		e := *known
		e.What = fmt.Sprintf("%s confirmed the hand-over, but %s", answer.By, e.What)
		return step.Outcome{}, &e
	}
	return step.Outcome{}, err
}

// answers tells how the account answers as itself.
func (s *manual) answers(ctx context.Context) (string, error) {
	site := s.cfg.Handover
	if _, err := s.sites.Verify(ctx, site); err != nil {
		return "", err
	}
	return fmt.Sprintf("account %s answers as itself in %s", site.Account, site.Region), nil
}

func (s *manual) ask(seen string) *step.Ask {
	detail := s.cfg.Instructions
	if seen != "" {
		detail += "\nUntil now: " + seen
	}
	return &step.Ask{Key: Key, Prompt: s.title + ": is it done?", Detail: detail, Who: s.cfg.Who}
}

func rejected(title string, a step.Answer) *step.Error {
	e := &step.Error{Class: step.Permanent, What: fmt.Sprintf("%s: %s rejected it", title, a.By), Next: "Settle it with them, then start a new run"}
	if a.Note != "" {
		e.Why = "They said: " + a.Note
	}
	return e
}
