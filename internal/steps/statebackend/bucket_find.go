package statebackend

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

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
