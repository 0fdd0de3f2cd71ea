package dynamodbtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (b *bench) queryOf(condition string, values ...any) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{TableName: &b.table, KeyConditionExpression: &condition, ExpressionAttributeValues: named(values)}
}

// sorts gives the sort keys that a query finds, in order.
func (b *bench) sorts(t *testing.T, in *dynamodb.QueryInput) []any {
	t.Helper()
	out, err := b.Query(t.Context(), in)
	if err != nil {
		t.Fatalf("Query %s: %v", *in.KeyConditionExpression, err)
	}
	var got []any
	for _, i := range out.Items {
		got = append(got, plain(i["s"]))
	}
	return got
}

// A query finds the items of one partition in the order of their sort keys, within the range of its condition.
func (b *bench) testQuery(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N"})
	for _, p := range []string{"a", "b", "a\x00", "ab"} {
		for _, s := range []num{"10", "9", "-1", "-10", "0", "0.5", "1e20", "-1e-20"} {
			b.put(t, row{"p": p, "s": s, "v": p})
		}
	}
	all := []any{-10, -1, num("-0.00000000000000000001"), 0, num("0.5"), 9, 10, num("100000000000000000000")}
	for condition, wanted := range map[string][]any{
		"p = :a": all, "p = :a AND s > :b": all[4:], "p = :a AND s >= :b": all[3:], "p = :a AND s < :b": all[:3], "s <= :b AND p = :a": all[:4],
		"p = :a AND :b < s": all[4:], "(p = :a) AND (s = :b)": all[3:4],
	} {
		values := []any{"a", 0}
		if !strings.Contains(condition, ":b") {
			values = values[:1]
		}
		want(t, condition, b.sorts(t, b.queryOf(condition, values...)), wanted)
	}
	want(t, "between", b.sorts(t, b.queryOf("p = :a AND s BETWEEN :b AND :c", "a", -1, 9)), all[1:6])
	backward := b.queryOf("p = :a AND s < :b", "a", 0)
	backward.ScanIndexForward = aws.Bool(false)
	want(t, "backward", b.sorts(t, backward), []any{all[2], all[1], all[0]})
	if got := b.sorts(t, b.queryOf("p = :a", "none")); got != nil {
		t.Errorf("a partition that is not there: %v", got)
	}
	filtered := b.queryOf("p = :a", "a", 5)
	filtered.FilterExpression, filtered.ProjectionExpression = aws.String("v <> :b"), aws.String("s")
	out, err := b.Query(t.Context(), filtered)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "filtered", []int32{out.Count, out.ScannedCount}, []int32{8, 8})
	want(t, "projected", rowOf(out.Items[0]), row{"s": -10})

	b.make(t, schema{keys: "p:S s:S"})
	for _, s := range []string{"a", "aa", "ab", "a\x00", "a\x00b", "b", "é", "z", "😀"} {
		b.put(t, row{"p": "x", "s": s})
	}
	want(t, "text in the order of its bytes", b.sorts(t, b.queryOf("p = :a", "x")), []any{"a", "a\x00", "a\x00b", "aa", "ab", "b", "z", "é", "😀"})
	want(t, "begins_with", b.sorts(t, b.queryOf("p = :a AND begins_with(s, :b)", "x", "a\x00")), []any{"a\x00", "a\x00b"})
	want(t, "begins_with nothing less", b.sorts(t, b.queryOf("p = :a AND begins_with(s, :b)", "x", "a")), []any{"a", "a\x00", "a\x00b", "aa", "ab"})
	want(t, "from the middle", b.sorts(t, b.queryOf("p = :a AND s > :b", "x", "a\x00")), []any{"a\x00b", "aa", "ab", "b", "z", "é", "😀"})

	b.make(t, schema{keys: "p:B s:B"})
	for _, s := range []string{"\x00", "\x00\x00", "\x01", "\xff", "\xff\xff", "\xff\x00"} {
		b.put(t, row{"p": []byte("\xff"), "s": []byte(s)})
	}
	var got []string
	for _, s := range b.sorts(t, b.queryOf("p = :a AND begins_with(s, :b)", []byte("\xff"), []byte("\xff"))) {
		got = append(got, fmt.Sprintf("%x", s))
	}
	want(t, "binary prefix", got, []string{"ff", "ff00", "ffff"})
}

