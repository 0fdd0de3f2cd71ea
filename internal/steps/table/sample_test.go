package table_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// indexed makes the standby's table with two indexes: by-v, and by-w, whose key no item has.
func (w *world) indexed(tb testing.TB) {
	tb.Helper()
	api, text := w.Open(tb, cloudtest.Standby()).DynamoDB, types.ScalarAttributeTypeS
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(orders), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: text}, {AttributeName: aws.String("v"), AttributeType: text}, {AttributeName: aws.String("w"), AttributeType: text}},
	}
	for _, k := range []string{"v", "w"} {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String("by-" + k), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String(k), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("id"), KeyType: types.KeyTypeRange}},
		})
	}
	if _, err := api.CreateTable(tb.Context(), in); err != nil {
		tb.Fatal(err)
	}
	err := dynamodb.NewTableExistsWaiter(api, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 20*time.Millisecond
	}).Wait(tb.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(orders)}, time.Minute)
	if err != nil {
		tb.Fatal(err)
	}
}

// The promise: after a load every index is asked for an item, and as many items as the plan says are compared attribute by attribute; the outcome
// says so.
func TestLoadLooksDeeper(t *testing.T) {
	t.Parallel()
	w, _ := lost(t, 40)
	w.indexed(t)
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Load, "latest")
	cfg.Table.Compare = 10
	out, err := w.ensure(t, cfg, &call)
	if err != nil {
		t.Fatal(err)
	}
	const want = "digest equal; 10 sampled items are the same attribute by attribute; asked and right: index by-v; not asked, as none of 40 items has its key: index by-w"
	if !strings.Contains(out.Summary, want) || len(out.Duties) != 0 {
		t.Errorf("%s, %v", out.Summary, out.Duties)
	}
}

// The promise: where digests cannot agree, because a person let the export be written over other items, a sampled item that differs is still found. Its key
// is in a file of the step, and not in the error.
func TestSampleFindsADifference(t *testing.T) {
	t.Parallel()
	w, _ := lost(t, 40)
	here := w.furnish(t, cloudtest.Standby(), "id", false)
	write(t, here, 100, 101, "other")
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Load, "latest")
	cfg.Table.Compare = 40
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok {
		t.Fatalf("%v", err)
	}
	answer(&call, ask.Key, step.Approve)
	if _, err := w.ensure(t, cfg, &call); err != nil {
		t.Fatal(err)
	}
	write(t, here, 33, 34, "spoilt")
	_, err = w.ensure(t, cfg, &call)
	e, ok := errors.AsType[*step.Error](err)
	if !ok || e.What != "1 of 40 sampled items of table orders are not what the export holds; the first differs in v" {
		t.Fatalf("%v", err)
	}
	text, err := os.ReadFile(filepath.Join(call.Dir, "differences.jsonl"))
	if err != nil || string(text) != `{"attributes":["v"],"key":{"id":{"S":"33"}}}`+"\n" {
		t.Errorf("%s, %v", text, err)
	}
}
