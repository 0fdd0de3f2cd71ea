package statebackend_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/statebackend"
)

const bucket, table = "pharmacy-state", "pharmacy-lock"

func state() plan.State {
	return plan.State{Bucket: cloudtest.Text(bucket), LockTable: cloudtest.Text(table), Tags: map[string]string{"owner": "team"}}
}

func spec(s plan.State) step.Spec {
	return step.Spec{ID: "state_backend/site", Config: &step.BackendConfig{State: s}}
}

func ensure(t *testing.T, c *cloudtest.Cloud, s plan.State) (step.Outcome, error) {
	t.Helper()
	st, err := statebackend.New(c.Clients(nil))(spec(s))
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	return st.Ensure(t.Context(), &call)
}

// check looks at the bucket and the table as nobody of ours would.
func check(ctx context.Context, c *awscloud.Clients) error {
	var all []error
	must := func(what string, ok bool, err error) {
		if err != nil || !ok {
			all = append(all, fmt.Errorf("%s: %v, %w", what, ok, errors.Join(err, errors.New("is wrong"))))
		}
	}
	name := aws.String(bucket)
	v, err := c.S3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name})
	must("versioning", err == nil && v.Status == types.BucketVersioningStatusEnabled, err)
	e, err := c.S3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: name})
	must("encryption", err == nil && len(e.ServerSideEncryptionConfiguration.Rules) == 1, err)
	p, err := c.S3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: name})
	must("public access block", err == nil && *p.PublicAccessBlockConfiguration.RestrictPublicBuckets && *p.PublicAccessBlockConfiguration.BlockPublicAcls, err)
	o, err := c.S3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: name})
	must("ownership", err == nil && o.OwnershipControls.Rules[0].ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced, err)
	pol, err := c.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	must("policy", err == nil && strings.Count(*pol.Policy, "aws:SecureTransport") == 1, err)
	tags, err := c.S3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: name})
	must("tags", err == nil && hasTag(tags.TagSet, "owner", "team"), err)
	d, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	must("table", err == nil && d.Table.TableStatus == ddbtypes.TableStatusActive && *d.Table.KeySchema[0].AttributeName == "LockID", err)
	b, err := c.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(table)})
	must("PITR", err == nil && b.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == ddbtypes.PointInTimeRecoveryStatusEnabled, err)
	return errors.Join(all...)
}

func hasTag(set []types.Tag, key, value string) bool {
	for _, t := range set {
		if *t.Key == key && *t.Value == value {
			return true
		}
	}
	return false
}

// The promise: state_backend keeps the contract of steps.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		return steptest.World{
			Step:  func() (step.Step, error) { return statebackend.New(c.Clients(f))(spec(state())) },
			Call:  cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error { return check(tb.Context(), c.Open(tb, cloudtest.Standby())) },
		}
	}})
}

// The promise: only what differs is written, what is stronger stays, and what others put there is kept.
func TestOnlyDifferencesAreWritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	if _, err := ensure(t, c, state()); err != nil {
		t.Fatal(err)
	}
	api, name := c.Open(t, cloudtest.Standby()).S3, aws.String(bucket)
	kms := types.ServerSideEncryptionRule{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms}}
	_, err1 := api.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: name, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{kms}}})
	_, err2 := api.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: name, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("cost"), Value: aws.String("7")}}}})
	_, err3 := api.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Sid":"Mine","Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::` + bucket + `"}}`)})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	out, err := ensure(t, c, state())
	if err != nil || out.Summary != "TLS-only policy set, tags set" {
		t.Fatalf("%+v, %v", out, err)
	}
	enc, err := api.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: name})
	if err != nil || enc.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAwsKms {
		t.Errorf("the encryption was weakened: %+v, %v", enc, err)
	}
	tags, err := api.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: name})
	if err != nil || !hasTag(tags.TagSet, "cost", "7") || !hasTag(tags.TagSet, "owner", "team") {
		t.Errorf("%+v, %v", tags, err)
	}
	pol, err := api.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
	if err != nil || !strings.Contains(*pol.Policy, `"Mine"`) || !strings.Contains(*pol.Policy, "LifeboatTLSOnly") {
		t.Errorf("%v, %v", pol, err)
	}
}

// The promise: a bucket of somebody else and a bucket in another region are told apart, nothing is changed, and the error says what to do.
func TestForeignBuckets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		owner *plan.Site
		says  []string
	}{
		"somebody else's": {
			&plan.Site{Name: "other", Account: "999999999999", Region: "eu-west-1"},
			[]string{"is not ours to use", "belongs to another account", "s3:ListBucket", "another name"},
		},
		"another region": {
			&plan.Site{Name: "other", Account: cloudtest.Standby().Account, Region: "eu-west-2"},
			[]string{"is in eu-west-2, not in eu-west-1", "another name"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.New(t)
			_, err := c.Open(t, tt.owner).S3.CreateBucket(t.Context(), &s3.CreateBucketInput{
				Bucket: aws.String(bucket), CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(tt.owner.Region)},
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = ensure(t, c, plan.State{Bucket: cloudtest.Text(bucket)})
			if err == nil || step.ClassOf(err) != step.Permanent {
				t.Fatalf("%v", err)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("no %q in: %v", s, err)
				}
			}
		})
	}
}

// The promise: a table that is there with another key is refused, not used and not replaced.
func TestForeignTable(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	_, err := c.Open(t, cloudtest.Standby()).DynamoDB.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: ddbtypes.BillingModePayPerRequest,
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ensure(t, c, state()); err == nil || !strings.Contains(err.Error(), "cannot hold Terraform's locks") {
		t.Errorf("%v", err)
	}
}

// The promise: without a table no table is made, and the outcome says how states are locked.
func TestLocks(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	s := plan.State{Bucket: cloudtest.Text(bucket), Lockfile: true}
	if _, err := ensure(t, c, s); err != nil {
		t.Fatal(err)
	}
	if out, err := ensure(t, c, s); err != nil || out.Summary != "bucket pharmacy-state, locks beside the states were as they should be" {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err := c.Open(t, cloudtest.Standby()).DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil || len(out.TableNames) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}
