package image

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// SettingsAPI are the settings of a repository that replication does not copy (ECR User Guide, "Private image replication"). *ecr.Client
// has them.
type SettingsAPI interface {
	PutImageTagMutability(context.Context, *ecr.PutImageTagMutabilityInput, ...func(*ecr.Options)) (*ecr.PutImageTagMutabilityOutput, error)
	PutImageScanningConfiguration(context.Context, *ecr.PutImageScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.PutImageScanningConfigurationOutput, error)
	GetLifecyclePolicy(context.Context, *ecr.GetLifecyclePolicyInput, ...func(*ecr.Options)) (*ecr.GetLifecyclePolicyOutput, error)
	PutLifecyclePolicy(context.Context, *ecr.PutLifecyclePolicyInput, ...func(*ecr.Options)) (*ecr.PutLifecyclePolicyOutput, error)
	GetRepositoryPolicy(context.Context, *ecr.GetRepositoryPolicyInput, ...func(*ecr.Options)) (*ecr.GetRepositoryPolicyOutput, error)
	SetRepositoryPolicy(context.Context, *ecr.SetRepositoryPolicyInput, ...func(*ecr.Options)) (*ecr.SetRepositoryPolicyOutput, error)
}

// settings are those of a repository as it should be. What the plan says holds; what comes from the source only makes a repository
// that exists stricter, or adds what it lacks.
type settings struct {
	immutable, scan, kms bool
	lifecycle, policy    string
	planned              plan.RepositorySettings
	note                 string // what could not be taken over, for people
}

// settings takes each from the plan, else from the first source site that answers.
func (s *image) settings(ctx context.Context, site *plan.Site, from *origins) (settings, error) {
	var w settings
	source, note, err := from.settings(ctx)
	if err != nil {
		return w, err
	}
	w.note = note
	if source != nil {
		have := source.repository.have
		w.immutable, w.scan = isImmutable(have), have.ImageScanningConfiguration != nil && have.ImageScanningConfiguration.ScanOnPush
		w.kms = have.EncryptionConfiguration != nil && have.EncryptionConfiguration.EncryptionType == types.EncryptionTypeKms
		w.lifecycle = source.repository.kept.lifecycle
		// ARNs of the source's account and region mean the site's here.
		w.policy = strings.NewReplacer(source.site.Account, site.Account, source.site.Region, site.Region).Replace(source.repository.kept.policy)
	}
	if p := s.want.Settings; p != nil {
		w.planned = *p
	}
	w.kms = w.kms || w.planned.KMSKey != ""
	w.lifecycle = cmp.Or(w.planned.LifecyclePolicy, w.lifecycle)
	w.policy = cmp.Or(w.planned.Policy, w.policy)
	if b := w.planned.Immutable; b != nil {
		w.immutable = *b
	}
	if b := w.planned.ScanOnPush; b != nil {
		w.scan = *b
	}
	return w, nil
}

func isImmutable(r types.Repository) bool {
	return strings.HasPrefix(string(r.ImageTagMutability), string(types.ImageTagMutabilityImmutable))
}

func (r *repository) immutable() bool { return isImmutable(r.have) }

// readSettings reads the two policies; absent ones are empty.
func (r *repository) readSettings(ctx context.Context) error {
	life, err := r.api.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: r.have.RepositoryName})
	switch {
	case err == nil:
		r.kept.lifecycle = aws.ToString(life.LifecyclePolicyText)
	case awscloud.Code(err) != "LifecyclePolicyNotFoundException":
		return err
	}
	policy, err := r.api.GetRepositoryPolicy(ctx, &ecr.GetRepositoryPolicyInput{RepositoryName: r.have.RepositoryName})
	switch {
	case err == nil:
		r.kept.policy = aws.ToString(policy.PolicyText)
	case awscloud.Code(err) != "RepositoryPolicyNotFoundException":
		return err
	}
	return nil
}
