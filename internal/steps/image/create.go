package image

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// change is one setting to write.
type change struct {
	name  string
	write func(context.Context) error
}

// changes are the settings that differ from what is wanted.
func (r *repository) changes(w settings) []change {
	var out []change
	repo := r.have.RepositoryName
	if have := r.immutable(); have != w.immutable && (w.immutable || w.planned.Immutable != nil) {
		out = append(out, change{"tag immutability", func(ctx context.Context) error {
			_, err := r.api.PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{RepositoryName: repo, ImageTagMutability: mutability(w.immutable)})
			return err
		}})
	}
	if have := r.have.ImageScanningConfiguration != nil && r.have.ImageScanningConfiguration.ScanOnPush; have != w.scan && (w.scan || w.planned.ScanOnPush != nil) {
		out = append(out, change{"scan on push", func(ctx context.Context) error {
			_, err := r.api.PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{RepositoryName: repo, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: w.scan}})
			return err
		}})
	}
	if differs(r.kept.lifecycle, w.lifecycle, w.planned.LifecyclePolicy) {
		out = append(out, change{"lifecycle policy", func(ctx context.Context) error {
			_, err := r.api.PutLifecyclePolicy(ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: repo, LifecyclePolicyText: &w.lifecycle})
			return err
		}})
	}
	if differs(r.kept.policy, w.policy, w.planned.Policy) {
		out = append(out, change{"repository policy", func(ctx context.Context) error {
			_, err := r.api.SetRepositoryPolicy(ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: repo, PolicyText: &w.policy})
			return err
		}})
	}
	return out
}

// differs tells whether a policy has to be written: the plan's when it is another one, a source's only where there is none.
func differs(have, want, planned string) bool {
	if planned == "" {
		return have == "" && want != ""
	}
	return !sameJSON(have, want)
}

func sameJSON(a, b string) bool {
	var x, y any
	return a == b || json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func mutability(immutable bool) types.ImageTagMutability {
	if immutable {
		return types.ImageTagMutabilityImmutable
	}
	return types.ImageTagMutabilityMutable
}

// create makes the repository with the settings that can only be given now; the rest follows as changes.
func (s *image) create(ctx context.Context, call *step.Call, w *work) (*repository, error) {
	in := &ecr.CreateRepositoryInput{
		RepositoryName: &s.want.Repository, ImageTagMutability: mutability(w.wanted.immutable),
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: w.wanted.scan},
	}
	if w.wanted.kms { // a source's key does not exist here: without a key of the plan it is the account's own for ECR
		in.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeKms}
		if key := w.wanted.planned.KMSKey; key != "" {
			in.EncryptionConfiguration.KmsKey = &key
		}
	}
	_, err := API(w.at.ECR).CreateRepository(ctx, in)
	if err != nil && awscloud.Code(err) != "RepositoryAlreadyExistsException" { // our own request, whose first answer was lost
		return nil, awscloud.Explain(err, "repository "+s.want.Repository+" cannot be created", call.Site)
	}
	r, openErr := openRepository(ctx, w.at, s.want.Repository)
	if openErr != nil {
		return nil, openErr
	}
	if r == nil {
		return nil, &step.Error{Class: step.Transient, Site: call.Site.Name, What: "repository " + s.want.Repository + " was created and is not there yet"}
	}
	r.sent.empty.Store(err == nil)
	return r, nil
}
