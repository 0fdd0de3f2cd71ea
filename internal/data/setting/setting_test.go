package setting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

func create(tb testing.TB, api *dynamodb.Client, name string) {
	tb.Helper()
	_, err := api.CreateTable(tb.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}, {AttributeName: aws.String("by"), AttributeType: types.ScalarAttributeTypeS},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-who"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("by"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if err == nil {
		err = ready(api, name)(tb.Context())
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// ready waits until a table can be updated.
func ready(api *dynamodb.Client, name string) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
			if err != nil || out.Table.TableStatus == types.TableStatusActive {
				return err
			}
			if err := clock.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
	}
}

// dress gives a table every setting that there is.
func dress(tb testing.TB, api *dynamodb.Client, name string) setting.Settings {
	tb.Helper()
	was := setting.Settings{
		Class: types.TableClassStandardInfrequentAccess, Stream: types.StreamViewTypeNewImage, Protected: true, TTL: "until", Recovery: true, Days: 7,
		Tags:     map[string]string{"team": "orders", "cost": "12"},
		Insights: map[string]types.ContributorInsightsMode{"": types.ContributorInsightsModeThrottledKeys, "by-who": types.ContributorInsightsModeAccessedAndThrottledKeys},
	}
	live := read(tb, api, name)
	live.Tags = nil
	got, err := was.Back(tb.Context(), setting.Target{API: api, Live: live, Ready: ready(api, name)})
	if err != nil || len(got.Left) > 0 {
		tb.Fatalf("%+v, %v", got, err)
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444444444444:root"},"Action":"dynamodb:GetItem","Resource":%q}]}`, live.ARN)
	if _, err := api.PutResourcePolicy(tb.Context(), &dynamodb.PutResourcePolicyInput{ResourceArn: &live.ARN, Policy: &policy}); err != nil {
		tb.Fatal(err)
	}
	return read(tb, api, name)
}

func read(tb testing.TB, api setting.Reader, name string) setting.Settings {
	tb.Helper()
	s, err := setting.Read(tb.Context(), api, name, time.Unix(0, 0).UTC())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// same compares what Back is about.
func same(a, b setting.Settings) string {
	pick := func(s setting.Settings) []any {
		return []any{s.Class, s.Stream, s.Protected, s.TTL, s.Recovery, s.Days, s.Tags, s.Policy != "", s.Insights}
	}
	return cmp.Diff(pick(a), pick(b))
}

// Every setting that is recorded comes back to a bare table beside the old one, each named, as the preview said; its policy is about the new table; a second
// time there is nothing to do.
func TestSettingsComeBack(t *testing.T) {
	t.Parallel()
	api := cloudtest.New(t).Open(t, cloudtest.Primary()).DynamoDB
	create(t, api, "orders")
	bare := read(t, api, "orders")
	was := dress(t, api, "orders")
	if was.Policy == "" || len(was.Unknown) > 0 {
		t.Fatalf("%+v", was)
	}
	create(t, api, "copy")
	live := read(t, api, "copy")
	if d := same(bare, live); d != "" {
		t.Fatal(d)
	}
	what, err := was.Preview(t.Context(), live)
	if d := same(bare, read(t, api, "copy")); err != nil || d != "" {
		t.Fatalf("a preview changes nothing: %s, %v", d, err)
	}
	got, err := was.Back(t.Context(), setting.Target{API: api, Live: live, Ready: ready(api, "copy")})
	want := []string{"table class STANDARD_INFREQUENT_ACCESS", "stream NEW_IMAGE", "time to live on until", "tags cost, team", "resource policy", "contributor insights", "contributor insights of index by-who", "point-in-time recovery over 7 days", "deletion protection"}
	if err != nil || len(got.Left) > 0 || !slices.Equal(got.Done, want) || !slices.Equal(what.Done, want) || len(what.Left) > 0 {
		t.Fatalf("%+v after %+v, %v", got, what, err)
	}
	live = read(t, api, "copy")
	if d := same(was, live); d != "" || !strings.Contains(live.Policy, `:table/copy"`) {
		t.Errorf("%s, the policy %s", d, live.Policy)
	}
	if got, err := was.Back(t.Context(), setting.Target{API: api, Live: live, Ready: ready(api, "copy")}); err != nil || len(got.Done)+len(got.Left) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Of a table that Terraform made, what its code decides is named and left alone; the rest is put back. What belongs to another site, and
// what nobody could read, is named too.
func TestWhatIsNotOursIsLeft(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	home := cloud.Open(t, cloudtest.Primary()).DynamoDB
	create(t, home, "orders")
	was := dress(t, home, "orders")
	was.KMSKey, was.Kinesis, was.Unknown = "arn:aws:kms:eu-west-2:111111111111:key/k", []string{"arn:aws:kinesis:eu-west-2:111111111111:stream/s"}, []string{"tags (AccessDeniedException)"}
	api := cloud.Open(t, cloudtest.Standby()).DynamoDB
	create(t, api, "orders")
	got, err := was.Back(t.Context(), setting.Target{API: api, Live: read(t, api, "orders"), Made: true, Ready: ready(api, "orders")})
	if err != nil || !slices.Equal(got.Done, []string{"time to live on until", "contributor insights", "contributor insights of index by-who", "point-in-time recovery over 7 days"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	left := strings.Join(got.Left, "\n")
	for _, want := range []string{
		"table class STANDARD_INFREQUENT_ACCESS: Terraform made", "stream NEW_IMAGE: Terraform made", "tag cost: Terraform made", "tag team: ", "deletion protection: ",
		"the resource policy: it names arn:aws:dynamodb:eu-west-2:111111111111:table/orders", "key/k: see that", "stream/s: see", "tags (AccessDeniedException): it could not be read",
	} {
		if !strings.Contains(left, want) {
			t.Errorf("%q is not in\n%s", want, left)
		}
	}
}

// The auto scaling of a table that has capacity of its own is named where a stack only adopts the table: it is another service's.
func TestAutoScalingIsNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		billing types.BillingMode
		made    bool
		left    int
	}{{types.BillingModeProvisioned, false, 1}, {types.BillingModeProvisioned, true, 0}, {types.BillingModePayPerRequest, false, 0}} {
		got, err := setting.Settings{Table: "orders", Billing: tt.billing}.Back(t.Context(), setting.Target{Made: tt.made})
		if err != nil || len(got.Left) != tt.left || tt.left > 0 && (!strings.HasPrefix(got.Left[0], "auto scaling: ") || !strings.HasSuffix(got.Left[0], "--resource-id table/orders")) {
			t.Errorf("%+v: %+v, %v", tt, got, err)
		}
	}
}

// refusing denies one part of the settings.
type refusing struct{ *dynamodb.Client }

func (refusing) DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "AccessDeniedException"}
}

// What the caller may not read of a table is left as it is and named; the rest is put back.
func TestWhatMayNotBeReadIsLeft(t *testing.T) {
	t.Parallel()
	api := cloudtest.New(t).Open(t, cloudtest.Primary()).DynamoDB
	create(t, api, "orders")
	create(t, api, "copy")
	was := dress(t, api, "orders")
	got, err := was.Back(t.Context(), setting.Target{API: api, Live: read(t, refusing{api}, "copy"), Ready: ready(api, "copy")})
	if err != nil || !slices.Equal(got.Left, []string{"time to live (AccessDeniedException): it could not be read whether the table has it, and was left as it is"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	live := read(t, api, "copy")
	if live.TTL != "" || len(live.Tags) != len(was.Tags) || !live.Protected {
		t.Errorf("the table is %+v", live)
	}
}

// Settings are kept beside a catalogue and read again as they were, indexes and types of keys included; what could not be read is unknown, not off.
func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	home, vault := cloud.Open(t, cloudtest.Primary()).DynamoDB, cloud.Open(t, cloudtest.Vault()).S3
	create(t, home, "orders")
	_, err := vault.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("vault"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cloudtest.Vault().Region)},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := export.Bucket{Store: vault, Name: "vault"}
	if s, err := setting.Open(t.Context(), b, "lifeboat/shop/primary/orders"); s != nil || err != nil {
		t.Errorf("settings from nowhere: %+v, %v", s, err)
	}
	was := read(t, refusing{home}, "orders")
	if was.Err() != nil || !slices.Equal(was.Unknown, []string{"time to live (AccessDeniedException)"}) {
		t.Errorf("%v, %q", was.Err(), was.Unknown)
	}
	if err := was.Keep(t.Context(), b, vault, "lifeboat/shop/primary/orders"); err != nil {
		t.Fatal(err)
	}
	got, err := setting.Open(t.Context(), b, "lifeboat/shop/primary/orders")
	if err != nil || got == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(got.Global) != 1 || *got.Global[0].IndexName != "by-who" || got.Global[0].Projection.ProjectionType != types.ProjectionTypeAll || len(got.Attributes) != 2 || got.Billing != types.BillingModePayPerRequest {
		t.Errorf("%+v", got)
	}
}
