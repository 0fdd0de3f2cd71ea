package dynamodb_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// handClock is a clock that tests move.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// plane is a DynamoDB whose time stands still until a test moves it.
type plane struct {
	*awsdynamodb.Client
	t       *testing.T
	clock   *handClock
	service *dynamodb.Service
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	clock := &handClock{now: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)}
	s := dynamodb.New(sim.NewWorld(1, clock))
	return &plane{serve(t, s), t, clock, s}
}

const music = "music"

// create is a table with a hash key p, on demand.
func create(change func(in *awsdynamodb.CreateTableInput)) *awsdynamodb.CreateTableInput {
	in := &awsdynamodb.CreateTableInput{
		TableName: aws.String(music), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: types.ScalarAttributeTypeS}},
	}
	if change != nil {
		change(in)
	}
	return in
}

// make makes the table and passes the time that this takes.
func (p *plane) make(change func(in *awsdynamodb.CreateTableInput)) *types.TableDescription {
	p.t.Helper()
	if _, err := p.CreateTable(p.t.Context(), create(change)); err != nil {
		p.t.Fatalf("CreateTable: %v", err)
	}
	p.clock.pass(time.Minute)
	return p.describe()
}

func (p *plane) describe() *types.TableDescription {
	p.t.Helper()
	out, err := p.DescribeTable(p.t.Context(), &awsdynamodb.DescribeTableInput{TableName: aws.String(music)})
	if err != nil {
		p.t.Fatalf("DescribeTable: %v", err)
	}
	return out.Table
}

func (p *plane) put(attrs map[string]types.AttributeValue) {
	p.t.Helper()
	if _, err := p.PutItem(p.t.Context(), &awsdynamodb.PutItemInput{TableName: aws.String(music), Item: attrs}); err != nil {
		p.t.Fatalf("PutItem: %v", err)
	}
}

func (p *plane) update(in *awsdynamodb.UpdateTableInput) (*types.TableDescription, error) {
	in.TableName = aws.String(music)
	out, err := p.UpdateTable(p.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.TableDescription, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

func wantFailure(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %v, want %q", what, err, w)
		}
	}
}

