// Package apikey is the steps for the API keys of consumers: api_key brings a key to its consumer, first_call sees that it is used.
//
// Promise: afterwards the consumer's key is there, enabled and in its usage plan, the consumer got it encrypted to nobody else, and the
// consumer's contact has confirmed that. After a region loss it has the value that the consumer knows; after a compromise always a new one, and no
// older key of that name works. A try that was cut off makes no second key and sends no second value. No outcome, error, progress or question
// holds a key's value.
package apikey

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// Deps are what the steps work with.
type Deps struct {
	Sites    Sites
	Plan     *plan.Plan
	Dir      string            // private folder of the run: encrypted keys are put into its folder "handover"
	Web      http.RoundTripper // to webhooks
	Clock    clock.Clock
	Patience time.Duration // how long a first call is waited for, before a person is; 0 is five minutes
}

// New makes the kind step.APIKey. A Spec's Config is a *step.APIKeyConfig; its sources are sites of Deps.Plan.
func New(d Deps) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		h, err := newHolder(d, spec)
		if err != nil {
			return nil, err
		}
		return &apiKey{h}, nil
	}
}

// apiKey brings one consumer's key.
type apiKey struct{ *holder }

var _ step.Step = (*apiKey)(nil)

// Probe is Done when the consumer's contact has confirmed the key, or when nothing was lost that a consumer holds.
func (s *apiKey) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	w, err := s.look(ctx, call)
	if err != nil {
		return step.Probe{}, err
	}
	lacks, err := w.lacks(ctx)
	if err != nil {
		return step.Probe{}, err
	}
	p := step.Probe{Status: step.Needed, Reason: lacks}
	a, confirmed := call.Answers[step.AskReceived]
	switch {
	case lacks != "":
		return p, nil
	case confirmed && a.Decision != step.Reject:
		d, err := w.openDelivery()
		if err != nil {
			return step.Probe{}, err
		}
		if d.keeps() {
			p.Reason = "the key is there and confirmed; where values are kept it is not known yet"
			return p, nil
		}
		p.Status, p.Reason, p.Duties = step.Done, fmt.Sprintf("the key is there, and %s confirmed it", a.By), d.Duties
	case !s.inPlace || w.mine(w.key):
		p.Reason = s.cfg.Consumer.Name + " has not confirmed the key"
		return p, nil
	case s.cfg.Key.KeyID != nil && call.Disaster.IsZero():
		p.Status, p.Reason = step.Unknown, fmt.Sprintf("Terraform made the key at %s, and nobody said when the disaster was: %s may not have its value", w.key.created.UTC().Format(time.RFC3339), s.cfg.Consumer.Name)
		return p, nil
	case s.cfg.Key.KeyID != nil && !w.key.created.Before(call.Disaster.Truncate(time.Second)):
		p.Reason = "Terraform made the key anew after the disaster"
		return p, nil
	default:
		p.Status, p.Reason = step.Done, fmt.Sprintf("the key is there, enabled and in its usage plan: %s keeps it", s.cfg.Consumer.Name)
	}
	p.Outputs = w.outputs()
	return p, nil
}

// Ensure makes the key, hands it over, and asks whether it arrived.
func (s *apiKey) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	w, err := s.look(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	changed, err := w.ensure(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	d, err := w.openDelivery()
	if err != nil {
		return step.Outcome{}, err
	}
	for _, part := range []func(context.Context) (bool, error){d.keep, d.share, d.send} {
		did, err := part(ctx)
		if err != nil {
			return step.Outcome{}, err
		}
		changed = changed || did
	}
	a, ok := call.Answers[step.AskReceived]
	if !ok || a.Decision == step.Reject {
		return step.Outcome{}, d.ask()
	}
	return step.Outcome{Changed: changed, Summary: fmt.Sprintf("%s; %s confirmed it", w.words(), a.By), Outputs: w.outputs(), Duties: d.Duties}, nil
}

// words say what key the consumer has now.
func (w *world) words() string {
	who := w.cfg.Consumer.Name
	switch {
	case w.cfg.Key.KeyID != nil:
		return fmt.Sprintf("%s has the key that Terraform made", who)
	case w.cfg.Trust.Compromised && w.retired > 0:
		return fmt.Sprintf("%s has a new key, because of the compromise; older keys of its name are disabled", who)
	case w.cfg.Trust.Compromised:
		return fmt.Sprintf("%s has a new key, because of the compromise", who)
	case !w.kept.Empty() && w.key.value.Equal(w.kept):
		return fmt.Sprintf("%s has its key again, with the same value", who)
	case w.mine(w.key):
		return fmt.Sprintf("%s has a new key: no value was kept", who)
	}
	return fmt.Sprintf("%s has the key that was there", who)
}

func (w *world) outputs() step.Outputs {
	return step.Outputs{"key_id": plan.Of(w.key.id), "url": plan.Of(w.url)}
}

// text resolves an expression that must have a value; nil is empty.
func text(call *step.Call, e plan.Expr) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := call.Resolve(e)
	if err != nil {
		return "", err
	}
	t, err := v.Text()
	if err != nil || strings.TrimSpace(t.Reveal()) == "" {
		return "", fmt.Errorf("value at %s: %w", e.Range(), cmp.Or(err, errEmpty))
	}
	return t.Reveal(), nil
}
