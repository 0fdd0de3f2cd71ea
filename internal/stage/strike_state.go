package stage

import (
	"context"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// strikeState deletes the bucket of Terraform's states, with every version, and the lock table. What the states describe lives on.
func (s *Stage) strikeState(ctx context.Context, p *plan.Plan, site *plan.Site) (string, error) {
	c, err := s.Sites.At(ctx, site)
	if err != nil {
		return "", err
	}
	l := &loot{}
	t := taker{c, l}
	bucket, err := t.named(p.Terraform.State.Bucket)
	if err != nil {
		return "", fmt.Errorf("name of the state bucket: %w", err)
	}
	err = take(ctx, l, "state bucket with every version", func(context.Context) ([]string, error) { return bucket, nil }, t.deleteBucket)
	if err == nil {
		err = t.lockTable(ctx, p)
	}
	if err != nil {
		return "", fmt.Errorf("at site %q: %w", site.Name, err)
	}
	if words := l.words(); words != "" {
		return "gone: " + words, nil
	}
	return "", nil
}

// named is the name that an expression of the plan gives something of the site, if it gives one.
func (t taker) named(e plan.Expr) ([]string, error) {
	if e == nil {
		return nil, nil
	}
	v, err := e.Resolve(plan.Scope{Site: t.Site})
	if err != nil {
		return nil, err
	}
	name, err := v.Text()
	if err != nil {
		return nil, err
	}
	return []string{name.Reveal()}, nil
}
