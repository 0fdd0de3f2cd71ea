package awscloud

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Dying is something that AWS is about to delete, or has deleted.
type Dying struct {
	Name string // such as: key 1234-... (aws_kms_key.data)
	Why  string // such as: it is pending deletion until 2026-12-01
	Lost bool   // it cannot come back
	back func(context.Context) error
}

// Back takes it back, as it was before. It may be repeated. Errors are *step.Error.
func (d *Dying) Back(ctx context.Context) error { return d.back(ctx) }

// DyingKey tells whether a key, by id, ARN or alias, is in its deletion window, disabled although it shall be enabled, or gone. Nil: it is as
// it shall be. Who is what people know it by.
func (c *Clients) DyingKey(ctx context.Context, id, who string, enabled bool) (*Dying, error) {
	d := &Dying{Name: fmt.Sprintf("key %s (%s)", id[strings.LastIndexByte(id, '/')+1:], who)}
	out, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	switch {
	case Code(err) == "NotFoundException":
		d.Why, d.Lost = "it does not exist any more", true
		return d, nil
	case err != nil:
		return nil, Explain(err, d.Name+" cannot be looked at", c.Site)
	}
	m := out.KeyMetadata
	d.Name = fmt.Sprintf("key %s (%s)", *m.KeyId, who)
	switch m.KeyState {
	case kmstypes.KeyStatePendingDeletion, kmstypes.KeyStatePendingReplicaDeletion:
		d.Why = "it is pending deletion"
		if m.DeletionDate != nil {
			d.Why += " until " + m.DeletionDate.UTC().Format("2006-01-02")
		}
		d.back = func(ctx context.Context) error {
			_, err := c.KMS.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: m.Arn})
			if err != nil && Code(err) != "KMSInvalidStateException" { // our own request, whose first answer was lost
				return Explain(err, "the deletion of "+d.Name+" cannot be cancelled", c.Site)
			}
			if !enabled {
				return nil
			}
			return c.enableKey(ctx, *m.Arn, d.Name) // a key comes back disabled (KMS API, CancelKeyDeletion)
		}
	case kmstypes.KeyStateDisabled:
		if !enabled {
			return nil, nil //nolint:nilnil // as it shall be
		}
		d.Why = "it is disabled"
		d.back = func(ctx context.Context) error { return c.enableKey(ctx, *m.Arn, d.Name) }
	default:
		return nil, nil //nolint:nilnil // as it shall be
	}
	return d, nil
}

func (c *Clients) enableKey(ctx context.Context, id, name string) error {
	_, err := c.KMS.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &id})
	if err == nil {
		return nil
	}
	e := Explain(err, name+" cannot be enabled", c.Site)
	if Code(err) == "KMSInvalidStateException" { // not every part of KMS knows yet that it was taken back
		e.Class = step.Transient
	}
	return e
}

// DyingSecret tells whether a secret, by name or ARN, is in its deletion window. Nil: it is alive, or there is nothing to take back.
func (c *Clients) DyingSecret(ctx context.Context, id, who string) (*Dying, error) {
	out, err := c.SecretsManager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	switch {
	case Code(err) == "ResourceNotFoundException":
		return nil, nil //nolint:nilnil // nothing to take back
	case err != nil:
		return nil, Explain(err, fmt.Sprintf("secret %s (%s) cannot be looked at", id[strings.LastIndexByte(id, ':')+1:], who), c.Site)
	case out.DeletedDate == nil:
		return nil, nil //nolint:nilnil // alive
	}
	d := &Dying{Name: fmt.Sprintf("secret %s (%s)", aws.ToString(out.Name), who), Why: "it is scheduled for deletion"}
	d.back = func(ctx context.Context) error {
		if _, err := c.SecretsManager.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: out.ARN}); err != nil {
			return Explain(err, d.Name+" cannot be taken back from its deletion", c.Site)
		}
		return nil
	}
	return d, nil
}
