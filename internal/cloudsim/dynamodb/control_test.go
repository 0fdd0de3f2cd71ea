package dynamodb_test

import (
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
	buckets *memory
	world   *sim.World
	keys    *ring
}

// ring is a KMS of which some keys are broken.
type ring struct {
	mu     sync.Mutex
	broken map[string]bool
}

func (r *ring) Usable(_ sim.Scope, key string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken[key] {
		return sim.Errorf("DisabledException", "%s is disabled.", key)
	}
	return nil
}

func (r *ring) set(key string, broken bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken[key] = broken
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	clock := &handClock{now: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)}
	buckets := &memory{objects: map[string][]byte{}}
	w, keys := sim.NewWorld(1, clock), &ring{broken: map[string]bool{}}
	s := dynamodb.New(w, buckets, keys)
	return &plane{serve(t, s), t, clock, s, buckets, w, keys}
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
	return p.describeTable(music)
}

func (p *plane) describeTable(name string) *types.TableDescription {
	p.t.Helper()
	out, err := p.DescribeTable(p.t.Context(), &awsdynamodb.DescribeTableInput{TableName: &name})
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