// A table goes through its states on the world's clock, and what may not be done in a state is refused.
func TestTableStates(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	out, err := p.CreateTable(t.Context(), create(nil))
	if err != nil {
		t.Fatal(err)
	}
	remove := func() error {
		_, err := p.DeleteTable(t.Context(), &awsdynamodb.DeleteTableInput{TableName: aws.String(music)})
		return err
	}
	status := func(want types.TableStatus) {
		t.Helper()
		if got := p.describe().TableStatus; got != want {
			t.Errorf("status %s, want %s", got, want)
		}
	}
	if out.TableDescription.TableStatus != types.TableStatusCreating {
		t.Errorf("a new table is %s", out.TableDescription.TableStatus)
	}
	item := &awsdynamodb.PutItemInput{TableName: aws.String(music), Item: map[string]types.AttributeValue{"p": text("x")}}
	_, err = p.PutItem(t.Context(), item)
	wantFailure(t, "put while CREATING", err, "ResourceNotFoundException", "Requested resource not found")
	wantFailure(t, "delete while CREATING", remove(), "ResourceInUseException", "Table is being created: music")
	p.clock.pass(p.service.Timing.Create)
	status(types.TableStatusActive)
	if _, err := p.PutItem(t.Context(), item); err != nil {
		t.Errorf("put while ACTIVE: %v", err)
	}
	if _, err := p.update(&awsdynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	status(types.TableStatusUpdating)
	wantFailure(t, "delete while UPDATING", remove(), "ResourceInUseException", "Table is being updated: music")
	p.clock.pass(p.service.Timing.Update)
	wantFailure(t, "delete while protected", remove(), "ValidationException", "protected against deletion")
	if _, err := p.update(&awsdynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	p.clock.pass(p.service.Timing.Update)
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	status(types.TableStatusDeleting)
	_, err = p.CreateTable(t.Context(), create(nil))
	wantFailure(t, "create while DELETING", err, "ResourceInUseException", "Table already exists: music")
	p.clock.pass(p.service.Timing.Delete)
	wantFailure(t, "delete what is gone", remove(), "ResourceNotFoundException", "Requested resource not found: Table: music not found")
	if _, err := p.CreateTable(t.Context(), create(nil)); err != nil {
		t.Errorf("create again: %v", err)
	}
}

// What a table was made with is described as the provider for Terraform reads it back.
func TestDescription(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	d := p.make(func(in *awsdynamodb.CreateTableInput) {
		in.BillingMode, in.ProvisionedThroughput = "", &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(6)}
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage}
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), KMSMasterKeyId: aws.String("arn:aws:kms:eu-west-2:111111111111:key/k1")}
		in.TableClass, in.DeletionProtectionEnabled = types.TableClassStandardInfrequentAccess, aws.Bool(true)
	})
	got := []any{
		*d.ProvisionedThroughput.ReadCapacityUnits, *d.ProvisionedThroughput.WriteCapacityUnits, d.BillingModeSummary == nil, *d.StreamSpecification.StreamEnabled,
		d.StreamSpecification.StreamViewType, *d.SSEDescription.KMSMasterKeyArn, d.SSEDescription.Status, d.TableClassSummary.TableClass, *d.DeletionProtectionEnabled, *d.TableArn,
		*d.LatestStreamArn, d.CreationDateTime.UTC().Format(time.RFC3339),
	}
	want := []any{
		int64(5), int64(6), true, true, types.StreamViewTypeNewImage, "arn:aws:kms:eu-west-2:111111111111:key/k1", types.SSEStatusEnabled, types.TableClassStandardInfrequentAccess, true,
		"arn:aws:dynamodb:eu-west-2:111111111111:table/music", "arn:aws:dynamodb:eu-west-2:111111111111:table/music/stream/2026-11-02T03:04:05.000", "2026-11-02T03:04:05Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
	_, err := p.update(&awsdynamodb.UpdateTableInput{ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(6)}})
	wantFailure(t, "the same throughput", err, "The provisioned throughput for the table will not change")
	if d, err = p.update(&awsdynamodb.UpdateTableInput{BillingMode: types.BillingModePayPerRequest}); err != nil {
		t.Fatal(err)
	}
	if d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || *d.ProvisionedThroughput.ReadCapacityUnits != 0 {
		t.Errorf("on demand: %v %v", d.BillingModeSummary, d.ProvisionedThroughput)
	}
	p.clock.pass(time.Minute)
	if d, err = p.update(&awsdynamodb.UpdateTableInput{SSESpecification: &types.SSESpecification{Enabled: aws.Bool(false)}, StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}}); err != nil {
		t.Fatal(err)
	}
	if d.SSEDescription != nil || d.StreamSpecification != nil {
		t.Errorf("switched off: %v %v", d.SSEDescription, d.StreamSpecification)
	}
	_, err = p.update(&awsdynamodb.UpdateTableInput{})
	wantFailure(t, "an update of nothing", err, "ValidationException", "At least one of")
}

