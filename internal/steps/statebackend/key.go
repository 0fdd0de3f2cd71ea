package statebackend

import (
	"context"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// key is the KMS key that the states are encrypted with: without it no state can be read. A key that does not exist, or may not be looked
// at, is for S3 to refuse: it may be another account's.
type key struct {
	clients *awscloud.Clients
	id      string
	tell    func(step.Progress)
}

var _ part = (*key)(nil)

func (k *key) dying(ctx context.Context) (*awscloud.Dying, error) {
	d, err := k.clients.DyingKey(ctx, k.id, "encrypts the states", true)
	if awscloud.Denied(err) || d != nil && d.Lost {
		return nil, nil //nolint:nilnil // see above
	}
	return d, err
}

func (k *key) differs(ctx context.Context) ([]string, error) {
	d, err := k.dying(ctx)
	if err != nil || d == nil {
		return nil, err
	}
	return []string{d.Name + ": " + d.Why}, nil
}

func (k *key) ensure(ctx context.Context) ([]string, error) {
	d, err := k.dying(ctx)
	if err != nil || d == nil {
		return nil, err
	}
	k.tell(step.Progress{Message: d.Name + ": " + d.Why + "; taking it back"})
	if err := d.Back(ctx); err != nil {
		return nil, err
	}
	return []string{d.Name + " taken back"}, nil
}
