package protect

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/datatest"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

func (*exporter) noBucket(*testing.T) string { return "nowhere" }

func (x *exporter) otherRegion(t *testing.T) string {
	t.Helper()
	return x.bucket(t, cloudtest.Vault(), "eu-west-1")
}

func (x *exporter) otherAccount(t *testing.T) string {
	t.Helper()
	return x.bucket(t, cloudtest.Standby(), cloudtest.Vault().Region)
}

func (x *exporter) shutVault(t *testing.T) string {
	t.Helper()
	x.shut(t)
	return "vault"
}

// bucket makes a bucket of a site's account.
func (x *exporter) bucket(t *testing.T, at *plan.Site, region string) string {
	t.Helper()
	at.Region = region
	_, err := x.Open(t, at).S3.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("elsewhere"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return "elsewhere"
}

// key makes a key of a site that is used, and then ended.
func (x *exporter) key(t *testing.T, site *plan.Site, use func(arn *string) error, end func(*kms.Client, *string) error) {
	t.Helper()
	keys := x.Open(t, site).KMS
	out, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err == nil {
		err = use(out.KeyMetadata.Arn)
	}
	if err == nil {
		err = end(keys, out.KeyMetadata.Arn)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (x *exporter) encryptTable(t *testing.T) string {
	t.Helper()
	x.key(t, cloudtest.Primary(), func(arn *string) error {
		_, err := x.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName: aws.String(datatest.Orders), SSESpecification: &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: arn},
		})
		return err
	}, func(c *kms.Client, arn *string) error {
		_, err := c.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: arn})
		return err
	})
	return "vault"
}

func (x *exporter) encryptVault(t *testing.T) string {
	t.Helper()
	x.key(t, cloudtest.Vault(), func(arn *string) error {
		_, err := x.Open(t, cloudtest.Vault()).S3.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{
			Bucket: aws.String("vault"), ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: arn},
			}}},
		})
		return err
	}, func(c *kms.Client, arn *string) error {
		_, err := c.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: arn})
		return err
	})
	return "vault"
}

// The promise: what AWS refuses is said in the drill cloud's own words, at the site where something is to be done, with the cause and what to do; and
// nothing is paid for before the vault was written to.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change     func(*exporter, *testing.T) string // gives the vault's bucket
		site, code string
		say        []string
	}{
		"no bucket": {(*exporter).noBucket, "vault", "NoSuchBucket", []string{
			"There is no bucket nowhere", "in account 333333333333, aws s3api create-bucket --bucket nowhere --region eu-central-1 --create-bucket-configuration LocationConstraint=eu-central-1",
		}},
		"another region":  {(*exporter).otherRegion, "vault", "PermanentRedirect", []string{"Bucket elsewhere is in eu-west-1, and the vault's site in eu-central-1", "or the name of a bucket in eu-central-1"}},
		"another account": {(*exporter).otherAccount, "vault", "AccessDenied", []string{"s3:GetObject is missing, or the bucket is not account 333333333333's", "s3:ListBucket on arn:aws:s3:::elsewhere, and s3:GetObject"}},
		"the table's key": {(*exporter).encryptTable, "primary", "ValidationException", []string{
			"key/", "cannot be used", "aws kms describe-key --key-id arn:aws:kms:eu-west-2:111111111111:key/", "aws kms enable-key",
		}},
		"the vault's key": {(*exporter).encryptVault, "vault", "KMS.KMSInvalidStateException", []string{
			"key-id arn:aws:kms:eu-central-1:333333333333:key/", "aws kms cancel-key-deletion",
		}},
		"the policy": {(*exporter).shutVault, "vault", "", []string{"S3AccessDenied", "s3:PutObjectAcl and s3:AbortMultipartUpload on arn:aws:s3:::vault/*"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporter(t)
			bucket := tt.change(x, t)
			_, _, err := (&process{exporter: x}).turn(t, false, func(c *Config) { c.Vault.Name = bucket })
			e, ok := errors.AsType[*step.Error](err)
			if !ok || e.Site != tt.site || awscloud.Code(err) != tt.code {
				t.Fatalf("%q: %v", awscloud.Code(err), err)
			}
			for _, say := range tt.say {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("it does not say %q: %v", say, err)
				}
			}
			if _, all := x.exports(t); tt.code != "" && all > 0 {
				t.Errorf("%d exports", all)
			}
		})
	}
}