// A global index is made while the table is in use, holds what was there before, and goes.
func TestIndexIsMadeAndDeleted(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.put(map[string]types.AttributeValue{"p": text("a"), "g": number(1)})
	p.put(map[string]types.AttributeValue{"p": text("b"), "g": text("not a number")})
	index := &types.CreateGlobalSecondaryIndexAction{
		IndexName: aws.String("byg"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("g"), KeyType: types.KeyTypeHash}},
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}
	make := &awsdynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: index}}}
	_, err := p.update(make)
	wantFailure(t, "an index without its attribute", err, "ValidationException", "Some index key attributes are not defined in AttributeDefinitions")
	make.AttributeDefinitions = []types.AttributeDefinition{{AttributeName: aws.String("g"), AttributeType: types.ScalarAttributeTypeN}}
	d, err := p.update(make)
	if err != nil {
		t.Fatal(err)
	}
	if x := d.GlobalSecondaryIndexes[0]; x.IndexStatus != types.IndexStatusCreating || !aws.ToBool(x.Backfilling) || len(d.AttributeDefinitions) != 2 {
		t.Errorf("a new index: %s, backfilling %v, attributes %v", x.IndexStatus, aws.ToBool(x.Backfilling), d.AttributeDefinitions)
	}
	query := &awsdynamodb.QueryInput{
		TableName: aws.String(music), IndexName: aws.String("byg"), KeyConditionExpression: aws.String("g = :g"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":g": number(1)},
	}
	_, err = p.Query(t.Context(), query)
	wantFailure(t, "query while CREATING", err, "Cannot read from backfilling global secondary index: byg")
	p.clock.pass(time.Minute)
	out, err := p.Query(t.Context(), query)
	if err != nil || out.Count != 1 {
		t.Fatalf("query: %d items, %v", out.Count, err)
	}
	if x := p.describe().GlobalSecondaryIndexes[0]; x.IndexStatus != types.IndexStatusActive || *x.ItemCount != 1 || *x.IndexSizeBytes != 5 {
		t.Errorf("the index: %s, %d items, %d bytes", x.IndexStatus, *x.ItemCount, *x.IndexSizeBytes)
	}
	drop := types.GlobalSecondaryIndexUpdate{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("byg")}}
	if d, err = p.update(&awsdynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{drop}}); err != nil {
		t.Fatal(err)
	}
	if d.GlobalSecondaryIndexes[0].IndexStatus != types.IndexStatusDeleting {
		t.Errorf("a deleted index is %s", d.GlobalSecondaryIndexes[0].IndexStatus)
	}
	p.clock.pass(time.Minute)
	if d := p.describe(); len(d.GlobalSecondaryIndexes) != 0 {
		t.Errorf("still there: %v", d.GlobalSecondaryIndexes)
	}
	_, err = p.Query(t.Context(), query)
	wantFailure(t, "query of a deleted index", err, "The table does not have the specified index: byg")
	index.Projection.ProjectionType = types.ProjectionTypeKeysOnly
	index.KeySchema = append(index.KeySchema, types.KeySchemaElement{AttributeName: aws.String("p"), KeyType: types.KeyTypeRange})
	if _, err := p.update(make); err != nil {
		t.Errorf("make it again: %v", err)
	}
	p.clock.pass(time.Minute)
	query.KeyConditionExpression = aws.String("g = :g AND begins_with(p, :p)")
	query.ExpressionAttributeValues[":p"] = text("a")
	if out, err := p.Query(t.Context(), query); err != nil || out.Count != 1 {
		t.Errorf("query an index of the same name with another key: %v", err)
	}
}

