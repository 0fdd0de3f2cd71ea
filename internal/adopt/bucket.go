package adopt

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// bucket finds a bucket by its name, which is one name for all accounts and regions of AWS.
func bucket(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("bucket")
	if err != nil {
		return Found{}, err
	}
	_, err = c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	switch awscloud.Status(err) {
	case http.StatusNotFound:
		return missing(), nil
	case http.StatusForbidden:
		return held("bucket %s belongs to another account, or its policy shuts out whoever recovers", name), nil
	case http.StatusMovedPermanently:
		return held("bucket %s is in another region, of this account or of another", name), nil
	}
	if err != nil {
		return Found{}, err
	}
	return present(name, map[string]string{"bucket": name, "arn": "arn:" + partition(c.Site.Region) + ":s3:::" + name}), nil
}

// setting finds a setting of a bucket: get tells whether the bucket has it, none are the codes of one that has not.
func setting(ctx context.Context, r Resource, get func(ctx context.Context, bucket *string) (bool, error), none ...string) (Found, error) {
	w, err := r.Texts("bucket", "expected_bucket_owner")
	if err != nil {
		return Found{}, err
	}
	has, err := get(ctx, &w[0])
	switch {
	case err != nil:
		return unless(err, append(none, "NoSuchBucket")...)
	case !has:
		return missing(), nil
	case w[1] != "":
		return present(w[0]+","+w[1], map[string]string{"bucket": w[0]}), nil
	}
	return present(w[0], map[string]string{"bucket": w[0]}), nil
}

func bucketVersioning(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return setting(ctx, r, func(ctx context.Context, b *string) (bool, error) {
		out, err := c.S3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
		return err == nil && out.Status != "", err
	})
}

func bucketPrivacy(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return setting(ctx, r, func(ctx context.Context, b *string) (bool, error) {
		_, err := c.S3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
		return true, err
	}, "NoSuchPublicAccessBlockConfiguration")
}

func bucketEncryption(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return setting(ctx, r, func(ctx context.Context, b *string) (bool, error) {
		_, err := c.S3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b})
		return true, err
	}, "ServerSideEncryptionConfigurationNotFoundError")
}

func bucketPolicy(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return setting(ctx, r, func(ctx context.Context, b *string) (bool, error) {
		_, err := c.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
		return true, err
	}, "NoSuchBucketPolicy")
}

func bucketLifecycle(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return setting(ctx, r, func(ctx context.Context, b *string) (bool, error) {
		_, err := c.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: b})
		return true, err
	}, "NoSuchLifecycleConfiguration")
}

func bucketOwnership(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	return setting(ctx, r, func(ctx context.Context, b *string) (bool, error) {
		_, err := c.S3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b})
		return true, err
	}, "OwnershipControlsNotFoundError")
}
