package statebackend

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

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

// young explains an error of a bucket that was there a moment ago: not every part of S3 knows it yet.
func (b *bucket) young(err error, what string) error {
	e := awscloud.Explain(err, fmt.Sprintf("bucket %s: %s", b.name, what), b.site)
	if awscloud.Code(err) == "NoSuchBucket" {
		e.Class = step.Transient
	}
	return e
}

// there tells whether the bucket is ours and in the right region; one that is somebody else's or elsewhere is an error.
func (b *bucket) there(ctx context.Context) (bool, error) {
	out, err := b.api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.name, ExpectedBucketOwner: &b.site.Account})
	if err == nil {
		if at := aws.ToString(out.BucketRegion); at != "" && at != b.site.Region {
			return false, b.elsewhere(at, nil)
		}
		return true, nil
	}
	switch awscloud.Status(err) {
	case http.StatusNotFound:
		return false, nil
	case http.StatusMovedPermanently:
		return false, b.elsewhere(regionOf(err), err)
	case http.StatusForbidden:
		e := awscloud.Explain(err, fmt.Sprintf("bucket %s is not ours to use", b.name), b.site)
		e.Why = fmt.Sprintf("It belongs to another account (names are global: a lost account still holds its own), or %s lacks s3:ListBucket", b.site.Account)
		e.Next = b.rename() + ", or allow s3:ListBucket when the bucket is your own; then start again"
		return false, e
	}
	return false, awscloud.Explain(err, "bucket "+b.name+" cannot be looked at", b.site)
}

func (b *bucket) elsewhere(region string, err error) error {
	if region == "" {
		region = "another region"
	}
	return &step.Error{
		Class: step.Permanent, Site: b.site.Name, Action: "s3:ListBucket", Err: err,
		What: fmt.Sprintf("bucket %s is in %s, not in %s", b.name, region, b.site.Region),
		Why:  "Terraform's backend asks in the site's region only, and a bucket cannot move",
		Next: b.rename(),
	}
}

func (b *bucket) rename() string {
	return `Give terraform.state.bucket another name, such as one with "${site.account}-${site.region}" in it`
}

// regionOf is where a redirect says that the bucket is.
func regionOf(err error) string {
	var r *smithyhttp.ResponseError
	if errors.As(err, &r) && r.Response != nil {
		return r.Response.Header.Get("X-Amz-Bucket-Region")
	}
	return ""
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
