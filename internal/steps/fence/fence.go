// Package fence is the step that keeps a lost site from working beside the new one.
//
// Promise: what the plan names and could write at the lost site is switched off there, as far as the site answers: each sort of it is given up
// after seconds, since a lost region may say nothing at all. What could not be switched off is a duty of people, with the reason and the
// commands; the step never fails for it, and never calls it done. The outcome names what was switched off, so that it can be switched on again.
package fence

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// patience is how long one call to the lost site may take, its second try included.
const patience = 5 * time.Second

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// New makes the kind. A Spec's Config is a *step.FenceConfig whose site is one of p.
func New(sites Sites, p *plan.Plan) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.FenceConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: fence needs a *step.FenceConfig, not %T", spec.ID, spec.Config)
		}
		site := p.Site(cfg.Fence.Site)
		if site == nil {
			return nil, fmt.Errorf("step %s: it fences off site %q, which the plan does not have", spec.ID, cfg.Fence.Site)
		}
		return &fence{want: cfg.Fence, site: site, owner: p.Application.Owner, sites: sites}, nil
	}
}

type fence struct {
	want  *plan.Fence
	site  *plan.Site // that is lost
	owner string
	sites Sites
}

var _ step.Step = (*fence)(nil)

// thing could write at the lost site.
type thing struct {
	id, name string // name is for people, with what switches it on again
	on       bool
}

// sort is one sort of things, of one service.
type sort struct {
	what     string // such as: event source mappings of functions
	patterns []string
	region   string
	by       string // commands that do by hand what off does
	list     func(context.Context, *awscloud.Clients) ([]thing, error)
	off      func(context.Context, *awscloud.Clients, thing) error
}

// result is what became of a sort.
type result struct {
	*sort
	found   []thing
	stopped []thing // by us
	left    []thing // not switched off, because of err
	err     error   // of the listing when nothing is left
}

// Probe looks whether everything that answers is off.
func (f *fence) Probe(ctx context.Context, _ *step.Call) (step.Probe, error) {
	var reasons []string
	for _, r := range f.each(ctx, f.look) {
		var on []string
		for _, x := range r.found {
			if x.on {
				on = append(on, x.name)
			}
		}
		switch {
		case r.err != nil:
			reasons = append(reasons, fmt.Sprintf("the %s cannot be looked at: %s", r.what, f.why(r.err)))
		case len(on) > 0:
			reasons = append(reasons, "still on: "+some(on))
		}
	}
	if err := ctx.Err(); err != nil {
		return step.Probe{}, err
	}
	if len(reasons) > 0 {
		return step.Probe{Status: step.Needed, Reason: strings.Join(reasons, "; ")}, nil
	}
	return step.Probe{Status: step.Done, Reason: fmt.Sprintf("everything is off at site %q", f.site.Name)}, nil
}

// Ensure switches off what can be reached, and leaves the rest as a duty.
func (f *fence) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	results := f.each(ctx, func(ctx context.Context, s *sort) result {
		r := f.look(ctx, s)
		for _, x := range r.found {
			if !x.on {
				continue
			}
			err := f.switchOff(ctx, s, x)
			if err != nil {
				r.left, r.err = append(r.left, x), err
				continue
			}
			r.stopped = append(r.stopped, x)
			call.Tell(step.Progress{Message: "switched off " + x.name})
		}
		return r
	})
	if err := ctx.Err(); err != nil {
		return step.Outcome{}, err // what was not reached was not refused either
	}
	return f.outcome(results), nil
}

func (f *fence) outcome(results []result) step.Outcome {
	var off, duties []string
	already := 0
	for _, r := range results {
		already += len(r.found) - len(r.stopped) - len(r.left)
		for _, x := range r.stopped {
			off = append(off, x.name)
		}
		if r.err != nil {
			duties = append(duties, f.duty(r))
		}
	}
	var words []string
	if len(off) > 0 {
		words = append(words, "switched off: "+some(off))
	}
	if already > 0 {
		words = append(words, fmt.Sprintf("%d off already", already))
	}
	out := step.Outcome{Changed: len(off) > 0}
	switch {
	case len(duties) > 0:
		words = append(words, "not all of it could be reached")
		out.Duties = []step.Duty{{Key: f.site.Name, Who: f.owner, Text: fmt.Sprintf("Switch off at site %q (account %s, %s) what could write beside the new site if this one comes back: %s",
			f.site.Name, f.site.Account, f.site.Region, strings.Join(duties, ". "))}}
	case len(words) == 0:
		words = append(words, "nothing is there that matches "+strings.Join(f.patterns(), ", "))
	}
	out.Summary = fmt.Sprintf("site %q: %s", f.site.Name, strings.Join(words, "; "))
	return out
}

// duty says what of a sort is left to people, why, and how it is done.
func (f *fence) duty(r result) string {
	what := r.what + " " + strings.Join(r.patterns, ", ")
	if len(r.left) > 0 {
		var names []string
		for _, x := range r.left {
			names = append(names, x.name)
		}
		what = some(names)
	}
	return fmt.Sprintf("%s (%s): %s", what, f.why(r.err), r.by)
}

// why says in few words what kept us off.
func (f *fence) why(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", patience)
	}
	e := awscloud.Explain(err, "", f.site)
	text := e.What
	if e.Err != nil {
		text = e.Err.Error()
	}
	if e.Why != "" {
		text += "; " + e.Why
	}
	return text
}

// each works on every sort that the plan names things of. Users' keys come last: ours may be among them.
func (f *fence) each(ctx context.Context, work func(context.Context, *sort) result) []result {
	at := []*sort{f.mappings(), f.apiKeys()}
	out := make([]result, len(at), len(at)+1)
	var wait sync.WaitGroup
	for i, s := range at {
		if len(s.patterns) > 0 {
			wait.Go(func() { out[i] = work(ctx, s) })
		}
	}
	wait.Wait()
	if s := f.accessKeys(); len(s.patterns) > 0 {
		out = append(out, work(ctx, s))
	}
	kept := out[:0]
	for _, r := range out {
		if r.sort != nil {
			kept = append(kept, r)
		}
	}
	return kept
}

func (f *fence) look(ctx context.Context, s *sort) result {
	r := result{sort: s}
	c, err := f.at(ctx, s)
	if err == nil {
		r.found, err = s.list(ctx, c)
	}
	r.err = err
	return r
}

func (f *fence) switchOff(ctx context.Context, s *sort, x thing) error {
	c, err := f.at(ctx, s)
	if err != nil {
		return err
	}
	return s.off(ctx, c, x)
}

// at gives the clients of the lost site in the region of a sort: that of a global service is not the site's own.
func (f *fence) at(ctx context.Context, s *sort) (*awscloud.Clients, error) {
	site := *f.site
	site.Region = s.region
	return f.sites.At(ctx, &site)
}

func (f *fence) patterns() []string {
	var out []string
	for _, list := range [][]string{f.want.Functions, f.want.APIKeys, f.want.Users} {
		out = append(out, list...)
	}
	return out
}

// some names at most twenty things.
func some(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
