package statebackend

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// AccessAPI are the settings that say who may come. *s3.Client has them.
type AccessAPI interface {
	GetPublicAccessBlock(context.Context, *s3.GetPublicAccessBlockInput, ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error)
	PutPublicAccessBlock(context.Context, *s3.PutPublicAccessBlockInput, ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error)
	GetBucketOwnershipControls(context.Context, *s3.GetBucketOwnershipControlsInput, ...func(*s3.Options)) (*s3.GetBucketOwnershipControlsOutput, error)
	PutBucketOwnershipControls(context.Context, *s3.PutBucketOwnershipControlsInput, ...func(*s3.Options)) (*s3.PutBucketOwnershipControlsOutput, error)
	GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error)
	PutBucketPolicy(context.Context, *s3.PutBucketPolicyInput, ...func(*s3.Options)) (*s3.PutBucketPolicyOutput, error)
}

func (b *bucket) isClosed(ctx context.Context) (bool, error) {
	out, err := b.api.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	if err != nil {
		if absent(err) {
			err = nil
		}
		return false, err
	}
	c := out.PublicAccessBlockConfiguration
	return aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) && aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets), nil
}

func (b *bucket) closeIt(ctx context.Context) error {
	yes := aws.Bool(true)
	_, err := b.api.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.site.Account,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes},
	})
	return err
}

func (b *bucket) isOwned(ctx context.Context) (bool, error) {
	out, err := b.api.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	if err != nil {
		if absent(err) {
			err = nil
		}
		return false, err
	}
	for _, r := range out.OwnershipControls.Rules {
		if r.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced {
			return true, nil
		}
	}
	return false, nil
}

func (b *bucket) own(ctx context.Context) error {
	_, err := b.api.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{
		Bucket: &b.name, ExpectedBucketOwner: &b.site.Account,
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}}},
	})
	return err
}

func (b *bucket) policy(ctx context.Context) (*policy, error) {
	out, err := b.api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	if err != nil {
		if absent(err) {
			return &policy{Version: policyVersion}, nil
		}
		return nil, err
	}
	return parsePolicy(aws.ToString(out.Policy))
}

func (b *bucket) isTLSOnly(ctx context.Context) (bool, error) {
	p, err := b.policy(ctx)
	return err == nil && p.tlsOnly(b.name), err
}

// onlyTLS adds a statement to those that are there.
func (b *bucket) onlyTLS(ctx context.Context) error {
	p, err := b.policy(ctx)
	if err != nil {
		return err
	}
	text, err := p.withTLSOnly(b.name)
	if err != nil {
		return err
	}
	_, err = b.api.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account, Policy: &text})
	return err
}
