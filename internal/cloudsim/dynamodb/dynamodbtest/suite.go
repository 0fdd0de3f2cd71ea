// Package dynamodbtest says what a DynamoDB does, as tests that any implementation can run through the AWS SDK.
//
// Promise: what is asserted here is documented by AWS and held by DynamoDB Local too. Where their error messages
// differ, both are named and either will do. What only one of both does is not asserted here.
package dynamodbtest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// Run runs the suite with a client that retries nothing. Every test makes tables of its own, whose names no other run
// of this process uses.
func Run(t *testing.T, newClient func(t *testing.T) *dynamodb.Client) {
	t.Helper()
	b := &bench{Client: newClient(t)}
	t.Run("items", b.testItems)
	t.Run("numbers", b.testNumbers)
	t.Run("values", b.testValues)
	t.Run("keys", b.testKeys)
	t.Run("conditions", b.testConditions)
	t.Run("condition errors", b.testConditionErrors)
	t.Run("updates", b.testUpdates)
	t.Run("update errors", b.testUpdateErrors)
	t.Run("attribute updates", b.testAttributeUpdates)
	t.Run("return values", b.testReturnValues)
	t.Run("placeholders", b.testPlaceholders)
	t.Run("projection", b.testProjection)
	t.Run("query", b.testQuery)
	t.Run("query errors", b.testQueryErrors)
	t.Run("query pages", b.testQueryPages)
	t.Run("scan", b.testScan)
	t.Run("segments", b.testSegments)
	t.Run("global index", b.testGlobalIndex)
	t.Run("local index", b.testLocalIndex)
	t.Run("batch write", b.testBatchWrite)
	t.Run("batch get", b.testBatchGet)
	t.Run("transact write", b.testTransactWrite)
	t.Run("transact get", b.testTransactGet)
	t.Run("capacity", b.testCapacity)
	t.Run("tables", b.testTables)
	t.Run("model", b.testModel)
}

// bench is what a test works with: a client, and the table that the test made last.
type bench struct {
	*dynamodb.Client
	table string
}

// serial tells the tables of one run apart.
var serial atomic.Int64

// schema describes a table by its keys: "p:S" or "p:S s:N"; and its indexes, by name, with a projection of ALL
// unless it is KEYS_ONLY or names attributes.
type schema struct {
	keys   string
	global map[string]string
	local  map[string]string
	only   map[string][]string
}

// make makes the table of the test, and waits until it is there.
func (b *bench) make(t *testing.T, s schema) {
	t.Helper()
	b.table = fmt.Sprintf("suite.%s-%d", strings.NewReplacer("/", "_", " ", "-", "#", "-").Replace(t.Name()), serial.Add(1))
	in := &dynamodb.CreateTableInput{TableName: &b.table, BillingMode: types.BillingModePayPerRequest}
	kinds := map[string]string{}
	in.KeySchema = keySchema(s.keys, kinds)
	for name, keys := range s.global {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: &name, KeySchema: keySchema(keys, kinds), Projection: s.projection(name)})
	}
	for name, keys := range s.local {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{IndexName: &name, KeySchema: keySchema(keys, kinds), Projection: s.projection(name)})
	}
	for name, kind := range kinds {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	if _, err := b.CreateTable(t.Context(), in); err != nil {
		t.Fatalf("CreateTable: %v", err)
	}
	w := dynamodb.NewTableExistsWaiter(b.Client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 100*time.Millisecond
	})
	if err := w.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &b.table}, time.Minute); err != nil {
		t.Fatalf("wait for the table: %v", err)
	}
}

func keySchema(keys string, kinds map[string]string) []types.KeySchemaElement {
	var out []types.KeySchemaElement
	for i, part := range strings.Fields(keys) {
		name, kind, _ := strings.Cut(part, ":")
		kinds[name] = kind
		out = append(out, types.KeySchemaElement{AttributeName: &name, KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
	}
	return out
}

func (s schema) projection(name string) *types.Projection {
	only, limited := s.only[name]
	switch {
	case !limited:
		return &types.Projection{ProjectionType: types.ProjectionTypeAll}
	case len(only) == 0:
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	default:
		return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: only}
	}
}

// put puts an item.
func (b *bench) put(t *testing.T, i row) {
	t.Helper()
	if _, err := b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: i.attrs()}); err != nil {
		t.Fatalf("PutItem %v: %v", i, err)
	}
}

// get reads an item consistently; nil when it is not there.
func (b *bench) get(t *testing.T, key row) row {
	t.Helper()
	out, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: key.attrs(), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatalf("GetItem %v: %v", key, err)
	}
	return rowOf(out.Item)
}

// update is an UpdateItem on the key with values named :a, :b and so on in their order.
func (b *bench) update(key row, expression string, values ...any) *dynamodb.UpdateItemInput {
	return &dynamodb.UpdateItemInput{TableName: &b.table, Key: key.attrs(), UpdateExpression: &expression, ExpressionAttributeValues: named(values)}
}

// named names values :a, :b and so on; none are nil.
func named(values []any) map[string]types.AttributeValue {
	if len(values) == 0 {
		return nil
	}
	out := map[string]types.AttributeValue{}
	for i, v := range values {
		out[":"+string(rune('a'+i))] = value(v)
	}
	return out
}

// want fails the test unless both are equal.
func want(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantError fails the test unless err has the code, and a message that contains one of the texts, if any are given.
func wantError(t *testing.T, what string, err error, code string, texts ...string) {
	t.Helper()
	var e smithy.APIError
	switch {
	case err == nil:
		t.Errorf("%s: no error, want %s", what, code)
		return
	case !errors.As(err, &e):
		t.Errorf("%s: %v, want %s", what, err, code)
		return
	case e.ErrorCode() != code:
		t.Errorf("%s: %s: %s, want %s", what, e.ErrorCode(), e.ErrorMessage(), code)
		return
	}
	for _, text := range texts {
		if strings.Contains(e.ErrorMessage(), text) {
			return
		}
	}
	if len(texts) > 0 {
		t.Errorf("%s: message %q, want one with %q", what, e.ErrorMessage(), texts)
	}
}

// errorAs finds an error of a type.
func errorAs[E error](err error) (E, bool) {
	var e E
	ok := errors.As(err, &e)
	return e, ok
}

// The codes that most errors have.
const (
	validation  = "ValidationException"
	conditional = "ConditionalCheckFailedException"
	notFound    = "ResourceNotFoundException"
)
