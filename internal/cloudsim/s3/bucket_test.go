package s3_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/s3"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Names are one for all accounts and regions, and CreateBucket says which of the ways to fail it is.
func TestBucketNamesAreGlobal(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.bucket(t, "state")
	legacy := c.client(primary, "us-east-1")
	must(t)(legacy.CreateBucket(t.Context(), create("old", "")))
	for _, test := range []struct {
		what, account, from, name, region, code string
	}{
		{"owner, same region", primary, "eu-west-2", "state", "eu-west-2", "BucketAlreadyOwnedByYou"},
		{"owner, other region", primary, "eu-west-1", "state", "eu-west-1", "BucketAlreadyOwnedByYou"},
		{"another account", standby, "eu-west-1", "state", "eu-west-1", "BucketAlreadyExists"},
		{"owner, us-east-1, twice", primary, "us-east-1", "old", "", ""},
		{"no constraint outside us-east-1", primary, "eu-west-2", "new", "", "IllegalLocationConstraintException"},
		{"constraint of another region", primary, "eu-west-2", "new", "eu-west-1", "IllegalLocationConstraintException"},
		{"region that does not exist", primary, "us-east-1", "new", "eu-west-9", "InvalidLocationConstraint"},
		{"us-east-1 makes buckets elsewhere", primary, "us-east-1", "new", "eu-west-1", ""},
		{"bad name", primary, "eu-west-2", "Upper_Case", "eu-west-2", "InvalidBucketName"},
	} {
		_, err := c.client(test.account, test.from).CreateBucket(t.Context(), create(test.name, test.region))
		want(t, test.what, err, test.code)
	}
}

// A deleted name is free at once for everybody, or held as long as the drill asks.
func TestDeletedNameIsHeld(t *testing.T) {
	t.Parallel()
	for _, hold := range []time.Duration{0, time.Hour} {
		c := newCloud(t, s3.HoldNames(hold))
		client := c.bucket(t, "state")
		must(t)(client.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: aws.String("state")}))
		_, err := c.client(standby, "eu-west-1").CreateBucket(t.Context(), create("state", "eu-west-1"))
		want(t, hold.String(), err, map[bool]string{true: "OperationAborted"}[hold > 0])
	}
}

// A bucket is found only in its own region; everybody is told which one that is.
func TestOtherRegionIsRedirected(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.bucket(t, "state")
	for _, account := range []string{primary, standby} {
		_, err := c.client(account, "eu-west-1").HeadBucket(t.Context(), &awss3.HeadBucketInput{Bucket: aws.String("state")})
		var re *smithyhttp.ResponseError
		if !errors.As(err, &re) || re.HTTPStatusCode() != http.StatusMovedPermanently || re.Response.Header.Get("X-Amz-Bucket-Region") != "eu-west-2" {
			t.Errorf("HeadBucket by %s from eu-west-1: %v, want 301 to eu-west-2", account, err)
		}
	}
	_, err := c.client(primary, "eu-west-1").ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("state")})
	want(t, "list from eu-west-1", err, "PermanentRedirect")
}