// Tags, point-in-time recovery, policies and insights are kept and described.
func TestSettings(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	d := p.make(func(in *awsdynamodb.CreateTableInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
	})
	ctx, arn, name := t.Context(), d.TableArn, aws.String(music)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	must(p.TagResource(ctx, &awsdynamodb.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}}))
	must(p.UntagResource(ctx, &awsdynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}))
	tags, err := p.ListTagsOfResource(ctx, &awsdynamodb.ListTagsOfResourceInput{ResourceArn: arn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" || *tags.Tags[0].Value != "2" {
		t.Errorf("tags: %v %v", tags, err)
	}
	_, err = p.ListTagsOfResource(ctx, &awsdynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(*arn + "x")})
	wantFailure(t, "tags of nothing", err, "ResourceNotFoundException")

	_, err = p.GetResourcePolicy(ctx, &awsdynamodb.GetResourcePolicyInput{ResourceArn: arn})
	wantFailure(t, "no policy", err, "PolicyNotFoundException")
	must(p.PutResourcePolicy(ctx, &awsdynamodb.PutResourcePolicyInput{ResourceArn: arn, Policy: aws.String(`{"Statement":[]}`)}))
	policy, err := p.GetResourcePolicy(ctx, &awsdynamodb.GetResourcePolicyInput{ResourceArn: arn})
	if err != nil || *policy.Policy != `{"Statement":[]}` {
		t.Errorf("policy: %v %v", policy, err)
	}
	must(p.DeleteResourcePolicy(ctx, &awsdynamodb.DeleteResourcePolicyInput{ResourceArn: arn, ExpectedRevisionId: policy.RevisionId}))

	must(p.UpdateContributorInsights(ctx, &awsdynamodb.UpdateContributorInsightsInput{TableName: name, ContributorInsightsAction: types.ContributorInsightsActionEnable}))
	insights, err := p.DescribeContributorInsights(ctx, &awsdynamodb.DescribeContributorInsightsInput{TableName: name})
	if err != nil || insights.ContributorInsightsStatus != types.ContributorInsightsStatusEnabled {
		t.Errorf("insights: %v %v", insights, err)
	}
	limits, err := p.DescribeLimits(ctx, &awsdynamodb.DescribeLimitsInput{})
	if err != nil || *limits.TableMaxWriteCapacityUnits != 40000 {
		t.Errorf("limits: %v %v", limits, err)
	}
	backups, err := p.ListBackups(ctx, &awsdynamodb.ListBackupsInput{})
	if err != nil || len(backups.BackupSummaries) != 0 {
		t.Errorf("backups: %v %v", backups, err)
	}
	_, err = p.ExecuteStatement(ctx, &awsdynamodb.ExecuteStatementInput{Statement: aws.String("SELECT 1")})
	wantFailure(t, "PartiQL", err, "ValidationException", "PartiQL")
	_, err = p.GetItem(ctx, &awsdynamodb.GetItemInput{TableName: name, Key: map[string]types.AttributeValue{"p": text("x")}, AttributesToGet: []string{"p"}})
	wantFailure(t, "a legacy parameter", err, "ValidationException", "legacy parameter AttributesToGet")
	_, err = p.CreateGlobalTable(ctx, &awsdynamodb.CreateGlobalTableInput{GlobalTableName: name, ReplicationGroup: []types.Replica{}})
	wantFailure(t, "a call that is not there", err, "UnknownOperationException", "CreateGlobalTable")
}

