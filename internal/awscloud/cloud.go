// Package awscloud gives the AWS clients of each site.
//
// Promise: nothing is changed at a site whose account and region were not verified by this Cloud: every client carries the guard,
// which asks STS once before the first operation that is not known to be read-only, and refuses it when the answer is another
// account. Calls are retried a bounded number of times in adaptive mode, stay below the documented rates of AWS, and give up
// on a dead endpoint in seconds. Explain turns every failure into a step.Error that names the missing permission, the cause
// and what to do. Credentials are fetched when needed, cached until shortly before they expire, and never printed.
package awscloud

import (
	"context"
	"net/http"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// Config says where AWS is and who asks.
type Config struct {
	// Env is the process's environment. Keys and AWS_ENDPOINT_URL are read from it; the shared configuration files, SSO
	// and the like are the SDK's business.
	Env proc.Env
	// Run names the sessions of assumed roles.
	Run string
	// Endpoint serves every AWS API instead of AWS, as in a drill. Nothing of the user's own AWS configuration is then
	// read, so that a drill cannot reach a real account; Credentials is required.
	Endpoint string
	// Credentials gives the base keys for a site, before its role is assumed. Nil: the SDK's default chain.
	Credentials func(*plan.Site) Keys
	// Wire decorates the connection, when set: faults in tests, recording.
	Wire func(http.RoundTripper) http.RoundTripper
}

// Keys are AWS credentials.
type Keys struct {
	ID      string
	Secret  secret.Value
	Session secret.Value // session token; empty for long-lived keys
}

// Cloud gives clients per site. It is safe for concurrent use.
type Cloud struct {
	cfg    Config
	limits buckets

	mu    sync.Mutex
	sites map[plan.Site]*Clients
}

// New makes a Cloud. It reads and asks nothing yet.
func New(cfg Config) *Cloud {
	return &Cloud{cfg: cfg, sites: map[plan.Site]*Clients{}}
}

// At gives the clients of a site, always the same ones. It fails when the shared configuration cannot be read or has no such
// profile; credentials are asked for only when a call needs them.
func (c *Cloud) At(ctx context.Context, site *plan.Site) (*Clients, error) {
	key := *site
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sites[key]; s != nil {
		return s, nil
	}
	s, err := c.open(ctx, site)
	if err != nil {
		return nil, err
	}
	c.sites[key] = s
	return s, nil
}

// Verify makes sure that the site's credentials reach its account in its region. The answer of a success is remembered.
func (c *Cloud) Verify(ctx context.Context, site *plan.Site) (Identity, error) {
	s, err := c.At(ctx, site)
	if err != nil {
		return Identity{}, err
	}
	return s.guard.verify(ctx)
}

// Verified tells whether Verify has succeeded for the site.
func (c *Cloud) Verified(site *plan.Site) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sites[*site]
	return s != nil && s.guard.open.Load()
}
