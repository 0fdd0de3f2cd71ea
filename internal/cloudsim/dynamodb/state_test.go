package dynamodb_test

import (
	"context"
	"fmt"
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
	other := dynamodb.New(sim.NewWorld(2, p.clock), nil, nil)
	if err := other.Load(state); err != nil {
		t.Fatal(err)
	}
	q := &plane{Client: serve(t, other), t: t, clock: p.clock, service: other}
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
	c := serve(t, quick(dynamodb.New(sim.NewWorld(1, nil), nil, nil)))
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
