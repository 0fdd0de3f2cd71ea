package protect

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// problem is an error that is over only when somebody does something.
func problem(at *plan.Site, what, why, next string) *step.Error {
	e := &step.Error{Class: step.Permanent, What: what, Why: why, Next: next}
	if at != nil {
		e.Site = at.Name
	}
	return e
}

func (c Config) noRecovery() error {
	return problem(c.Home, "point-in-time recovery of table "+c.Table+" is off", "DynamoDB exports only what point-in-time recovery keeps",
		"Switch it on in the table's Terraform code: point_in_time_recovery { enabled = true }")
}

// refused is an export that DynamoDB did not begin.
func (c Config) refused(err error) error {
	if awscloud.Code(err) == "PointInTimeRecoveryUnavailableException" {
		return c.noRecovery()
	}
	return awscloud.Explain(err, "table "+c.Table+" cannot be exported", c.Home)
}

// failed is an export that DynamoDB began and did not end (FailureCode of "ExportDescription" in the Amazon DynamoDB API Reference).
func (c Config) failed(code, message string) error {
	what := fmt.Sprintf("the export of table %s to s3://%s failed: %s: %s", c.Table, c.Vault.Name, code, message)
	switch lower := strings.ToLower(code + " " + message); {
	case strings.Contains(lower, "kms"):
		return problem(c.To, what, "The bucket's key does not let the table's account encrypt",
			"Allow that account kms:GenerateDataKey and kms:Decrypt in the key's policy, and the caller in its own; or encrypt the bucket with S3's own keys")
	case strings.Contains(lower, "nosuchbucket"):
		return problem(c.To, what, "There is no such bucket", fmt.Sprintf("Make the bucket in account %s, with a policy that lets the table's account write; or correct bucket in the plan's vault block", c.Owner))
	case strings.Contains(lower, "accessdenied"), strings.Contains(lower, "access denied"):
		return problem(c.To, what, "The bucket's policy or owner does not let the table's account write",
			fmt.Sprintf("Allow it s3:PutObject, s3:PutObjectAcl and s3:AbortMultipartUpload on arn:aws:s3:::%s/* in the bucket's policy, and the caller in its own; the bucket must be account %s's", c.Vault.Name, c.Owner))
	}
	return errors.New(what)
}

func (c Config) catalogue(ctx context.Context) (export.Catalogue, error) {
	cat, err := c.Vault.Catalogue(ctx, c.Place)
	if damaged, ok := errors.AsType[*export.DamagedError](err); ok {
		return cat, problem(c.To, damaged.Error(), "It says which exports there are", "Bring it back from the bucket's versions, or move it away: lifeboat protect then begins anew")
	}
	if err != nil {
		return cat, c.unread(err)
	}
	return cat, nil
}

// unread is an error of the vault.
func (c Config) unread(err error) error {
	if damaged, ok := errors.AsType[*export.DamagedError](err); ok {
		return problem(c.To, damaged.Error(), "A recovery from this chain would load nothing",
			"Bring the file back from the bucket's versions, or begin a new chain: lifeboat protect --full")
	}
	return c.Vault.Explain(err, "the vault s3://"+c.Vault.Name+" cannot be used", c.To)
}
