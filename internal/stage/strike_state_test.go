package stage_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// A lost state is its bucket with every version, and the lock table; what it describes lives on. A second try of a drill that was killed
// finds nothing to take.
func TestStateIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Terraform.State.Bucket = cloudtest.Text("states")
	c, ctx := w.cloud.Open(t, cloudtest.Primary()), t.Context()
	for _, name := range []string{"states", "messages"} {
		_, err := c.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-2"}})
		if err == nil {
			_, err = c.S3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"}})
		}
		for range 2 {
			if err == nil {
				_, err = c.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("blue.tfstate"), Body: strings.NewReader("{}")})
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	lost := plan.Scenario{Name: "s", Lost: plan.Lost{Kind: plan.LostState}, RecoverTo: "primary"}
	if took := w.strike(t, lost); took != "gone: 1 state bucket with every version, 1 lock table" {
		t.Errorf("took %q", took)
	}
	if took := w.strike(t, lost); took != "" {
		t.Errorf("a second try took %q", took)
	}
	if _, err := c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("states")}); awscloud.Status(err) != 404 {
		t.Errorf("the state bucket answers %v", err)
	}
	if _, err := c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("messages")}); err != nil {
		t.Errorf("another bucket answers %v", err)
	}
	if _, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("history")}); err != nil {
		t.Errorf("the data: %v", err)
	}
	if d, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &w.key}); err != nil || d.KeyMetadata.KeyState != "Enabled" {
		t.Errorf("the key: %+v, %v", d, err)
	}
}
