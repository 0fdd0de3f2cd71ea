package dynamodbtest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (b *bench) queryIndex(t *testing.T, index, condition string, values ...any) []row {
	t.Helper()
	in := b.queryOf(condition, values...)
	in.IndexName = &index
	out, err := b.Query(t.Context(), in)
	if err != nil {
		t.Fatalf("Query %s %s: %v", index, condition, err)
	}
	return rowsOf(out.Items)
}

// A global index holds the items that have its keys, with what it projects, as they are now.
func (b *bench) testGlobalIndex(t *testing.T) {
	b.make(t, schema{
		keys:   "p:S s:N",
		global: map[string]string{"all": "g:S h:N", "keys": "g:S", "some": "h:N"},
		only:   map[string][]string{"keys": {}, "some": {"x"}},
	})
	first := row{"p": "a", "s": 1, "g": "G", "h": 2, "x": "X", "y": "Y"}
	b.put(t, first)
	b.put(t, row{"p": "a", "s": 2, "g": "G", "h": 1})
	b.put(t, row{"p": "b", "s": 3, "g": "G"})
	b.put(t, row{"p": "c", "s": 4, "h": 2})
	want(t, "in the index's order, without items that lack its keys", b.queryIndex(t, "all", "g = :a", "G"), []row{{"p": "a", "s": 2, "g": "G", "h": 1}, first})
	want(t, "a range", b.queryIndex(t, "all", "g = :a AND h > :b", "G", 1), []row{first})
	want(t, "keys only", len(b.queryIndex(t, "keys", "g = :a", "G")), 3)
	for _, r := range b.queryIndex(t, "keys", "g = :a", "G") {
		if len(r) != 3 {
			t.Errorf("keys only: %v", r)
		}
	}
	for _, r := range b.queryIndex(t, "some", "h = :a", 2) {
		if r["p"] == "a" {
			want(t, "some", r, row{"p": "a", "s": 1, "h": 2, "x": "X"})
		}
	}
	if _, err := b.UpdateItem(t.Context(), b.update(row{"p": "a", "s": 1}, "SET h = :a REMOVE x", 0)); err != nil {
		t.Fatal(err)
	}
	moved := row{"p": "a", "s": 1, "g": "G", "h": 0, "y": "Y"}
	want(t, "after the key changed", b.queryIndex(t, "all", "g = :a", "G"), []row{moved, {"p": "a", "s": 2, "g": "G", "h": 1}})
	if _, err := b.UpdateItem(t.Context(), b.update(row{"p": "a", "s": 1}, "REMOVE g")); err != nil {
		t.Fatal(err)
	}
	want(t, "after the key went", b.queryIndex(t, "all", "g = :a", "G"), []row{{"p": "a", "s": 2, "g": "G", "h": 1}})
	if _, err := b.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &b.table, Key: row{"p": "a", "s": 2}.attrs()}); err != nil {
		t.Fatal(err)
	}
	want(t, "after the item went", len(b.queryIndex(t, "all", "g = :a", "G")), 0)
	b.testIndexErrors(t)
	b.testIndexPages(t)
}

func (b *bench) testIndexErrors(t *testing.T) {
	t.Helper()
	in := b.queryOf("g = :a", "G")
	in.IndexName, in.ConsistentRead = aws.String("all"), aws.Bool(true)
	_, err := b.Query(t.Context(), in)
	wantError(t, "a consistent read", err, validation, "Consistent reads are not supported on global secondary indexes")
	in = b.queryOf("g = :a", "G")
	in.IndexName, in.Select = aws.String("keys"), types.SelectAllAttributes
	_, err = b.Query(t.Context(), in)
	wantError(t, "all attributes of an index that has them not", err, validation, "Select type ALL_ATTRIBUTES is not supported for global secondary index")
	_, err = b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": "x", "s": 1, "g": 5}.attrs()})
	wantError(t, "an index key of another type", err, validation, "Type mismatch for Index Key")
	_, err = b.UpdateItem(t.Context(), b.update(row{"p": "x", "s": 1}, "SET g = :a", 5))
	wantError(t, "an update to another type", err, validation)
	_, err = b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": "x", "s": 1, "g": ""}.attrs()})
	wantError(t, "an empty index key", err, validation, "A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value.")
}

func (b *bench) testIndexPages(t *testing.T) {
	t.Helper()
	for i := range 20 {
		b.put(t, row{"p": fmt.Sprint("p", i), "s": i, "g": "many", "h": i / 10})
	}
	in := b.queryOf("g = :a", "many")
	in.IndexName, in.Limit = aws.String("all"), aws.Int32(3)
	seen := map[any]int{}
	for range 20 {
		out, err := b.Query(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range out.Items {
			seen[plain(i["s"])]++
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			break
		}
		if len(out.LastEvaluatedKey) != 4 {
			t.Errorf("the last key is %v, want the keys of table and index", rowOf(out.LastEvaluatedKey))
		}
	}
	for i := range 20 {
		if seen[i] != 1 {
			t.Errorf("item %d was read %d times", i, seen[i])
		}
	}
	scan := &dynamodb.ScanInput{TableName: &b.table, IndexName: aws.String("all"), Limit: aws.Int32(7)}
	want(t, "a scan of the index", len(b.scanAll(t, scan)), 20)
}

// A local index orders a partition in another way; what it does not project is fetched when asked for.
func (b *bench) testLocalIndex(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N", local: map[string]string{"byname": "p:S n:S"}, only: map[string][]string{"byname": {}}})
	b.put(t, row{"p": "a", "s": 1, "n": "z", "x": 1})
	b.put(t, row{"p": "a", "s": 2, "n": "m", "x": 2})
	b.put(t, row{"p": "a", "s": 3, "x": 3})
	b.put(t, row{"p": "b", "s": 1, "n": "a", "x": 4})
	want(t, "projected", b.queryIndex(t, "byname", "p = :a", "a"), []row{{"p": "a", "s": 2, "n": "m"}, {"p": "a", "s": 1, "n": "z"}})
	in := b.queryOf("p = :a AND n > :b", "a", "n")
	in.IndexName, in.Select, in.ConsistentRead = aws.String("byname"), types.SelectAllAttributes, aws.Bool(true)
	out, err := b.Query(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "all attributes", rowsOf(out.Items), []row{{"p": "a", "s": 1, "n": "z", "x": 1}})
	in.Select, in.ProjectionExpression = "", aws.String("x")
	if out, err = b.Query(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	want(t, "one that is not projected", rowsOf(out.Items), []row{{"x": 1}})
}
