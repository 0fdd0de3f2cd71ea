package dynamodbtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func putRequest(r row) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: r.attrs()}}
}

func deleteRequest(key row) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key.attrs()}}
}

func (b *bench) batch(t *testing.T, writes ...types.WriteRequest) error {
	t.Helper()
	out, err := b.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{b.table: writes}})
	if err == nil && len(out.UnprocessedItems) > 0 {
		err = fmt.Errorf("unprocessed: %v", out.UnprocessedItems)
	}
	return err
}

// A batch puts and deletes up to 25 different items; a batch that is refused writes nothing.
func (b *bench) testBatchWrite(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.put(t, row{"p": "old"})
	if err := b.batch(t, putRequest(row{"p": "new", "v": 1}), deleteRequest(row{"p": "old"}), deleteRequest(row{"p": "none"})); err != nil {
		t.Fatal(err)
	}
	want(t, "after the batch", []row{b.get(t, row{"p": "new"}), b.get(t, row{"p": "old"})}, []row{{"p": "new", "v": 1}, nil})
	var many []types.WriteRequest
	for i := range 26 {
		many = append(many, putRequest(row{"p": fmt.Sprint("many", i)}))
	}
	wantError(t, "26 items", b.batch(t, many...), validation, "Too many items requested for the BatchWriteItem call")
	wantError(t, "one item twice", b.batch(t, putRequest(row{"p": "twice"}), deleteRequest(row{"p": "twice"})), validation, "Provided list of item keys contains duplicates")
	wantError(t, "an item without its key", b.batch(t, putRequest(row{"p": "good"}), putRequest(row{"q": "bad"})), validation)
	wantError(t, "nothing in a request", b.batch(t, types.WriteRequest{}), validation)
	_, err := b.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"no-such-table": many[:1]}})
	wantError(t, "a table that is not there", err, notFound)
	for _, p := range []string{"many0", "twice", "good"} {
		if got := b.get(t, row{"p": p}); got != nil {
			t.Errorf("a refused batch wrote %v", got)
		}
	}
}

// A batch reads up to 100 items of several tables; what is not there is left out; what is too much is left for later.
func (b *bench) testBatchGet(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.fill(t, 60, 350<<10)
	keys := func(n int) []map[string]types.AttributeValue {
		var out []map[string]types.AttributeValue
		for i := range n {
			out = append(out, row{"p": fmt.Sprint("k", i)}.attrs())
		}
		return out
	}
	ask := func(k types.KeysAndAttributes) (*dynamodb.BatchGetItemOutput, error) {
		return b.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{b.table: k}})
	}
	got := map[any]int{}
	left := types.KeysAndAttributes{Keys: keys(100), ProjectionExpression: aws.String("#p, i"), ExpressionAttributeNames: map[string]string{"#p": "p"}, ConsistentRead: aws.Bool(true)}
	rounds := 0
	for ; rounds < 10 && len(left.Keys) > 0; rounds++ {
		out, err := ask(left)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rowsOf(out.Responses[b.table]) {
			got[r["p"]]++
			if len(r) != 2 {
				t.Errorf("more than was projected: %v", r)
			}
		}
		left = out.UnprocessedKeys[b.table]
	}
	if len(got) != 60 || rounds < 2 {
		t.Errorf("%d items in %d rounds, want 60 (of 350 KB) in several of 16 MB", len(got), rounds)
	}
	for k, n := range got {
		if n != 1 {
			t.Errorf("%v was read %d times", k, n)
		}
	}
	_, err := ask(types.KeysAndAttributes{Keys: keys(101)})
	wantError(t, "101 keys", err, validation, "Too many items requested for the BatchGetItem call")
	_, err = ask(types.KeysAndAttributes{Keys: append(keys(1), keys(1)...)})
	wantError(t, "one key twice", err, validation, "Provided list of item keys contains duplicates")
	_, err = b.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{}})
	wantError(t, "no tables", err, validation)
}

