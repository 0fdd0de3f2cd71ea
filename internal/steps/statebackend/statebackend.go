// Package statebackend is the step that makes the place for Terraform's states: a bucket and a lock.
//
// Promise: afterwards the bucket is the site's own, in the site's region, versioned, encrypted, closed to the public, reached by TLS only and
// tagged, and the lock table (when the plan has one) can hold Terraform's locks and goes back in time. Settings are looked at one by one and only
// differences are written; what is stronger than asked stays. A name that is somebody else's, a bucket in another region
// and a name that is still held after a deletion are told apart and explained. A key of the states that is about to be deleted is taken back. Nothing is deleted.
package statebackend

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// New makes the kind. A Spec's Config is a *step.BackendConfig.
func New(sites Sites) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.BackendConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: state_backend needs a *step.BackendConfig, not %T", spec.ID, spec.Config)
		}
		return &backend{state: cfg.State, sites: sites}, nil
	}
}

type backend struct {
	state plan.State
	sites Sites
}

var _ step.Step = (*backend)(nil)

// part is the bucket, its key or the lock: it tells what is to do, and does it.
type part interface {
	// differs lists what is not as it should be, for people. Nothing is changed.
	differs(context.Context) ([]string, error)
	// ensure changes what differs, and lists what was changed.
	ensure(context.Context) ([]string, error)
}

// parts resolves the plan's names for the site.
func (s *backend) parts(ctx context.Context, call *step.Call) ([]part, string, error) {
	c, err := s.sites.At(ctx, call.Site)
	if err != nil {
		return nil, "", err
	}
	var names [3]string
	for i, e := range []plan.Expr{s.state.Bucket, s.state.LockTable, s.state.KMSKey} {
		if names[i], err = text(call, e); err != nil {
			return nil, "", err
		}
	}
	b := &bucket{api: c.S3, site: call.Site, name: names[0], key: names[2], tags: s.state.Tags}
	parts := []part{b}
	if b.key != "" {
		parts = append(parts, &key{clients: c, id: b.key, tell: call.Tell})
	}
	switch {
	case names[1] != "":
		t := &table{api: c.DynamoDB, site: call.Site, name: names[1], tags: s.state.Tags, tell: call.Tell}
		return append(parts, t), fmt.Sprintf("bucket %s and lock table %s", b.name, t.name), nil
	case s.state.Lockfile:
		return parts, fmt.Sprintf("bucket %s, locks beside the states", b.name), nil
	}
	return parts, fmt.Sprintf("bucket %s, without any lock", b.name), nil
}

func text(call *step.Call, e plan.Expr) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := call.Resolve(e)
	if err != nil {
		return "", err
	}
	t, err := v.Text()
	if err != nil {
		return "", fmt.Errorf("value at %s: %w", e.Range(), err)
	}
	return t.Reveal(), nil
}

// Probe lists what differs.
func (s *backend) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	parts, name, err := s.parts(ctx, call)
	if err != nil {
		return step.Probe{}, err
	}
	var all []string
	for _, p := range parts {
		d, err := p.differs(ctx)
		if err != nil {
			return step.Probe{}, err
		}
		all = append(all, d...)
	}
	if len(all) > 0 {
		return step.Probe{Status: step.Needed, Reason: strings.Join(all, ", ")}, nil
	}
	return step.Probe{Status: step.Done, Reason: name + " are as they should be"}, nil
}

// Ensure makes bucket and lock at the same time: a table takes longer than a bucket.
func (s *backend) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	parts, name, err := s.parts(ctx, call)
	if err != nil {
		return step.Outcome{}, err
	}
	did := make([][]string, len(parts))
	g, gctx := errgroup.WithContext(ctx)
	for i, p := range parts {
		g.Go(func() (err error) {
			did[i], err = p.ensure(gctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return step.Outcome{}, err
	}
	var all []string
	for _, d := range did {
		all = append(all, d...)
	}
	if len(all) == 0 {
		return step.Outcome{Summary: name + " were as they should be"}, nil
	}
	return step.Outcome{Changed: true, Summary: strings.Join(all, ", ")}, nil
}