// A key condition that is none is refused in AWS's words.
func (b *bench) testQueryErrors(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N"})
	for _, c := range []struct {
		condition string
		values    []any
		texts     []string
	}{
		{"", nil, []string{"Invalid KeyConditionExpression: The expression can not be empty;"}},
		{"p = :a AND", []any{"x"}, []string{`Syntax error; token: "<EOF>", near: "AND"`}},
		{"p > :a", []any{"x"}, []string{"Query key condition not supported"}},
		{"s > :a", []any{1}, []string{"Query condition missed key schema element"}},
		{"p = :a AND q > :b", []any{"x", 1}, []string{"Query condition missed key schema element"}},
		{"p = :a OR s = :b", []any{"x", 1}, []string{"Invalid operator used in KeyConditionExpression: OR"}},
		{"NOT p = :a", []any{"x"}, []string{"Invalid operator used in KeyConditionExpression: NOT"}},
		{"p <> :a", []any{"x"}, []string{"Invalid operator used in KeyConditionExpression: <>"}},
		{"p IN (:a)", []any{"x"}, []string{"Invalid operator used in KeyConditionExpression: IN"}},
		{"attribute_exists(p)", nil, []string{"Invalid operator used in KeyConditionExpression: attribute_exists"}},
		{"p = :a AND contains(s, :a)", []any{"x"}, []string{"Invalid operator used in KeyConditionExpression: contains"}},
		{"p = :a AND p = :a", []any{"x"}, []string{"KeyConditionExpressions must only contain one condition per key"}},
		{"p = :a AND s > :b AND q = :b", []any{"x", 1}, []string{"Conditions can be of length 1 or 2 only"}},
		{"p.q = :a", []any{"x"}, []string{"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p"}},
		{"p = s", nil, []string{"Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"}},
		{":a = :a", []any{"x"}, []string{"Invalid condition in KeyConditionExpression: No key attribute specified"}},
		{"size(p) = :a", []any{1}, []string{"KeyConditionExpressions cannot contain nested operations"}},
		{"p = :a", []any{1}, []string{"Condition parameter type does not match schema type"}},
		{"p = :a AND begins_with(s, :b)", []any{"x", "1"}, []string{"Condition parameter type does not match schema type"}},
		{"p = :a", []any{""}, []string{"The AttributeValue for a key attribute cannot contain an empty string value. Key: p"}},
		{"p = :a AND s BETWEEN :b AND :c", []any{"x", 2, 1}, []string{"The BETWEEN operator requires upper bound to be greater than or equal to lower bound"}},
	} {
		_, err := b.Query(t.Context(), b.queryOf(c.condition, c.values...))
		wantError(t, c.condition, err, validation, c.texts...)
	}
	for what, c := range map[string]struct {
		change func(in *dynamodb.QueryInput)
		texts  []string
	}{
		"filter on a key":          {func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("s <> p") }, []string{"Filter Expression can only contain non-primary key attributes: Primary key attribute: s", "Primary key attribute: p"}},
		"no such index":            {func(in *dynamodb.QueryInput) { in.IndexName = aws.String("none") }, []string{"The table does not have the specified index"}},
		"count with projection":    {func(in *dynamodb.QueryInput) { in.Select, in.ProjectionExpression = types.SelectCount, aws.String("q") }, []string{"Cannot specify the ProjectionExpression when choosing to get only the Count"}},
		"specific of nothing":      {func(in *dynamodb.QueryInput) { in.Select = types.SelectSpecificAttributes }, []string{"Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"}},
		"projected of no index":    {func(in *dynamodb.QueryInput) { in.Select = types.SelectAllProjectedAttributes }, []string{"ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"}},
		"start without sort key":   {func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = row{"p": "x"}.attrs() }, []string{"The provided starting key is invalid", "Exclusive Start Key must have same size"}},
		"start of another kind":    {func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = row{"p": "x", "s": "1"}.attrs() }, nil},
		"start in other partition": {func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = row{"p": "y", "s": 1}.attrs() }, []string{"outside query boundaries", "does not match the range key predicate"}},
	} {
		in := b.queryOf("p = :a", "x")
		c.change(in)
		_, err := b.Query(t.Context(), in)
		wantError(t, what, err, validation, c.texts...)
	}
	in := b.queryOf("p = :a AND s > :b", "x", 5)
	in.ExclusiveStartKey = row{"p": "x", "s": 1}.attrs()
	_, err := b.Query(t.Context(), in)
	wantError(t, "start before the range", err, validation, "The provided starting key does not match the range key predicate")
	_, err = b.Query(t.Context(), &dynamodb.QueryInput{TableName: &b.table})
	wantError(t, "no condition", err, validation, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
}

// Pages follow each other without gaps, forward and backward, by Limit and by size, whatever is written meanwhile.
func (b *bench) testQueryPages(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N"})
	text := strings.Repeat("x", 300<<10)
	for i := range 10 {
		i := row{"p": "a", "s": i, "v": i % 2, "text": text}
		b.put(t, i)
	}
	for _, forward := range []bool{true, false} {
		in := b.queryOf("p = :a", "a", 1)
		in.ScanIndexForward, in.Limit, in.FilterExpression = &forward, aws.Int32(3), aws.String("v = :b")
		var got []any
		pages := 0
		for ; pages < 10; pages++ {
			out, err := b.Query(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range out.Items {
				got = append(got, plain(i["s"]))
			}
			if in.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
				break
			}
		}
		wanted := []any{1, 3, 5, 7, 9}
		if !forward {
			wanted = []any{9, 7, 5, 3, 1}
		}
		want(t, fmt.Sprintf("limited pages, forward %v", forward), got, wanted)
	}
	in := b.queryOf("p = :a", "a")
	out, err := b.Query(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Items) < 3 || len(out.Items) > 4 || out.LastEvaluatedKey == nil {
		t.Errorf("a page of 1 MB has %d items of 300 KB, last key %v", len(out.Items), rowOf(out.LastEvaluatedKey))
	}
	last := out.LastEvaluatedKey
	want(t, "the last key is the last item's", rowOf(last), row{"p": "a", "s": plain(out.Items[len(out.Items)-1]["s"])})
	// The item that the next page starts after may go meanwhile.
	if _, err := b.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &b.table, Key: last}); err != nil {
		t.Fatal(err)
	}
	in.ExclusiveStartKey = last
	next, err := b.Query(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the next page begins after it", plain(next.Items[0]["s"]), any(len(out.Items)))
	exact := b.queryOf("p = :a AND s < :b", "a", 2)
	exact.Limit = aws.Int32(2)
	out, err = b.Query(t.Context(), exact)
	if err != nil {
		t.Fatal(err)
	}
	if out.LastEvaluatedKey == nil {
		t.Error("a page that ends at its limit has no last key")
	}
}
