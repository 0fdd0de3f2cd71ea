package dynamodb_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// at is the same DynamoDB in another account or region.
func (p *plane) at(scope sim.Scope) *plane {
	there := *p
	there.Client = serveAt(p.t, p.service, scope)
	return &there
}

// recoverable switches point-in-time recovery of the table music on or off.
func (p *plane) recoverable(on bool, days *int32) {
	p.t.Helper()
	_, err := p.UpdateContinuousBackups(p.t.Context(), &awsdynamodb.UpdateContinuousBackupsInput{
		TableName:                        aws.String(music),
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on, RecoveryPeriodInDays: days},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// window is the described window of the table music; nothing while recovery is off.
func (p *plane) window() (earliest, latest time.Time, on bool) {
	p.t.Helper()
	out, err := p.DescribeContinuousBackups(p.t.Context(), &awsdynamodb.DescribeContinuousBackupsInput{TableName: aws.String(music)})
	if err != nil {
		p.t.Fatal(err)
	}
	d := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	if d.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		return earliest, latest, false
	}
	return *d.EarliestRestorableDateTime, *d.LatestRestorableDateTime, true
}

// restore restores music to a point in time, as target.
func (p *plane) restore(target string, at time.Time, change func(in *awsdynamodb.RestoreTableToPointInTimeInput)) (*types.TableDescription, error) {
	in := &awsdynamodb.RestoreTableToPointInTimeInput{SourceTableName: aws.String(music), TargetTableName: &target}
	if at.IsZero() {
		in.UseLatestRestorableTime = aws.Bool(true)
	} else {
		in.RestoreDateTime = &at
	}
	if change != nil {
		change(in)
	}
	out, err := p.RestoreTableToPointInTime(p.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.TableDescription, nil
}

// contents are a table's items of the form p, v.
func (p *plane) contents(table string) map[string]string {
	p.t.Helper()
	out := map[string]string{}
	pages := awsdynamodb.NewScanPaginator(p, &awsdynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		for _, i := range page.Items {
			out[textOf(i["p"])] = textOf(i["v"])
		}
	}
	return out
}

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return fmt.Sprint(v)
}

// The window of point-in-time recovery opens when it is switched on, ends five minutes ago, and is no longer than asked.
func TestRecoveryWindow(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	check := func(what string, wantOn bool, earliest, latest time.Duration) {
		t.Helper()
		from, to, on := p.window()
		now := p.clock.Now()
		if on != wantOn || on && (now.Sub(from) != earliest || now.Sub(to) != latest) {
			t.Errorf("%s: %v, the window is from %v to %v ago, want %v to %v", what, on, now.Sub(from), now.Sub(to), earliest, latest)
		}
	}
	check("at first", false, 0, 0)
	p.recoverable(true, nil)
	check("switched on", true, 0, 0)
	p.clock.pass(time.Hour)
	check("an hour later", true, time.Hour, 5*time.Minute)
	p.recoverable(true, aws.Int32(2))
	p.clock.pass(72 * time.Hour)
	check("with two days", true, 48*time.Hour, 5*time.Minute)
	p.recoverable(false, nil)
	check("switched off", false, 0, 0)
	p.recoverable(true, nil)
	check("toggled", true, 0, 0)
}

// A longer period does not bring back what a shorter one has let go, also when the cloud was saved and loaded in between.
func TestLongerPeriodBringsNothingBack(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	p.recoverable(true, aws.Int32(1))
	for i := range 1200 {
		p.clock.pass(150 * time.Second)
		p.put(map[string]types.AttributeValue{"p": text("k"), "v": number(int64(i))})
	}
	p.load()
	p.recoverable(true, aws.Int32(35))
	earliest, _, _ := p.window()
	if age := p.clock.Now().Sub(earliest); age < 24*time.Hour || age > 48*time.Hour {
		t.Errorf("the window begins %v ago, after %v of which a day was kept", age, 50*time.Hour)
	}
}

// After any writes, a restore to any second of the window gives the table as it was at that second, also when the cloud was saved
// and loaded in between; the source stays as it is.
func TestRestoreIsTimeTravel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlane(t)
		p.make(nil)
		p.recoverable(true, nil)
		h := newHistory(p)
		for range rapid.IntRange(0, 30).Draw(rt, "writes") {
			h.write(rt)
		}
		if rapid.Bool().Draw(rt, "saved and loaded") {
			state, err := p.service.Save()
			if err != nil {
				rt.Fatal(err)
			}
			if err := p.service.Load(state); err != nil {
				rt.Fatal(err)
			}
		}
		p.clock.pass(10 * time.Minute)
		second := h.from.Add(time.Duration(rapid.IntRange(0, int(h.seconds())).Draw(rt, "second")) * time.Second)
		if _, err := p.restore("past", second, nil); err != nil {
			rt.Fatal(err)
		}
		p.clock.pass(time.Hour)
		if diff := cmp.Diff(h.at(second), p.contents("past")); diff != "" {
			rt.Fatalf("at %v after %v (-model +restored):\n%s", second, h.from, diff)
		}
		if diff := cmp.Diff(h.model, p.contents(music)); diff != "" {
			rt.Fatalf("the source (-model +table):\n%s", diff)
		}
	})
}

