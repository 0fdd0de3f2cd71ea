package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// strikeResources is an accident at the site: every queue, function and event source mapping there is gone, the lock table, the plan's tables that
// DynamoDB keeps a backup of when they are deleted, the images of one repository, one secret that Terraform made and one key. The secret and the key can be taken back for some days. All are found in the
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
	steps = append(steps, func(ctx context.Context) error { return t.planTables(ctx, p) })
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

// planTables deletes the tables of the plan that have point-in-time recovery. Of the others nothing would be left: check says so, and no drill
// need destroy them to find it out.
func (t taker) planTables(ctx context.Context, p *plan.Plan) error {
	return take(ctx, t.loot, "table", func(ctx context.Context) (out []string, err error) {
		for _, x := range p.NamedTables() {
			name, err := t.named(x.Table)
			if err != nil {
				return nil, fmt.Errorf("name of table %q: %w", x.Name, err)
			}
			on, err := t.recoverable(ctx, name[0])
			if err != nil {
				return nil, err
			}
			if on {
				out = append(out, name[0])
			}
		}
		return out, nil
	}, t.deleteTable)
}

// recoverable tells whether a table is there and has point-in-time recovery.
func (t taker) recoverable(ctx context.Context, name string) (bool, error) {
	out, err := t.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	switch {
	case awscloud.Code(err) == "TableNotFoundException":
		return false, nil
	case err != nil:
		return false, awscloud.Explain(err, "the backups of table "+name+" cannot be looked at", t.Site)
	}
	d := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	return d != nil && d.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled, nil
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
