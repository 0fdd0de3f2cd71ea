package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// strikeResources is an accident at the site: every queue, function and event source mapping there is gone, the lock table, the images of one
// repository, one secret that Terraform made and one key. The secret and the key can be taken back for some days. All are found in the
// live account and in the plan.
func (s *Stage) strikeResources(ctx context.Context, p *plan.Plan, site *plan.Site) (string, error) {
	c, err := s.Sites.At(ctx, site)
	if err != nil {
		return "", err
	}
	l := &loot{}
	t := taker{c, l}
	steps := []func(context.Context) error{t.queues, t.functions, t.mappings}
	steps = append(steps, func(ctx context.Context) error { return t.lockTable(ctx, p) })
	if len(p.Images) > 0 {
		steps = append(steps, func(ctx context.Context) error { return t.images(ctx, p.Images[0].Repository) })
	}
	steps = append(steps, func(ctx context.Context) error { return t.oneSecret(ctx, p) }, t.oneKey)
	for _, f := range steps {
		if err := f(ctx); err != nil {
			return "", fmt.Errorf("at site %q: %w", site.Name, err)
		}
	}
	if words := l.words(); words != "" {
		return "gone: " + words, nil
	}
	return "", nil
}

// lockTable deletes the table in which Terraform locks, and keeps the digests of its states.
func (t taker) lockTable(ctx context.Context, p *plan.Plan) error {
	if len(p.Stacks) == 0 {
		return nil
	}
	name, err := t.named(p.Terraform.State.LockTable)
	if err != nil {
		return fmt.Errorf("name of the lock table: %w", err)
	}
	return take(ctx, t.loot, "lock table", func(context.Context) ([]string, error) { return name, nil }, t.deleteTable)
}

// oneSecret deletes a secret that the plan does not name: Terraform made it. If there is none, one that the plan names. One that an earlier
// try deleted counts.
func (t taker) oneSecret(ctx context.Context, p *plan.Plan) error {
	all, err := t.listSecrets(ctx)
	if err != nil {
		return err
	}
	planned := func(x secret) int {
		if slices.ContainsFunc(p.Secrets, func(s *plan.Secret) bool { return s.Secret == x.name }) {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b secret) int {
		return cmp.Or(compareBool(b.dying, a.dying), cmp.Compare(planned(a), planned(b)), cmp.Compare(a.name, b.name))
	})
	return take(ctx, t.loot, "secret in its deletion window", func(context.Context) ([]secret, error) { return all[:min(1, len(all))], nil }, t.deleteSecret)
}

// oneKey schedules the oldest key for deletion. One that an earlier try deleted counts.
func (t taker) oneKey(ctx context.Context) error {
	all, err := t.listKeys(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b key) int {
		return cmp.Or(compareBool(b.dying, a.dying), a.born.Compare(b.born), cmp.Compare(a.id, b.id))
	})
	return take(ctx, t.loot, "key pending deletion", func(context.Context) ([]key, error) { return all[:min(1, len(all))], nil }, t.deleteKey)
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