// history writes to music and remembers what it held after each write.
type history struct {
	p      *plane
	from   time.Time
	model  map[string]string
	states []state
}

type state struct {
	at    time.Time
	items map[string]string
}

func newHistory(p *plane) *history {
	return &history{p: p, from: p.clock.Now(), model: map[string]string{}}
}

func (h *history) seconds() float64 {
	return h.p.clock.Now().Add(-5 * time.Minute).Sub(h.from).Seconds()
}

// write makes one call of a random kind after some time.
func (h *history) write(rt *rapid.T) {
	h.p.clock.pass(time.Duration(rapid.IntRange(0, 2500).Draw(rt, "milliseconds")) * time.Millisecond)
	ctx, name := h.p.t.Context(), aws.String(music)
	key := fmt.Sprint("k", rapid.IntRange(0, 4).Draw(rt, "key"))
	value := fmt.Sprint("v", len(h.states))
	item := map[string]types.AttributeValue{"p": text(key), "v": text(value)}
	var err error
	switch rapid.IntRange(0, 3).Draw(rt, "kind") {
	case 0:
		_, err = h.p.PutItem(ctx, &awsdynamodb.PutItemInput{TableName: name, Item: item})
		h.model[key] = value
	case 1:
		_, err = h.p.DeleteItem(ctx, &awsdynamodb.DeleteItemInput{TableName: name, Key: map[string]types.AttributeValue{"p": text(key)}})
		delete(h.model, key)
	case 2:
		_, err = h.p.UpdateItem(ctx, &awsdynamodb.UpdateItemInput{
			TableName: name, Key: map[string]types.AttributeValue{"p": text(key)}, UpdateExpression: aws.String("SET v = :v"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":v": text(value)},
		})
		h.model[key] = value
	default:
		_, err = h.p.TransactWriteItems(ctx, &awsdynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: name, Item: item}},
			{Delete: &types.Delete{TableName: name, Key: map[string]types.AttributeValue{"p": text("other")}}},
		}})
		h.model[key] = value
	}
	if err != nil {
		rt.Fatal(err)
	}
	h.states = append(h.states, state{h.p.clock.Now(), maps.Clone(h.model)})
}

// at is the model's state at an instant.
func (h *history) at(instant time.Time) map[string]string {
	out := map[string]string{}
	for _, s := range h.states {
		if !s.at.After(instant) {
			out = s.items
		}
	}
	return out
}