// Another account is refused until the bucket's policy lets it in, and then only for what the policy says.
func TestPolicyLetsOthersIn(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	owner, other := c.bucket(t, "state"), c.client(standby, "eu-west-2")
	put(t, owner, "state", "shared/a", "a")
	_, err := get(t, other, "state", "shared/a", "")
	want(t, "without a policy", err, "AccessDenied")
	policy := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::state/shared/*"},
		{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::state","arn:aws:s3:::state/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	must(t)(owner.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("state"), Policy: &policy}))
	_, err = get(t, other, "state", "shared/a", "")
	want(t, "with a policy", err, "")
	_, err = get(t, other, "state", "private", "")
	want(t, "outside the policy", err, "AccessDenied")
	_, err = other.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: aws.String("state"), Key: aws.String("shared/a")})
	want(t, "delete", err, "AccessDenied")

	copied := `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::another/*"}]}`
	_, err = owner.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("state"), Policy: &copied})
	want(t, "a policy that was copied from another bucket", err, "MalformedPolicy")
	public := `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::state/*"}]}`
	_, err = owner.PutBucketPolicy(t.Context(), &awss3.PutBucketPolicyInput{Bucket: aws.String("state"), Policy: &public})
	want(t, "a public policy", err, "AccessDenied")

	_, err = owner.HeadBucket(t.Context(), &awss3.HeadBucketInput{Bucket: aws.String("state"), ExpectedBucketOwner: aws.String(standby)})
	want(t, "expected another owner", err, "Forbidden")
}

// A bucket in a lost region does not answer, from whatever region it is asked; its name stays taken.
func TestLostRegionDoesNotAnswer(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	put(t, c.bucket(t, "state"), "state", "k", "v")
	c.world.Lose(sim.Scope{Region: "eu-west-2"})
	for _, region := range []string{"eu-west-2", "eu-west-1"} {
		_, err := get(t, c.client(primary, region), "state", "k", "")
		if err == nil || code(err)[:3] != "not" {
			t.Errorf("GetObject from %s: %v, want no answer", region, err)
		}
	}
	here := c.client(primary, "eu-west-1")
	must(t)(here.CreateBucket(t.Context(), create("other", "eu-west-1")))
	_, err := here.CopyObject(t.Context(), &awss3.CopyObjectInput{Bucket: aws.String("other"), Key: aws.String("k"), CopySource: aws.String("state/k")})
	if err == nil || code(err)[:3] != "not" {
		t.Errorf("copy out of the lost region: %v, want no answer", err)
	}
	_, err = here.CreateBucket(t.Context(), create("state", "eu-west-1"))
	want(t, "the lost bucket's name", err, "BucketAlreadyOwnedByYou")
	c.world.Return(sim.Scope{Region: "eu-west-2"})
	if body, err := get(t, c.client(primary, "eu-west-2"), "state", "k", ""); body != "v" {
		t.Errorf("after the region's return: %q, %v", body, err)
	}
}

// A cloud that is stopped and started again has the same buckets, versions, settings, uploads and contents.
func TestSaveLoad(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "state")
	enable(t, client, "state")
	first := put(t, client, "state", "k", "one\x00\xff")
	put(t, client, "state", "k", "two")
	up, err := client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: aws.String("state"), Key: aws.String("big")})
	must(t)(up, err)

	saved, err := c.service.Save()
	must(t)(saved, err)
	c.service = s3.New(c.world)
	must(t)(nil, c.service.Load(saved))
	again, err := c.service.Save()
	if err != nil || string(again) != string(saved) {
		t.Errorf("saving what was loaded gives another state (%v)", err)
	}
	if body, err := get(t, client, "state", "k", *first.VersionId); body != "one\x00\xff" {
		t.Errorf("an old version after Load: %q, %v", body, err)
	}
	if body, err := get(t, client, "state", "k", ""); body != "two" {
		t.Errorf("the newest version after Load: %q, %v", body, err)
	}
	_, err = client.AbortMultipartUpload(t.Context(), &awss3.AbortMultipartUploadInput{Bucket: aws.String("state"), Key: aws.String("big"), UploadId: up.UploadId})
	want(t, "abort an upload of before", err, "")
	if err := c.service.Load(json.RawMessage(`{"buckets": 7}`)); err == nil {
		t.Error("Load took nonsense")
	}
}

// A new bucket is private: public access blocked, access control lists off, SSE-S3; all else answers that it is not set.
func TestDefaultSettings(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newCloud(t).bucket(t, "bkt")
	b := aws.String("bkt")
	if out, err := c.GetPublicAccessBlock(ctx, &awss3.GetPublicAccessBlockInput{Bucket: b}); err != nil || !*out.PublicAccessBlockConfiguration.BlockPublicPolicy {
		t.Errorf("public access block: %v", err)
	}
	if out, err := c.GetBucketOwnershipControls(ctx, &awss3.GetBucketOwnershipControlsInput{Bucket: b}); err != nil || out.OwnershipControls.Rules[0].ObjectOwnership != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership: %v", err)
	}
	if out, err := c.GetBucketEncryption(ctx, &awss3.GetBucketEncryptionInput{Bucket: b}); err != nil ||
		out.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 {
		t.Errorf("encryption: %v", err)
	}
	if out, err := c.GetBucketAcl(ctx, &awss3.GetBucketAclInput{Bucket: b}); err != nil || out.Grants[0].Permission != types.PermissionFullControl || out.Grants[0].Grantee.Type != types.TypeCanonicalUser {
		t.Errorf("acl: %v", err)
	}
	if out, err := c.GetBucketRequestPayment(ctx, &awss3.GetBucketRequestPaymentInput{Bucket: b}); err != nil || out.Payer != types.PayerBucketOwner {
		t.Errorf("request payment: %v", err)
	}
	for expected, call := range map[string]func() error{
		"NoSuchCORSConfiguration":    func() error { _, err := c.GetBucketCors(ctx, &awss3.GetBucketCorsInput{Bucket: b}); return err },
		"NoSuchBucketPolicy":         func() error { _, err := c.GetBucketPolicy(ctx, &awss3.GetBucketPolicyInput{Bucket: b}); return err },
		"NoSuchTagSet":               func() error { _, err := c.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: b}); return err },
		"NoSuchWebsiteConfiguration": func() error { _, err := c.GetBucketWebsite(ctx, &awss3.GetBucketWebsiteInput{Bucket: b}); return err },
		"ReplicationConfigurationNotFoundError": func() error {
			_, err := c.GetBucketReplication(ctx, &awss3.GetBucketReplicationInput{Bucket: b})
			return err
		},
		"ObjectLockConfigurationNotFoundError": func() error {
			_, err := c.GetObjectLockConfiguration(ctx, &awss3.GetObjectLockConfigurationInput{Bucket: b})
			return err
		},
		"NoSuchLifecycleConfiguration": func() error {
			_, err := c.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: b})
			return err
		},
		"NoSuchConfiguration": func() error {
			_, err := c.GetBucketMetricsConfiguration(ctx, &awss3.GetBucketMetricsConfigurationInput{Bucket: b, Id: b})
			return err
		},
		"NotImplemented": func() error {
			_, err := c.GetBucketMetadataTableConfiguration(ctx, &awss3.GetBucketMetadataTableConfigurationInput{Bucket: b})
			return err
		},
		"IllegalVersioningConfigurationException": func() error {
			_, err := c.PutBucketVersioning(ctx, &awss3.PutBucketVersioningInput{Bucket: b, VersioningConfiguration: &types.VersioningConfiguration{}})
			return err
		},
	} {
		want(t, "absent", call(), expected)
	}
	for what, call := range map[string]func() error{
		"accelerate": func() error {
			_, err := c.GetBucketAccelerateConfiguration(ctx, &awss3.GetBucketAccelerateConfigurationInput{Bucket: b})
			return err
		},
		"logging": func() error { _, err := c.GetBucketLogging(ctx, &awss3.GetBucketLoggingInput{Bucket: b}); return err },
		"notification": func() error {
			_, err := c.GetBucketNotificationConfiguration(ctx, &awss3.GetBucketNotificationConfigurationInput{Bucket: b})
			return err
		},
		"metrics": func() error {
			_, err := c.ListBucketMetricsConfigurations(ctx, &awss3.ListBucketMetricsConfigurationsInput{Bucket: b})
			return err
		},
	} {
		want(t, what, call(), "")
	}
}

// A setting comes back as it was given, and is gone after its deletion.
func TestSettingsRoundTrip(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newCloud(t).bucket(t, "bkt")
	b := aws.String("bkt")
	must(t)(c.PutBucketTagging(ctx, &awss3.PutBucketTaggingInput{Bucket: b, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a<b"), Value: aws.String("c&d")}}}}))
	if out, err := c.GetBucketTagging(ctx, &awss3.GetBucketTaggingInput{Bucket: b}); err != nil || *out.TagSet[0].Key != "a<b" || *out.TagSet[0].Value != "c&d" {
		t.Errorf("tagging: %v", err)
	}
	must(t)(c.PutBucketLifecycleConfiguration(ctx, &awss3.PutBucketLifecycleConfigurationInput{Bucket: b, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
		ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")}, NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(90)},
	}}}}))
	if out, err := c.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: b}); err != nil ||
		*out.Rules[0].NoncurrentVersionExpiration.NoncurrentDays != 90 || out.TransitionDefaultMinimumObjectSize != types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k {
		t.Errorf("lifecycle: %v", err)
	}
	must(t)(c.DeleteBucketLifecycle(ctx, &awss3.DeleteBucketLifecycleInput{Bucket: b}))
	_, err := c.GetBucketLifecycleConfiguration(ctx, &awss3.GetBucketLifecycleConfigurationInput{Bucket: b})
	want(t, "a deleted lifecycle", err, "NoSuchLifecycleConfiguration")

	key := "arn:aws:kms:eu-west-2:111111111111:key/k"
	must(t)(c.PutBucketEncryption(ctx, &awss3.PutBucketEncryptionInput{Bucket: b, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &key}, BucketKeyEnabled: aws.Bool(true),
	}}}}))
	if out := put(t, c, "bkt", "k", "v"); out.ServerSideEncryption != types.ServerSideEncryptionAwsKms || aws.ToString(out.SSEKMSKeyId) != key || !aws.ToBool(out.BucketKeyEnabled) {
		t.Errorf("an object is encrypted as its bucket asks: %+v", out)
	}
	metrics := &types.MetricsConfiguration{Id: aws.String("all")}
	must(t)(c.PutBucketMetricsConfiguration(ctx, &awss3.PutBucketMetricsConfigurationInput{Bucket: b, Id: metrics.Id, MetricsConfiguration: metrics}))
	if out, err := c.ListBucketMetricsConfigurations(ctx, &awss3.ListBucketMetricsConfigurationsInput{Bucket: b}); err != nil || len(out.MetricsConfigurationList) != 1 || *out.MetricsConfigurationList[0].Id != "all" {
		t.Errorf("metrics: %+v, %v", out, err)
	}
}

func enable(t *testing.T, c *awss3.Client, bucket string) {
	t.Helper()
	setVersioning(t, c, bucket, types.BucketVersioningStatusEnabled)
}

func setVersioning(t *testing.T, c *awss3.Client, bucket string, status types.BucketVersioningStatus) {
	t.Helper()
	must(t)(c.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status}}))
}