// The window of point-in-time recovery opens when it is switched on, ends five minutes ago, and is no longer than asked.
func TestRecoveryWindow(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	set := func(on bool, days *int32) {
		t.Helper()
		_, err := p.UpdateContinuousBackups(t.Context(), &awsdynamodb.UpdateContinuousBackupsInput{
			TableName:                        aws.String(music),
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on, RecoveryPeriodInDays: days},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, status types.PointInTimeRecoveryStatus, earliest, latest time.Duration) {
		t.Helper()
		out, err := p.DescribeContinuousBackups(t.Context(), &awsdynamodb.DescribeContinuousBackupsInput{TableName: aws.String(music)})
		if err != nil {
			t.Fatal(err)
		}
		d := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		if d.PointInTimeRecoveryStatus != status {
			t.Errorf("%s: %s", what, d.PointInTimeRecoveryStatus)
		}
		if status == types.PointInTimeRecoveryStatusDisabled {
			return
		}
		now := p.clock.Now()
		if a, b := now.Sub(*d.EarliestRestorableDateTime), now.Sub(*d.LatestRestorableDateTime); a != earliest || b != latest {
			t.Errorf("%s: the window is from %v to %v ago, want %v to %v", what, a, b, earliest, latest)
		}
	}
	check("at first", types.PointInTimeRecoveryStatusDisabled, 0, 0)
	set(true, nil)
	check("switched on", types.PointInTimeRecoveryStatusEnabled, 0, 0)
	p.clock.pass(time.Hour)
	check("an hour later", types.PointInTimeRecoveryStatusEnabled, time.Hour, 5*time.Minute)
	set(true, aws.Int32(2))
	p.clock.pass(72 * time.Hour)
	check("with two days", types.PointInTimeRecoveryStatusEnabled, 48*time.Hour, 5*time.Minute)
	set(false, nil)
	check("switched off", types.PointInTimeRecoveryStatusDisabled, 0, 0)
	set(true, nil)
	check("toggled", types.PointInTimeRecoveryStatusEnabled, 0, 0)
}

// Expired items go, the others stay, and the setting changes once an hour.
func TestTimeToLive(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	set := func(on bool) error {
		_, err := p.UpdateTimeToLive(t.Context(), &awsdynamodb.UpdateTimeToLiveInput{
			TableName: aws.String(music), TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: &on, AttributeName: aws.String("until")},
		})
		return err
	}
	status := func(want types.TimeToLiveStatus) {
		t.Helper()
		out, err := p.DescribeTimeToLive(t.Context(), &awsdynamodb.DescribeTimeToLiveInput{TableName: aws.String(music)})
		if err != nil || out.TimeToLiveDescription.TimeToLiveStatus != want {
			t.Errorf("TTL is %v, %v, want %s", out.TimeToLiveDescription, err, want)
		}
	}
	now := p.clock.Now().Unix()
	for i := range 600 {
		until := now + 3600 + int64(i%3)*86400
		p.put(map[string]types.AttributeValue{"p": text(fmt.Sprint("k", i)), "until": number(until)})
	}
	p.put(map[string]types.AttributeValue{"p": text("text"), "until": text(fmt.Sprint(now))})
	p.put(map[string]types.AttributeValue{"p": text("ancient"), "until": number(1)})
	p.put(map[string]types.AttributeValue{"p": text("none")})
	status(types.TimeToLiveStatusDisabled)
	if err := set(true); err != nil {
		t.Fatal(err)
	}
	status(types.TimeToLiveStatusEnabling)
	p.clock.pass(time.Minute)
	status(types.TimeToLiveStatusEnabled)
	wantFailure(t, "switch on again", set(true), "TimeToLive is already enabled")
	wantFailure(t, "switch off at once", set(false), "modified multiple times within a fixed interval")
	count := func() int32 {
		t.Helper()
		n := int32(0)
		for range 8 { // each call looks at a few
			out, err := p.Scan(t.Context(), &awsdynamodb.ScanInput{TableName: aws.String(music)})
			if err != nil {
				t.Fatal(err)
			}
			n = out.Count
		}
		return n
	}
	if n := count(); n != 603 {
		t.Errorf("%d items before any expired", n)
	}
	p.clock.pass(2 * time.Hour)
	if n := count(); n != 403 {
		t.Errorf("%d items after a third expired, want 403", n)
	}
	p.clock.pass(48 * time.Hour)
	if n := count(); n != 3 {
		t.Errorf("%d items after all expired, want the 3 that never do", n)
	}
	if err := set(false); err != nil {
		t.Errorf("switch off later: %v", err)
	}
}

// A saved cloud loads as it was: tables, items, indexes, settings; also through a stream; and a damaged state is refused
// and changes nothing.
func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(func(in *awsdynamodb.CreateTableInput) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String("g"), AttributeType: types.ScalarAttributeTypeN})
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byg"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("g"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}}
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
		in.ResourcePolicy = aws.String("{}")
	})
	for i := range int64(50) {
		p.put(map[string]types.AttributeValue{"p": text(fmt.Sprint("k", i)), "g": number(i % 5), "b": &types.AttributeValueMemberBS{Value: [][]byte{{0}, {255}}}})
	}
	state, err := p.service.Save()
	if err != nil {
		t.Fatal(err)
	}
	other := dynamodb.New(sim.NewWorld(2, p.clock))
	if err := other.Load(state); err != nil {
		t.Fatal(err)
	}
	q := &plane{serve(t, other), t, p.clock, other}
	before := p.describe()
	if diff := cmp.Diff(before, q.describe(), exported); diff != "" {
		t.Errorf("the table (-saved +loaded):\n%s", diff)
	}
	out, err := q.Query(t.Context(), &awsdynamodb.QueryInput{
		TableName: aws.String(music), IndexName: aws.String("byg"), KeyConditionExpression: aws.String("g = :g"), ExpressionAttributeValues: map[string]types.AttributeValue{":g": number(3)},
	})
	if err != nil || out.Count != 10 {
		t.Errorf("the index: %v %v", out, err)
	}
	if policy, err := q.GetResourcePolicy(t.Context(), &awsdynamodb.GetResourcePolicyInput{ResourceArn: before.TableArn}); err != nil || *policy.Policy != "{}" {
		t.Errorf("the policy: %v %v", policy, err)
	}
	again, err := other.Save()
	if err != nil || string(again) != string(state) {
		t.Errorf("a loaded state saves as another one: %v", err)
	}
	if err := other.Load(state[:len(state)-20]); err == nil {
		t.Error("half a state is loaded")
	}
	if n := *q.describe().ItemCount; n != 50 {
		t.Errorf("a refused state left %d items", n)
	}
}

