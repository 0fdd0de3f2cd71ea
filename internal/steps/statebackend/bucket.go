package statebackend

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// BucketAPI makes and finds buckets. *s3.Client does.
type BucketAPI interface {
	HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
	CreateBucket(context.Context, *s3.CreateBucketInput, ...func(*s3.Options)) (*s3.CreateBucketOutput, error)
}

// S3API are the operations on the bucket. *s3.Client has them.
type S3API interface {
	BucketAPI
	ProtectionAPI
	AccessAPI
}

var _ S3API = (*s3.Client)(nil)

// bucket is the state bucket as it should be.
type bucket struct {
	api  S3API
	site *plan.Site
	name string
	key  string // KMS key; empty: the bucket's own AES256
	tags map[string]string
}

var _ part = (*bucket)(nil)

func (b *bucket) differs(ctx context.Context) ([]string, error) {
	there, err := b.there(ctx)
	if err != nil {
		return nil, err
	}
	if !there {
		return []string{"bucket " + b.name + " does not exist"}, nil
	}
	var out []string
	for _, s := range b.settings() {
		switch ok, err := s.holds(ctx); {
		case err != nil:
			return nil, awscloud.Explain(err, fmt.Sprintf("%s of bucket %s cannot be looked at", s.name, b.name), b.site)
		case !ok:
			out = append(out, "bucket "+b.name+" without "+s.name)
		}
	}
	return out, nil
}

func (b *bucket) ensure(ctx context.Context) ([]string, error) {
	there, err := b.there(ctx)
	if err != nil {
		return nil, err
	}
	var did []string
	if !there {
		if err := b.create(ctx); err != nil {
			return nil, err
		}
		did = append(did, "bucket "+b.name+" created")
	}
	for _, s := range b.settings() {
		ok, err := s.holds(ctx)
		if err != nil {
			return nil, b.young(err, s.name+" cannot be looked at")
		}
		if ok {
			continue
		}
		if err := s.write(ctx); err != nil {
			return nil, b.young(err, s.name+" cannot be set")
		}
		did = append(did, s.name+" set")
	}
	return did, nil
}

func (b *bucket) create(ctx context.Context) error {
	in := &s3.CreateBucketInput{Bucket: &b.name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if b.site.Region != "us-east-1" { // the one region that must not be named (CreateBucket, LocationConstraint)
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(b.site.Region)}
	}
	_, err := b.api.CreateBucket(ctx, in)
	code := awscloud.Code(err)
	if err == nil || code == "BucketAlreadyOwnedByYou" { // our own request, whose first answer was lost
		return nil
	}
	e := awscloud.Explain(err, "bucket "+b.name+" cannot be created", b.site)
	switch code {
	case "BucketAlreadyExists":
		e.Why = "Another account has a bucket of this name. Names are global: a lost account still holds its own"
		e.Next = b.rename()
	case "OperationAborted":
		e.Class = step.Transient
		e.Why = "S3 still holds the name after a deletion, for an hour or longer"
		e.Next = "Wait, or do not: " + b.rename()
	}
	return e
}
