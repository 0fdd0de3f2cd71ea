package apikey

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// How a first call is waited for. API Gateway's control plane takes 10 calls a second for everybody; a person is slower than the last delay.
const (
	usualPatience = 5 * time.Minute
	firstDelay    = 500 * time.Millisecond
	lastDelay     = 10 * time.Second
)

// NewFirstCall makes the kind step.FirstCall. A Spec's Config is a *step.APIKeyConfig.
func NewFirstCall(d Deps) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		h, err := newHolder(d, spec)
		if err != nil {
			return nil, err
		}
		return &firstCall{h}, nil
	}
}

// firstCall sees that a consumer has called. It changes nothing. API Gateway counts calls by key and day (UTC), so a key that this run did not
// make counts from the day of the disaster on.
type firstCall struct{ *holder }

var _ step.Step = (*firstCall)(nil)

// Probe looks once.
func (s *firstCall) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	w, err := s.look(ctx, call)
	if err != nil {
		return step.Probe{}, err
	}
	seen, err := w.called(ctx)
	switch {
	case err != nil:
		return step.Probe{}, err
	case seen == "":
		return step.Probe{Status: step.Needed, Reason: s.cfg.Consumer.Name + " has not called with its key"}, nil
	}
	return step.Probe{Status: step.Done, Reason: seen}, nil
}

// Ensure looks again and again, and then leaves it to people.
func (s *firstCall) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	w, err := s.look(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	who := s.cfg.Consumer
	patience := cmp.Or(s.Patience, usualPatience)
	for waited, delay := time.Duration(0), firstDelay; ; waited, delay = waited+delay, min(2*delay, lastDelay) {
		seen, err := w.called(ctx)
		if err != nil {
			return step.Outcome{}, err
		}
		if seen != "" {
			return step.Outcome{Summary: seen}, nil
		}
		if a, ok := call.Answers[step.AskCalled]; ok && a.Decision != step.Reject {
			return step.Outcome{Summary: fmt.Sprintf("%s says that %s has called; API Gateway has not counted a call yet", a.By, who.Name)}, nil
		}
		if waited >= patience {
			return step.Outcome{}, w.askCalled(patience)
		}
		call.Tell(step.Progress{Message: "no call of " + who.Name + " yet"})
		if err := clock.Sleep(ctx, delay); err != nil {
			return step.Outcome{}, err
		}
	}
}

func (w *world) askCalled(waited time.Duration) *step.Ask {
	c, address := w.cfg.Consumer, ""
	if w.url != "" {
		address = " at " + w.url
	}
	return &step.Ask{
		Key: step.AskCalled, Prompt: fmt.Sprintf("Has %s called with its key?", c.Name), Who: c.Contact, Only: true, Again: true,
		Detail: fmt.Sprintf("API Gateway has counted no call with key %s%s for %s. `lifeboat resume %s` looks again. If %s is sure:\n  lifeboat confirm %s %s --by %q",
			w.key.id, address, clock.Brief(waited), w.call.Run, c.Contact, w.call.Run, w.call.Step, c.Contact),
	}
}

// called says when the consumer called, or nothing.
func (w *world) called(ctx context.Context) (string, error) {
	if w.key == nil {
		return "", &step.Error{
			Class: step.Permanent, Site: w.call.Site.Name, What: "there is no API key of " + w.cfg.Consumer.Name,
			Why: "the step before made it: somebody has deleted it since", Next: "Begin a new run, which makes it anew",
		}
	}
	plans, err := w.plans(ctx)
	if err != nil {
		return "", err
	}
	const day = time.DateOnly
	now := w.Clock.Now().UTC()
	from := w.since(now).UTC()
	for _, id := range plans {
		out, err := w.clients.APIGateway.GetUsage(ctx, &apigateway.GetUsageInput{
			UsagePlanId: &id, KeyId: &w.key.id, StartDate: aws.String(from.Format(day)), EndDate: aws.String(now.Format(day)),
		})
		if err != nil {
			return "", awscloud.Explain(err, "the usage of plan "+id+" cannot be read", w.call.Site)
		}
		for i, used := range out.Items[w.key.id] {
			if len(used) > 0 && used[0] > 0 {
				return fmt.Sprintf("%s called on %s", w.cfg.Consumer.Name, from.AddDate(0, 0, i).Format(day)), nil
			}
		}
	}
	return "", nil
}

// since is from when on calls count: the key's own time if this run made it, else the disaster; and no more than API Gateway keeps (GetUsage: 90 days).
func (w *world) since(now time.Time) time.Time {
	at := w.call.Disaster
	if w.key.created.After(at) && (!at.IsZero() || w.mine(w.key)) {
		at = w.key.created
	}
	if at.IsZero() || at.After(now) {
		return now
	}
	if oldest := now.AddDate(0, 0, -89); at.Before(oldest) {
		return oldest
	}
	return at
}

// plans are the usage plans that the key is in.
func (w *world) plans(ctx context.Context) ([]string, error) {
	if w.plan != "" {
		return []string{w.plan}, nil
	}
	var out []string
	for pages := apigateway.NewGetUsagePlansPaginator(w.clients.APIGateway, &apigateway.GetUsagePlansInput{KeyId: &w.key.id}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awscloud.Explain(err, "the usage plans of API key "+w.key.id+" cannot be listed", w.call.Site)
		}
		for _, p := range page.Items {
			out = append(out, aws.ToString(p.Id))
		}
	}
	return out, nil
}
