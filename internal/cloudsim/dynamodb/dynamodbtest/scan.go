package dynamodbtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// scanAll reads all pages of a scan and counts the items by their keys p.
func (b *bench) scanAll(t *testing.T, in *dynamodb.ScanInput) map[any]int {
	t.Helper()
	got := map[any]int{}
	for range 1000 {
		out, err := b.Scan(t.Context(), in)
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		for _, i := range out.Items {
			got[plain(i["p"])]++
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			return got
		}
	}
	t.Fatal("a scan of 1000 pages")
	return nil
}

// fill puts n items of which each has some bytes of text.
func (b *bench) fill(t *testing.T, n, bytes int) {
	t.Helper()
	for from := 0; from < n; from += 25 {
		var writes []types.WriteRequest
		for i := from; i < min(from+25, n); i++ {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: row{"p": fmt.Sprint("k", i), "i": i, "text": strings.Repeat("x", bytes)}.attrs()}})
		}
		out, err := b.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{b.table: writes}})
		if err != nil || len(out.UnprocessedItems) > 0 {
			t.Fatalf("BatchWriteItem: %v, %d tables unprocessed", err, len(out.UnprocessedItems))
		}
	}
}

// A scan finds every item once, page by page, and filters after it has read.
func (b *bench) testScan(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.fill(t, 100, 30<<10)
	first, err := b.Scan(t.Context(), &dynamodb.ScanInput{TableName: &b.table})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(first.Items); n < 33 || n > 36 {
		t.Errorf("a page of 1 MB has %d items of 30 KB", n)
	}
	for _, limit := range []*int32{nil, aws.Int32(7)} {
		got := b.scanAll(t, &dynamodb.ScanInput{TableName: &b.table, Limit: limit})
		for i := range 100 {
			if n := got[fmt.Sprint("k", i)]; n != 1 {
				t.Errorf("item %d was scanned %d times", i, n)
			}
		}
	}
	in := &dynamodb.ScanInput{TableName: &b.table, FilterExpression: aws.String("i < :a"), ExpressionAttributeValues: named([]any{10}), Select: types.SelectCount, Limit: aws.Int32(20)}
	count, scanned := int32(0), int32(0)
	for {
		out, err := b.Scan(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if out.Items != nil {
			t.Error("a count returns items")
		}
		count, scanned = count+out.Count, scanned+out.ScannedCount
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			break
		}
	}
	want(t, "counted and scanned", []int32{count, scanned}, []int32{10, 100})
	_, err = b.Scan(t.Context(), &dynamodb.ScanInput{TableName: &b.table, ExpressionAttributeValues: named([]any{1})})
	wantError(t, "values without a filter", err, validation, "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null")
}

// The segments of a scan share the items between them: each item is in exactly one.
func (b *bench) testSegments(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	b.fill(t, 200, 10)
	for _, total := range []int32{1, 2, 3, 7, 64} {
		got := map[any]int{}
		for segment := range total {
			for k, n := range b.scanAll(t, &dynamodb.ScanInput{TableName: &b.table, Segment: aws.Int32(segment), TotalSegments: aws.Int32(total), Limit: aws.Int32(9)}) {
				got[k] += n
			}
		}
		for i := range 200 {
			if n := got[fmt.Sprint("k", i)]; n != 1 {
				t.Errorf("of %d segments, %d have item %d", total, n, i)
			}
		}
	}
	for what, in := range map[string]*dynamodb.ScanInput{
		"segment without total": {Segment: aws.Int32(0)}, "total without segment": {TotalSegments: aws.Int32(2)},
		"segment beyond the last": {Segment: aws.Int32(2), TotalSegments: aws.Int32(2)}, "too many segments": {Segment: aws.Int32(2), TotalSegments: aws.Int32(1000001)},
	} {
		in.TableName = &b.table
		_, err := b.Scan(t.Context(), in)
		wantError(t, what, err, validation)
	}
}
