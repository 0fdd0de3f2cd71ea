// Package source reads what a recovery copies from the first place that has it.
//
// Promise: sources are tried in the plan's order, each for a bounded time, because any of them may be part of the disaster; when none
// has it the error says what each of them answered. A copied value that names another site is pointed out.
package source

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Patience is how long one source may take to answer before the next one is asked.
const Patience = 20 * time.Second

// First gives what read finds at the first site of the list that has it, and the site. The error of all is the first one's that AWS
// refused or may yet answer, with everybody's words.
func First[T any](ctx context.Context, p *plan.Plan, from []plan.Source, what string, read func(context.Context, *plan.Site) (T, error)) (T, *plan.Site, error) {
	var zero T
	var tried Tried
	for _, s := range from {
		site := p.Site(s.Site)
		if site == nil {
			return zero, nil, fmt.Errorf("%s is to come from site %q, which the plan does not have", what, s.Site)
		}
		got, err := once(ctx, site, read)
		if err == nil {
			return got, site, nil
		}
		if ctx.Err() != nil {
			return zero, nil, ctx.Err()
		}
		tried.Add(fmt.Sprintf("site %q", site.Name), awscloud.Explain(err, what+" cannot be read", site))
	}
	return zero, nil, tried.Err(what)
}

func once[T any](ctx context.Context, site *plan.Site, read func(context.Context, *plan.Site) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	return read(ctx, site)
}

// Tried collects what sources answered that did not have it.
type Tried struct {
	words  []string
	errors []*step.Error
}

// Add notes one source's failure.
func (t *Tried) Add(name string, err *step.Error) {
	text := err.What
	if err.Err != nil {
		text = err.Err.Error()
	}
	t.words = append(t.words, name+": "+text)
	t.errors = append(t.errors, err)
}

// Err is the error of all: of the class and action of the one that is most worth another try.
func (t *Tried) Err(what string) *step.Error {
	e := &step.Error{Class: step.Permanent, What: what + " has no source that can be read", Why: strings.Join(t.words, "; ")}
	for _, x := range t.errors {
		if e.Action == "" && x.Class == step.Permanent {
			e.Action, e.Next, e.Err = x.Action, x.Next, x.Err
		}
	}
	for _, x := range t.errors {
		if x.Class != step.Permanent && x.Class != step.Cancelled {
			e.Class, e.Action, e.Next, e.Err = step.Transient, x.Action, x.Next, x.Err
			break
		}
	}
	if len(t.errors) == 0 {
		e.Why = "The plan names no source that the disaster left"
	}
	return e
}

// Traces tells where a copied value names another site's region or account: empty when it does not, or a note for people.
func Traces(p *plan.Plan, at *plan.Site, value string) string {
	for _, s := range p.Sites {
		switch {
		case s.Region != at.Region && strings.Contains(value, s.Region):
			return fmt.Sprintf("; its value names region %s of site %q: check that it still holds", s.Region, s.Name)
		case s.Account != at.Account && strings.Contains(value, s.Account):
			return fmt.Sprintf("; its value names account %s of site %q: check that it still holds", s.Account, s.Name)
		}
	}
	return ""
}