// A restored table has its source's keys, indexes, capacity and encryption, and none of its tags, stream, TTL, recovery, protection
// and policy; it says where it comes from, and cannot be
// used, until it is ACTIVE.
func TestRestoreKeepsAndDrops(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	source := p.makeRich()
	p.recoverable(true, nil)
	p.put(map[string]types.AttributeValue{"p": text("k"), "g": number(1)})
	p.clock.pass(time.Hour)
	d, err := p.restore("copy", time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.TableStatus != types.TableStatusCreating || !*d.RestoreSummary.RestoreInProgress || *d.RestoreSummary.SourceTableArn != *source.TableArn || *d.ItemCount != 0 || *d.GlobalSecondaryIndexes[0].ItemCount != 0 {
		t.Errorf("while it is restored: %v %v, %d items", d.TableStatus, d.RestoreSummary, *d.ItemCount)
	}
	_, err = p.Scan(t.Context(), &awsdynamodb.ScanInput{TableName: aws.String("copy")})
	wantFailure(t, "scan a table that is restored", err, "ResourceNotFoundException")
	_, err = p.ListTagsOfResource(t.Context(), &awsdynamodb.ListTagsOfResourceInput{ResourceArn: d.TableArn})
	wantFailure(t, "the tags of a table that is restored", err, "ResourceNotFoundException")
	_, err = p.CreateBackup(t.Context(), &awsdynamodb.CreateBackupInput{TableName: aws.String("copy"), BackupName: aws.String("early")})
	wantFailure(t, "back up a table that is restored", err, "TableNotFoundException")
	_, err = p.DeleteTable(t.Context(), &awsdynamodb.DeleteTableInput{TableName: aws.String("copy")})
	wantFailure(t, "delete a table that is restored", err, "ResourceInUseException")
	_, err = p.restore("copy", time.Time{}, nil)
	wantFailure(t, "restore it twice", err, "TableInUseException", "already being restored")
	p.clock.pass(19 * time.Minute)
	if d := p.describeTable("copy"); d.TableStatus != types.TableStatusCreating {
		t.Errorf("after 19 minutes it is %s: AWS takes at least 20", d.TableStatus)
	}
	p.clock.pass(time.Minute)
	d = p.describeTable("copy")
	if d.TableStatus != types.TableStatusActive || d.RestoreSummary != nil || *d.ItemCount != 1 {
		t.Errorf("restored: %v %v, %d items", d.TableStatus, d.RestoreSummary, *d.ItemCount)
	}
	for what, pair := range map[string][2]any{
		"keys": {source.KeySchema, d.KeySchema}, "attributes": {source.AttributeDefinitions, d.AttributeDefinitions},
		"encryption": {source.SSEDescription, d.SSEDescription}, "capacity": {*source.ProvisionedThroughput.WriteCapacityUnits, *d.ProvisionedThroughput.WriteCapacityUnits},
		"index": {*source.GlobalSecondaryIndexes[0].ProvisionedThroughput.ReadCapacityUnits, *d.GlobalSecondaryIndexes[0].ProvisionedThroughput.ReadCapacityUnits},
	} {
		if diff := cmp.Diff(pair[0], pair[1], exported); diff != "" {
			t.Errorf("%s (-source +restored):\n%s", what, diff)
		}
	}
	if d.StreamSpecification != nil || d.LatestStreamArn != nil || *d.DeletionProtectionEnabled || *d.TableId == *source.TableId {
		t.Errorf("the restored table has a stream, protection or its source's id: %v", d)
	}
	p.wantBare(d.TableArn)
	if _, err := p.Query(t.Context(), byG("copy")); err != nil {
		t.Errorf("query the restored index: %v", err)
	}
}

// byG queries the index byg of makeRich.
func byG(table string) *awsdynamodb.QueryInput {
	return &awsdynamodb.QueryInput{
		TableName: &table, IndexName: aws.String("byg"), KeyConditionExpression: aws.String("g = :g"), ExpressionAttributeValues: map[string]types.AttributeValue{":g": number(1)},
	}
}

// wantBare checks that a table has no tags, TTL, recovery or policy.
func (p *plane) wantBare(arn *string) {
	p.t.Helper()
	ctx := p.t.Context()
	if tags, err := p.ListTagsOfResource(ctx, &awsdynamodb.ListTagsOfResourceInput{ResourceArn: arn}); err != nil || len(tags.Tags) != 0 {
		p.t.Errorf("tags of a restored table: %v %v", tags, err)
	}
	if ttl, err := p.DescribeTimeToLive(ctx, &awsdynamodb.DescribeTimeToLiveInput{TableName: arn}); err != nil || ttl.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusDisabled {
		p.t.Errorf("TTL of a restored table: %v %v", ttl, err)
	}
	if b, err := p.DescribeContinuousBackups(ctx, &awsdynamodb.DescribeContinuousBackupsInput{TableName: arn}); err != nil ||
		b.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusDisabled {
		p.t.Errorf("recovery of a restored table: %v %v", b, err)
	}
	_, err := p.GetResourcePolicy(ctx, &awsdynamodb.GetResourcePolicyInput{ResourceArn: arn})
	wantFailure(p.t, "the policy of a restored table", err, "PolicyNotFoundException")
}

// makeRich makes music with every setting that a restore keeps or drops.
func (p *plane) makeRich() *types.TableDescription {
	p.t.Helper()
	p.make(func(in *awsdynamodb.CreateTableInput) {
		in.BillingMode, in.ProvisionedThroughput = types.BillingModeProvisioned, &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(3), WriteCapacityUnits: aws.Int64(4)}
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String("g"), AttributeType: types.ScalarAttributeTypeN})
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byg"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("g"), KeyType: types.KeyTypeHash}},
			Projection:            &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(6)},
		}}
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String("alias/music")}
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages}
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
		in.DeletionProtectionEnabled = aws.Bool(true)
		in.ResourcePolicy = aws.String("{}")
	})
	_, err := p.UpdateTimeToLive(p.t.Context(), &awsdynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(music), TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: aws.String("until")},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.describe()
}

