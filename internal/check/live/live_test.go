package live_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/check/live"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// checked asks the cloud for what the application in a folder needs, and gives the live findings as "rule: title".
func checked(t *testing.T, url, dir string) []string {
	t.Helper()
	dir = filepath.Join("testdata", dir)
	inv, err := survey.Survey(t.Context(), survey.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	p, sources, diags := planfile.Load(planfile.Options{Dir: dir, Now: time.Now()})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	in := check.Input{Inventory: inv, Plan: p, Sources: sources, Now: time.Now()}
	in.Live = check.Gather(t.Context(), in, live.New((&cloudtest.Cloud{URL: url}).Clients(nil)))
	r := check.Check(in)
	var out []string
	for _, f := range r.Findings {
		if f.Rule.Live {
			out = append(out, f.Rule.ID+": "+f.Title)
		}
	}
	slices.Sort(out)
	return out
}

// ok gives a function that ends the test when a call failed.
func ok(t *testing.T) func(any, error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLive keeps the promise that each live rule finds its trouble at a site that has it, and is silent at one that has not.
func TestLive(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	want := []string{
		"LB452: unknown: site standby does not tell about quota DynamoDB tables, KMS keys", // the drill cloud has no Service Quotas
		"LB551: orders/worker:1.4.2 is in no registry that is left in region-down and account-lost and deleted",
	}
	if got := checked(t, c.URL, "orders"); !slices.Equal(got, want) {
		t.Fatalf("an empty cloud:\n%s", strings.Join(got, "\n"))
	}
	primary, standby := c.Open(t, cloudtest.Primary()), c.Open(t, cloudtest.Standby())
	vault := c.Open(t, cloudtest.Vault())
	breakPrimary(t, primary)
	breakStandby(t, standby, vault)
	got := checked(t, c.URL, "orders")
	for _, rule := range []string{"LB251", "LB351", "LB352", "LB353", "LB551", "LB651", "LB652"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, rule) }) {
			t.Errorf("%s is not found in\n%s", rule, strings.Join(got, "\n"))
		}
	}
}

// breakPrimary makes a table without recovery, a state whose lock digest is another one's, and a secret that is being deleted.
func breakPrimary(t *testing.T, c *awscloud.Clients) {
	t.Helper()
	do, ctx := ok(t), t.Context()
	for name, key := range map[string]string{"orders": "id", "orders-lock": "LockID"} {
		do(c.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName: aws.String(name), BillingMode: dbtypes.BillingModePayPerRequest,
			AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String(key), AttributeType: dbtypes.ScalarAttributeTypeS}},
			KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String(key), KeyType: dbtypes.KeyTypeHash}},
		}))
		quick := func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second }
		if err := dynamodb.NewTableExistsWaiter(c.DynamoDB, quick).Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)}, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	bucket := aws.String("orders-state-111111111111-eu-west-2")
	do(c.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-2"}}))
	do(c.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("base.tfstate"), Body: strings.NewReader("{}")}))
	do(c.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders-lock"), Item: map[string]dbtypes.AttributeValue{
		"LockID": &dbtypes.AttributeValueMemberS{Value: *bucket + "/base.tfstate-md5"}, "Digest": &dbtypes.AttributeValueMemberS{Value: "0123456789abcdef0123456789abcdef"},
	}}))
	do(c.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("orders/partner"), SecretString: aws.String("x")}))
	do(c.SecretsManager.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("orders/partner"), RecoveryWindowInDays: aws.Int64(7)}))
}

// breakStandby lets another account take the standby's bucket, and schedules the deletion of the key that its alias names.
func breakStandby(t *testing.T, standby, other *awscloud.Clients) {
	t.Helper()
	do, ctx := ok(t), t.Context()
	do(other.S3.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String("orders-exports"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"},
	}))
	key, err := standby.KMS.CreateKey(ctx, &kms.CreateKeyInput{})
	do(key, err)
	do(standby.KMS.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/live-orders"), TargetKeyId: key.KeyMetadata.KeyId}))
	do(standby.KMS.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key.KeyMetadata.KeyId, PendingWindowInDays: aws.Int32(7)}))
}

// TestStranger keeps the promise that credentials of another account answer nothing: it is said, and nothing is found.
func TestStranger(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	site := cloudtest.Primary()
	q := check.Question{Topic: check.AskConcurrency, Site: &plan.Site{Name: site.Name, Account: "999999999999", Region: site.Region}}
	a := live.New(awscloud.New(awscloud.Config{Endpoint: c.URL, Run: "x", Credentials: func(*plan.Site) awscloud.Keys {
		return awscloud.Keys{ID: "AKIALIFE" + site.Account, Secret: secret.New("any")}
	}}))
	for range 2 { // it is remembered
		if f, err := a.Answer(t.Context(), q); err == nil || !strings.Contains(fmt.Sprint(err), "not 999999999999") {
			t.Errorf("%v, %v", f, err)
		}
	}
}
