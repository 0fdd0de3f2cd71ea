package statebackend

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// ProtectionAPI are the settings that keep the states. *s3.Client has them.
type ProtectionAPI interface {
	GetBucketVersioning(context.Context, *s3.GetBucketVersioningInput, ...func(*s3.Options)) (*s3.GetBucketVersioningOutput, error)
	PutBucketVersioning(context.Context, *s3.PutBucketVersioningInput, ...func(*s3.Options)) (*s3.PutBucketVersioningOutput, error)
	GetBucketEncryption(context.Context, *s3.GetBucketEncryptionInput, ...func(*s3.Options)) (*s3.GetBucketEncryptionOutput, error)
	PutBucketEncryption(context.Context, *s3.PutBucketEncryptionInput, ...func(*s3.Options)) (*s3.PutBucketEncryptionOutput, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
	PutBucketTagging(context.Context, *s3.PutBucketTaggingInput, ...func(*s3.Options)) (*s3.PutBucketTaggingOutput, error)
}

// setting is one property of the bucket.
type setting struct {
	name  string
	holds func(context.Context) (bool, error)
	write func(context.Context) error
}

// settings are all properties, the ones that close the bucket first.
func (b *bucket) settings() []setting {
	out := []setting{
		{"public access block", b.isClosed, b.closeIt},
		{"owner-enforced ownership", b.isOwned, b.own},
		{"versioning", b.isVersioned, b.version},
		{"encryption", b.isEncrypted, b.encrypt},
		{"TLS-only policy", b.isTLSOnly, b.onlyTLS},
	}
	if len(b.tags) > 0 {
		out = append(out, setting{"tags", b.isTagged, b.tag})
	}
	return out
}

// absent tells whether a setting has never been made, which S3 says with an error of its own.
func absent(err error) bool {
	switch awscloud.Code(err) {
	case "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError", "ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucketPolicy", "NoSuchTagSet":
		return true
	}
	return false
}

func (b *bucket) isVersioned(ctx context.Context) (bool, error) {
	out, err := b.api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	return err == nil && out.Status == types.BucketVersioningStatusEnabled, err
}

func (b *bucket) version(ctx context.Context) error {
	_, err := b.api.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.site.Account,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return err
}

// isEncrypted holds for the plan's key; without one for any encryption, KMS being stronger than the bucket's own.
func (b *bucket) isEncrypted(ctx context.Context) (bool, error) {
	out, err := b.api.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	if err != nil {
		if absent(err) {
			err = nil
		}
		return false, err
	}
	for _, r := range out.ServerSideEncryptionConfiguration.Rules {
		if d := r.ApplyServerSideEncryptionByDefault; d != nil && (b.key == "" || sameKey(b.key, aws.ToString(d.KMSMasterKeyID))) {
			return true, nil
		}
	}
	return false, nil
}

// sameKey compares a key of the plan (ARN, id or alias) with the one that S3 names.
func sameKey(want, have string) bool {
	return want == have || strings.HasPrefix(have, "arn:") && strings.HasSuffix(have, "/"+strings.TrimPrefix(want, "alias/"))
}

func (b *bucket) encrypt(ctx context.Context) error {
	d := &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}
	if b.key != "" {
		d = &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &b.key}
	}
	_, err := b.api.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.site.Account,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: d, BucketKeyEnabled: aws.Bool(b.key != "")}},
		},
	})
	return err
}

// tagging gives the tags that the bucket has.
func (b *bucket) tagging(ctx context.Context) (map[string]string, error) {
	out, err := b.api.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	if err != nil {
		if absent(err) {
			err = nil
		}
		return nil, err
	}
	have := map[string]string{}
	for _, t := range out.TagSet {
		have[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return have, nil
}

func (b *bucket) isTagged(ctx context.Context) (bool, error) {
	have, err := b.tagging(ctx)
	if err != nil {
		return false, err
	}
	for k, v := range b.tags {
		if got, ok := have[k]; !ok || got != v {
			return false, nil
		}
	}
	return true, nil
}

// tag adds our tags to those that are there: PutBucketTagging replaces all.
func (b *bucket) tag(ctx context.Context) error {
	all, err := b.tagging(ctx)
	if err != nil {
		return err
	}
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b.tags)
	var set []types.Tag
	for _, k := range slices.Sorted(maps.Keys(all)) {
		set = append(set, types.Tag{Key: aws.String(k), Value: aws.String(all[k])})
	}
	_, err = b.api.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account, Tagging: &types.Tagging{TagSet: set}})
	return err
}
