// Package identity is the step that proves that the credentials at hand reach the right account and region.
//
// Promise: it succeeds only when STS of the site's region says that the credentials are the site's account's, asked in this process. It
// changes nothing. Every change at the site is refused until that is proven; this step makes it explicit, and early.
package identity

import (
	"context"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites tells who the credentials of a site are. *awscloud.Cloud does.
type Sites interface {
	// Verify asks AWS, once for each site; an account that is not the site's is an error.
	Verify(context.Context, *plan.Site) (awscloud.Identity, error)
	// Verified tells whether Verify has succeeded for the site.
	Verified(*plan.Site) bool
}

// New makes the kind. A Spec's Config is the *plan.Site.
func New(sites Sites) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		site, ok := spec.Config.(*plan.Site)
		if !ok {
			return nil, fmt.Errorf("step %s: identity needs a *plan.Site, not %T", spec.ID, spec.Config)
		}
		return &identity{site: site, sites: sites}, nil
	}
}

type identity struct {
	site  *plan.Site
	sites Sites
}

var _ step.Step = (*identity)(nil)

// Probe is Needed until this process has asked.
func (s *identity) Probe(context.Context, *step.Call) (step.Probe, error) {
	if s.sites.Verified(s.site) {
		return step.Probe{Status: step.Done, Reason: fmt.Sprintf("account %s was verified in %s", s.site.Account, s.site.Region)}, nil
	}
	return step.Probe{Status: step.Needed, Reason: "every run asks which account its credentials reach"}, nil
}

// Ensure asks.
func (s *identity) Ensure(ctx context.Context, _ *step.Call) (step.Outcome, error) {
	who, err := s.sites.Verify(ctx, s.site)
	if err != nil {
		return step.Outcome{}, err
	}
	return step.Outcome{Summary: fmt.Sprintf("account %s answers in %s as %s", who.Account, s.site.Region, who.ARN)}, nil
}