func (b *bench) transact(t *testing.T, items ...types.TransactWriteItem) error {
	t.Helper()
	_, err := b.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

func (b *bench) txPut(r row, condition string) types.TransactWriteItem {
	p := &types.Put{TableName: &b.table, Item: r.attrs(), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	if condition != "" {
		p.ConditionExpression = &condition
	}
	return types.TransactWriteItem{Put: p}
}

// A transaction does all or nothing, says why, and is done once for each token.
func (b *bench) testTransactWrite(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.put(t, row{"p": "there", "v": 1})
	b.put(t, row{"p": "going"})
	isThere := types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &b.table, Key: row{"p": "there"}.attrs(), ConditionExpression: aws.String("v = :a"), ExpressionAttributeValues: named([]any{1}),
	}}
	bump := types.TransactWriteItem{Update: &types.Update{
		TableName: &b.table, Key: row{"p": "count"}.attrs(), UpdateExpression: aws.String("ADD n :a"), ExpressionAttributeValues: named([]any{1}),
	}}
	remove := types.TransactWriteItem{Delete: &types.Delete{TableName: &b.table, Key: row{"p": "going"}.attrs()}}
	if err := b.transact(t, isThere, bump, remove, b.txPut(row{"p": "new"}, "attribute_not_exists(p)")); err != nil {
		t.Fatal(err)
	}
	want(t, "after it", []row{b.get(t, row{"p": "count"}), b.get(t, row{"p": "going"}), b.get(t, row{"p": "new"})}, []row{{"p": "count", "n": 1}, nil, {"p": "new"}})

	err := b.transact(t, bump, b.txPut(row{"p": "there"}, "attribute_not_exists(p)"), b.txPut(row{"p": "other"}, ""))
	wantError(t, "a failed condition", err, "TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]")
	if cancelled, ok := errorAs[*types.TransactionCanceledException](err); ok {
		var codes []string
		for _, r := range cancelled.CancellationReasons {
			codes = append(codes, aws.ToString(r.Code))
		}
		want(t, "codes", codes, []string{"None", "ConditionalCheckFailed", "None"})
		want(t, "the item of the failed condition", rowOf(cancelled.CancellationReasons[1].Item), row{"p": "there", "v": 1})
		want(t, "message", aws.ToString(cancelled.CancellationReasons[1].Message), "The conditional request failed")
	}
	want(t, "nothing was done", []row{b.get(t, row{"p": "count"}), b.get(t, row{"p": "other"})}, []row{{"p": "count", "n": 1}, nil})

	wantError(t, "one item twice", b.transact(t, bump, bump), validation, "Transaction request cannot include multiple operations on one item")
	var many []types.TransactWriteItem
	for i := range 101 {
		many = append(many, b.txPut(row{"p": fmt.Sprint("m", i)}, ""))
	}
	wantError(t, "101 items", b.transact(t, many...), validation, "Member must have length less than or equal to 100")
	if err := b.transact(t, many[:100]...); err != nil {
		t.Errorf("100 items: %v", err)
	}
	wantError(t, "a malformed update", b.transact(t, types.TransactWriteItem{Update: &types.Update{
		TableName: &b.table, Key: row{"p": "x"}.attrs(), UpdateExpression: aws.String("SET n = = n"),
	}}), validation, `Invalid UpdateExpression: Syntax error; token: "="`)
	wantError(t, "a forbidden value", b.transact(t, types.TransactWriteItem{Update: &types.Update{
		TableName: &b.table, Key: row{"p": "x"}.attrs(), UpdateExpression: aws.String("SET n = :a"), ExpressionAttributeValues: named([]any{set{}}),
	}}), validation, "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :a")
	b.testToken(t, bump)
}

func (b *bench) testToken(t *testing.T, bump types.TransactWriteItem) {
	t.Helper()
	in := &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{bump}, ClientRequestToken: aws.String("token-" + b.table[len(b.table)-8:])}
	for range 3 {
		if _, err := b.TransactWriteItems(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "once for each token", b.get(t, row{"p": "count"}), row{"p": "count", "n": 2})
	in.TransactItems = append(in.TransactItems, b.txPut(row{"p": "more"}, ""))
	_, err := b.TransactWriteItems(t.Context(), in)
	wantError(t, "a token for another transaction", err, "IdempotentParameterMismatchException")
}

// A transaction reads several items at one instant, in the order of the request.
func (b *bench) testTransactGet(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.put(t, row{"p": "a", "v": 1, "w": strings.Repeat("x", 10)})
	get := func(p, projection string) types.TransactGetItem {
		g := &types.Get{TableName: &b.table, Key: row{"p": p}.attrs()}
		if projection != "" {
			g.ProjectionExpression = &projection
		}
		return types.TransactGetItem{Get: g}
	}
	out, err := b.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{get("none", ""), get("a", "v")}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "responses", []row{rowOf(out.Responses[0].Item), rowOf(out.Responses[1].Item)}, []row{nil, {"v": 1}})
	_, err = b.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{get("a", ""), get("a", "")}})
	wantError(t, "one item twice", err, validation, "Transaction request cannot include multiple operations on one item")
}