// exported leaves out the SDK's private members.
var exported = cmp.FilterPath(func(p cmp.Path) bool {
	field, ok := p.Last().(cmp.StructField)
	return ok && field.Name() == "noSmithyDocumentSerde"
}, cmp.Ignore())

// Concurrent calls of all kinds leave a table that agrees with its index; the race detector watches.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	c := serve(t, quick(dynamodb.New(sim.NewWorld(1, nil))))
	ctx := t.Context()
	if _, err := c.CreateTable(ctx, create(func(in *awsdynamodb.CreateTableInput) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String("g"), AttributeType: types.ScalarAttributeTypeN})
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byg"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("g"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}
	})); err != nil {
		t.Fatal(err)
	}
	w := awsdynamodb.NewTableExistsWaiter(c, func(o *awsdynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	})
	if err := w.Wait(ctx, &awsdynamodb.DescribeTableInput{TableName: aws.String(music)}, time.Minute); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for worker := range int64(4) {
		wg.Go(func() {
			for i := range int64(60) {
				if err := oneOfAll(ctx, c, worker, i); err != nil {
					t.Errorf("worker %d, call %d: %v", worker, i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	table, err := c.Scan(ctx, &awsdynamodb.ScanInput{TableName: aws.String(music)})
	if err != nil {
		t.Fatal(err)
	}
	index, err := c.Scan(ctx, &awsdynamodb.ScanInput{TableName: aws.String(music), IndexName: aws.String("byg")})
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, i := range table.Items {
		if n, ok := i["n"].(*types.AttributeValueMemberN); ok {
			var one int64
			if _, err := fmt.Sscan(n.Value, &one); err != nil {
				t.Error(err)
			}
			total += one
		}
	}
	if table.Count != index.Count || total != 4*(60/4) {
		t.Errorf("%d items in the table, %d in the index; counted %d", table.Count, index.Count, total)
	}
}

// oneOfAll makes the i-th call of a worker: a counter, a put with a read, a transaction, or a scan and a description.
func oneOfAll(ctx context.Context, c *awsdynamodb.Client, worker, i int64) error {
	key := map[string]types.AttributeValue{"p": text(fmt.Sprint("k", i%7))}
	name := aws.String(music)
	var err error
	switch (i + worker) % 4 {
	case 0:
		_, err = c.UpdateItem(ctx, &awsdynamodb.UpdateItemInput{
			TableName: name, Key: key, UpdateExpression: aws.String("ADD n :one SET g = :g"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":one": number(1), ":g": number(i % 3)},
		})
	case 1:
		_, err = c.PutItem(ctx, &awsdynamodb.PutItemInput{TableName: name, Item: map[string]types.AttributeValue{"p": text(fmt.Sprint("w", worker, "-", i)), "g": number(i)}})
	case 2:
		_, err = c.TransactWriteItems(ctx, &awsdynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Update: &types.Update{TableName: name, Key: key, UpdateExpression: aws.String("SET g = :g"), ExpressionAttributeValues: map[string]types.AttributeValue{":g": number(i)}}},
			{Delete: &types.Delete{TableName: name, Key: map[string]types.AttributeValue{"p": text(fmt.Sprint("w", worker, "-", i-1))}}},
		}})
	default:
		if _, err = c.Scan(ctx, &awsdynamodb.ScanInput{TableName: name, Limit: aws.Int32(5)}); err == nil {
			_, err = c.DescribeTable(ctx, &awsdynamodb.DescribeTableInput{TableName: name})
		}
	}
	return err
}