// Overrides change billing, indexes and encryption of a restored table; what does not fit is refused.
func TestRestoreOverrides(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.makeRich()
	p.recoverable(true, nil)
	d, err := p.restore("cheap", time.Time{}, func(in *awsdynamodb.RestoreTableToPointInTimeInput) {
		in.BillingModeOverride = types.BillingModePayPerRequest
		in.GlobalSecondaryIndexOverride = []types.GlobalSecondaryIndex{}
		in.SSESpecificationOverride = &types.SSESpecification{Enabled: aws.Bool(false)}
	})
	if err != nil || d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || len(d.GlobalSecondaryIndexes) != 0 || d.SSEDescription != nil || len(d.AttributeDefinitions) != 1 {
		t.Errorf("overridden: %v %v", d, err)
	}
	for what, change := range map[string]func(in *awsdynamodb.RestoreTableToPointInTimeInput){
		"capacity on demand": func(in *awsdynamodb.RestoreTableToPointInTimeInput) {
			in.BillingModeOverride = types.BillingModePayPerRequest
			in.ProvisionedThroughputOverride = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: aws.Int64(1)}
		},
		"an index that the source lacks": func(in *awsdynamodb.RestoreTableToPointInTimeInput) {
			in.GlobalSecondaryIndexOverride = []types.GlobalSecondaryIndex{{IndexName: aws.String("other"), KeySchema: []types.KeySchemaElement{}, Projection: &types.Projection{}}}
		},
		"both kinds of time": func(in *awsdynamodb.RestoreTableToPointInTimeInput) { in.RestoreDateTime = aws.Time(p.clock.Now()) },
		"no source":          func(in *awsdynamodb.RestoreTableToPointInTimeInput) { in.SourceTableName = nil },
	} {
		_, err := p.restore("other", time.Time{}, change)
		wantFailure(t, what, err, "ValidationException")
	}
}

