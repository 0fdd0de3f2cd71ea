package dynamodbtest

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Capacity is counted by size: reads by 4 KB, half of it when eventually consistent, writes by 1 KB of the larger item.
func (b *bench) testCapacity(t *testing.T) {
	b.make(t, schema{keys: "p:S", global: map[string]string{"byg": "g:S"}})
	put := func(r row, units float64) {
		t.Helper()
		out, err := b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: r.attrs(), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "written", aws.ToFloat64(out.ConsumedCapacity.CapacityUnits), units)
	}
	put(row{"p": "small"}, 1)
	put(row{"p": "k", "t": strings.Repeat("x", 1024-3)}, 1) // with two names and a key of a byte each
	put(row{"p": "k", "t": strings.Repeat("x", 1024-2)}, 2)
	put(row{"p": "big", "t": strings.Repeat("x", 9000)}, 9)
	put(row{"p": "big"}, 9)
	put(row{"p": "big", "t": strings.Repeat("x", 9000), "g": "G"}, 18)
	for _, c := range []struct {
		consistent bool
		units      float64
	}{{true, 3}, {false, 1.5}} {
		out, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: row{"p": "big"}.attrs(), ConsistentRead: &c.consistent, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "read", aws.ToFloat64(out.ConsumedCapacity.CapacityUnits), c.units)
	}
	out, err := b.Scan(t.Context(), &dynamodb.ScanInput{TableName: &b.table, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "scanned", aws.ToFloat64(out.ConsumedCapacity.Table.CapacityUnits), 3.0)
	got, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: row{"p": "big"}.attrs()})
	if err != nil || got.ConsumedCapacity != nil {
		t.Errorf("capacity that nobody asked for: %v %v", got.ConsumedCapacity, err)
	}
}

// Tables are described as they were made, listed in order, and deleted.
func (b *bench) testTables(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N", global: map[string]string{"g-index": "g:B"}, local: map[string]string{"l-index": "p:S l:N"}, only: map[string][]string{"l-index": {"x"}}})
	out, err := b.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &b.table})
	if err != nil {
		t.Fatal(err)
	}
	d := out.Table
	if d.TableStatus != types.TableStatusActive || d.CreationDateTime == nil || time.Since(*d.CreationDateTime).Abs() > time.Hour {
		t.Errorf("described as %s, created %v", d.TableStatus, d.CreationDateTime)
	}
	want(t, "key schema", []string{*d.KeySchema[0].AttributeName, string(d.KeySchema[0].KeyType), *d.KeySchema[1].AttributeName, string(d.KeySchema[1].KeyType)}, []string{"p", "HASH", "s", "RANGE"})
	want(t, "indexes", []string{*d.GlobalSecondaryIndexes[0].IndexName, string(d.GlobalSecondaryIndexes[0].IndexStatus), *d.LocalSecondaryIndexes[0].IndexName}, []string{"g-index", "ACTIVE", "l-index"})
	want(t, "billing", d.BillingModeSummary.BillingMode, types.BillingModePayPerRequest)
	if !strings.HasSuffix(*d.TableArn, ":table/"+b.table) {
		t.Errorf("ARN %s", *d.TableArn)
	}
	create := &dynamodb.CreateTableInput{TableName: &b.table, BillingMode: types.BillingModePayPerRequest, KeySchema: d.KeySchema[:1], AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: "S"}}}
	_, err = b.CreateTable(t.Context(), create)
	wantError(t, "a table of that name", err, "ResourceInUseException", "Table already exists: "+b.table, "preexisting table")
	b.testCreateErrors(t)

	list, err := b.ListTables(t.Context(), &dynamodb.ListTablesInput{ExclusiveStartTableName: aws.String(b.table[:len(b.table)-1]), Limit: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.TableNames) != 1 || list.TableNames[0] <= b.table[:len(b.table)-1] {
		t.Errorf("listed %v after %s", list.TableNames, b.table[:len(b.table)-1])
	}
	if _, err := b.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &b.table}); err != nil {
		t.Fatal(err)
	}
	w := dynamodb.NewTableNotExistsWaiter(b.Client, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 100*time.Millisecond
	})
	if err := w.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &b.table}, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err = b.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &b.table})
	wantError(t, "delete it again", err, notFound)
	b.make(t, schema{keys: "p:S"})
	want(t, "a new table is empty", len(b.scanAll(t, &dynamodb.ScanInput{TableName: &b.table})), 0)
}

func (b *bench) testCreateErrors(t *testing.T) {
	t.Helper()
	for what, c := range map[string]struct {
		change func(in *dynamodb.CreateTableInput)
		texts  []string
	}{
		"no capacity":       {func(in *dynamodb.CreateTableInput) { in.BillingMode = "" }, []string{"ReadCapacityUnits and WriteCapacityUnits must both be specified", "No provisioned throughput specified"}},
		"undefined key":     {func(in *dynamodb.CreateTableInput) { in.KeySchema[0].AttributeName = aws.String("q") }, nil},
		"unused definition": {func(in *dynamodb.CreateTableInput) { in.AttributeDefinitions[0].AttributeName = aws.String("q") }, nil},
		"range first":       {func(in *dynamodb.CreateTableInput) { in.KeySchema[0].KeyType = types.KeyTypeRange }, nil},
		"short name":        {func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("ab") }, nil},
		"bad name":          {func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("a b c") }, nil},
		"local without range": {func(in *dynamodb.CreateTableInput) {
			in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{IndexName: aws.String("lll"), KeySchema: in.KeySchema, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}}
		}, nil},
	} {
		in := &dynamodb.CreateTableInput{
			TableName: aws.String(b.table + "-bad"), BillingMode: types.BillingModePayPerRequest,
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash}},
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: "S"}},
		}
		c.change(in)
		_, err := b.CreateTable(t.Context(), in)
		wantError(t, what, err, validation, c.texts...)
	}
}
