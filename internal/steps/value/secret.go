package value

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// secretLimit is the most bytes of a secret (AWS Secrets Manager quotas, "Secret value size").
const secretLimit = 65536

// secretAPI are the operations that are used of Secrets Manager. *secretsmanager.Client has them.
type secretAPI interface {
	DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	ListSecretVersionIds(context.Context, *secretsmanager.ListSecretVersionIdsInput, ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretVersionIdsOutput, error)
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
	RestoreSecret(context.Context, *secretsmanager.RestoreSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.RestoreSecretOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
}

var _ secretAPI = (*secretsmanager.Client)(nil)

// secretStore is one secret of Secrets Manager.
type secretStore struct {
	api  secretAPI
	name string
	keys func(ctx context.Context, id, who string, enabled bool) (*awscloud.Dying, error)
}

var _ store = (*secretStore)(nil)

func (s *secretStore) look(ctx context.Context, mark string) (state, error) {
	d, err := s.api.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &s.name})
	switch {
	case missing(err):
		return state{}, nil
	case err != nil:
		return state{}, err
	case d.DeletedDate != nil:
		return state{there: true, dying: true}, nil
	}
	_, mine := d.VersionIdsToStages[mark]
	c, err := s.get(ctx, nil)
	switch {
	case missing(err):
		return state{there: true}, nil
	case awscloud.Code(err) == "DecryptionFailure" && d.KmsKeyId != nil: // GetSecretValue, Errors
		switch key, unknown := s.keys(ctx, *d.KmsKeyId, "encrypts "+s.name, true); {
		case unknown != nil:
			return state{}, unknown
		case key != nil && !key.Lost:
			return state{there: true, dying: true, key: key}, nil
		}
	}
	return state{there: true, valued: true, mine: mine, content: c}, err
}

func (s *secretStore) restore(ctx context.Context) error {
	_, err := s.api.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &s.name})
	return err
}

// get reads a version; nil is the current one.
func (s *secretStore) get(ctx context.Context, version *string) (content, error) {
	out, err := s.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.name, VersionId: version})
	if err != nil {
		return content{}, err
	}
	if out.SecretString == nil {
		return content{binary: out.SecretBinary}, nil
	}
	return content{text: secret.New(*out.SecretString)}, nil
}

func (s *secretStore) read(ctx context.Context, until time.Time) (content, error) {
	if until.IsZero() {
		return s.get(ctx, nil)
	}
	var versions []types.SecretVersionsListEntry
	in := &secretsmanager.ListSecretVersionIdsInput{SecretId: &s.name, IncludeDeprecated: aws.Bool(true)}
	for {
		out, err := s.api.ListSecretVersionIds(ctx, in)
		if err != nil {
			return content{}, err
		}
		versions = append(versions, out.Versions...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	// What waits for the end of a rotation never was the value.
	versions = slices.DeleteFunc(versions, func(v types.SecretVersionsListEntry) bool {
		return len(v.VersionStages) == 1 && v.VersionStages[0] == "AWSPENDING"
	})
	best, newer, err := pick("secret "+s.name, versions, func(v types.SecretVersionsListEntry) time.Time { return aws.ToTime(v.CreatedDate) }, until)
	if err != nil {
		return content{}, err
	}
	c, err := s.get(ctx, best.VersionId)
	c.made, c.newer = aws.ToTime(best.CreatedDate), newer
	return c, err
}

func (s *secretStore) write(ctx context.Context, mark string, c content, there bool) error {
	var text, token *string
	if c.binary == nil {
		text = aws.String(c.text.Reveal())
	}
	if mark != "" {
		token = &mark
	}
	if there {
		_, err := s.api.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &s.name, ClientRequestToken: token, SecretString: text, SecretBinary: c.binary})
		return err
	}
	_, err := s.api.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &s.name, ClientRequestToken: token, SecretString: text, SecretBinary: c.binary})
	return err
}

func missing(err error) bool { return awscloud.Code(err) == "ResourceNotFoundException" }
