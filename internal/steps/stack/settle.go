package stack

import (
	"context"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// settle makes the state one that Terraform can work with: its digest agrees, and nothing in it is about to be deleted.
func (t *turn) settle(ctx context.Context) error {
	r, err := t.rest(ctx)
	if err == nil {
		r, err = t.settled(ctx, r)
	}
	if err != nil || r == nil {
		return err
	}
	if err := t.mend(ctx, r); err != nil {
		return err
	}
	all, err := t.dying(ctx, r)
	if err != nil {
		return err
	}
	return t.revive(ctx, all)
}

// unsettled says why settle has work; empty: it has none.
func (t *turn) unsettled(ctx context.Context) (string, error) {
	r, err := t.rest(ctx)
	if err != nil || r == nil {
		return "", err
	}
	var why []string
	if !r.agrees() {
		why = append(why, r.disagrees())
	}
	all, err := t.dying(ctx, r)
	for _, d := range all {
		why = append(why, d.Name+": "+d.Why)
	}
	return strings.Join(why, "; "), err
}

// took remembers what was done besides applying, for the outcome.
func (s *stack) took(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.did, what) {
		s.did = append(s.did, what)
	}
}

// telling puts what was done besides applying before an outcome.
func (s *stack) telling(o step.Outcome) step.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.did) > 0 {
		o.Changed, o.Summary = true, strings.Join(s.did, ", ")+"; "+o.Summary
	}
	return o
}