// A restore is refused with AWS's error when the time is outside the window, recovery is off, a table is missing or in the way, or
// fifty restores are under way.
func TestRestoreRefusals(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.make(nil)
	_, err := p.restore("copy", time.Time{}, nil)
	wantFailure(t, "recovery is off", err, "PointInTimeRecoveryUnavailableException", "not enabled for table 'music'")
	p.recoverable(true, nil)
	since := p.clock.Now()
	p.clock.pass(time.Hour)
	for _, at := range []time.Time{since.Add(-time.Second), p.clock.Now().Add(-5*time.Minute + time.Second), p.clock.Now().Add(time.Hour)} {
		_, err := p.restore("copy", at, nil)
		wantFailure(t, fmt.Sprint("restore to ", at), err, "InvalidRestoreTimeException")
	}
	_, err = p.restore(music, time.Time{}, nil)
	wantFailure(t, "restore over the source", err, "TableAlreadyExistsException")
	_, err = p.restore("copy", time.Time{}, func(in *awsdynamodb.RestoreTableToPointInTimeInput) { in.SourceTableName = aws.String("nothing") })
	wantFailure(t, "restore nothing", err, "TableNotFoundException")
	for i := range 50 {
		if _, err := p.restore(fmt.Sprint("copy", i), time.Time{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	_, err = p.restore("copy", time.Time{}, nil)
	wantFailure(t, "the 51st restore", err, "LimitExceededException")
	p.clock.pass(20 * time.Minute)
	if _, err := p.restore("copy", time.Time{}, nil); err != nil {
		t.Errorf("when the fifty are done: %v", err)
	}
}

// A table is restored into another region of its account by its ARN, with encryption said anew; not from a region that is lost.
func TestRestoreAcrossRegions(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	arn := p.make(nil).TableArn
	p.recoverable(true, nil)
	p.put(map[string]types.AttributeValue{"p": text("k"), "v": text("1")})
	p.clock.pass(10 * time.Minute)
	far := p.at(sim.Scope{Account: scope.Account, Region: "eu-central-1"})
	byARN := func(in *awsdynamodb.RestoreTableToPointInTimeInput) {
		in.SourceTableName, in.SourceTableArn = nil, arn
		in.SSESpecificationOverride = &types.SSESpecification{Enabled: aws.Bool(false)}
	}
	_, err := far.restore(music, time.Time{}, func(in *awsdynamodb.RestoreTableToPointInTimeInput) { in.SourceTableName, in.SourceTableArn = nil, arn })
	wantFailure(t, "without encryption", err, "ValidationException", "sseSpecificationOverride")
	d, err := far.restore(music, time.Time{}, byARN)
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:dynamodb:eu-central-1:111111111111:table/music"; *d.TableArn != want {
		t.Errorf("restored as %s", *d.TableArn)
	}
	p.clock.pass(time.Hour)
	if got := far.contents(music); len(got) != 1 {
		t.Errorf("restored %v", got)
	}
	p.world.Lose(scope)
	_, err = far.restore("again", time.Time{}, byARN)
	wantFailure(t, "from a lost region", err, "InternalServerError", scope.Region)
}

// When the journal has no room for the whole window, the earliest restorable time moves on, and what is left is right.
func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.service.JournalLimit = 4000
	p.make(nil)
	p.recoverable(true, nil)
	h := newHistory(p)
	for i := range 200 {
		p.clock.pass(time.Second)
		value := fmt.Sprint("v", i)
		p.put(map[string]types.AttributeValue{"p": text("k"), "v": text(value)})
		h.model["k"] = value
		h.states = append(h.states, state{p.clock.Now(), maps.Clone(h.model)})
	}
	p.clock.pass(10 * time.Minute)
	earliest, _, _ := p.window()
	if age := p.clock.Now().Sub(earliest); age > 13*time.Minute || age < 10*time.Minute {
		t.Errorf("the window begins %v ago", age)
	}
	if _, err := p.restore("early", earliest, nil); err != nil {
		t.Fatal(err)
	}
	p.clock.pass(time.Hour)
	if diff := cmp.Diff(h.at(earliest), p.contents("early")); diff != "" {
		t.Errorf("at %v (-model +restored):\n%s", earliest, diff)
	}
}
