package item_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

func canonical(t *testing.T, it item.Item) string {
	t.Helper()
	b, err := item.Append(nil, it)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Items that DynamoDB holds for equal have the same bytes.
func TestEqualItems(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]item.Item{
		"a number, written otherwise": {{"a": n("100")}, {"a": n("1.00E2")}},
		"zeros":                       {{"a": n("0.000")}, {"a": n("-0")}},
		"a small number":              {{"a": n("0.00120")}, {"a": n("12e-4")}},
		"a set in another order":      {{"a": &types.AttributeValueMemberSS{Value: []string{"x", "y"}}}, {"a": &types.AttributeValueMemberSS{Value: []string{"y", "x"}}}},
		"a set of numbers":            {{"a": &types.AttributeValueMemberNS{Value: []string{"1", "20"}}}, {"a": &types.AttributeValueMemberNS{Value: []string{"2e1", "1.0"}}}},
		"a set of binaries":           {{"a": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {0}}}}, {"a": &types.AttributeValueMemberBS{Value: [][]byte{{0}, {1}}}}},
	} {
		if a, b := canonical(t, pair[0]), canonical(t, pair[1]); a != b {
			t.Errorf("%s: %q and %q", name, a, b)
		}
	}
}

// Items that differ in anything have different bytes.
func TestDifferentItems(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i, it := range []item.Item{
		{},
		{"a": s("")},
		{"a": s("b")},
		{"ab": s("")},
		{"a": n("1")},
		{"a": s("1")},
		{"a": n("-1")},
		{"a": n("10")},
		{"a": n("0.1")},
		{"a": n("0")},
		{"a": &types.AttributeValueMemberB{Value: []byte("1")}},
		{"a": &types.AttributeValueMemberBOOL{}},
		{"a": &types.AttributeValueMemberBOOL{Value: true}},
		{"a": &types.AttributeValueMemberNULL{Value: true}},
		{"a": &types.AttributeValueMemberL{}},
		{"a": &types.AttributeValueMemberM{}},
		{"a": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("x"), s("y")}}},
		{"a": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("y"), s("x")}}},
		{"a": &types.AttributeValueMemberSS{Value: []string{"x", "y"}}},
		{"a": &types.AttributeValueMemberSS{Value: []string{"xy"}}},
		{"a": &types.AttributeValueMemberNS{Value: []string{"1"}}},
		{"a": &types.AttributeValueMemberBS{Value: [][]byte{[]byte("1")}}},
		{"a": &types.AttributeValueMemberM{Value: item.Item{"a": s("b")}}},
		{"a": s("b"), "b": s("a")},
	} {
		c := canonical(t, it)
		if was, dup := seen[c]; dup {
			t.Errorf("items %d and %d have the same bytes %q", was, i, c)
		}
		seen[c] = i
	}
}

// What is no number is told, and never taken for one.
func TestWrongNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "-", "e1", "1e", "1e1.5", "0x10", "NaN", "1 ", "--1", "1.2.3"} {
		if got, err := item.Number(text); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// Numbers are the same text exactly when they are the same number.
func TestNumbersAreCanonical(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`-?[0-9]{1,6}(\.[0-9]{1,4})?(e-?[0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		x, errX := item.Number(a)
		y, errY := item.Number(b)
		if errX != nil || errY != nil {
			t.Fatal(errX, errY)
		}
		r1, _ := new(big.Rat).SetString(a)
		r2, _ := new(big.Rat).SetString(b)
		if (x == y) != (r1.Cmp(r2) == 0) {
			t.Fatalf("%q is %q, %q is %q", a, x, b, y)
		}
	})
}

// A sum does not depend on the order of its items, nor on how they are split; it does depend on each of them.
func TestSumIsOfASet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfDistinct(rapid.StringN(0, 8, -1), rapid.ID[string]).Draw(t, "items")
		var whole, first, second item.Sum
		for i, x := range texts {
			h := item.HashOf([]byte(x))
			whole.Add(h)
			if i%2 == 0 {
				first.Add(h)
			} else {
				second.Add(h)
			}
		}
		second.Merge(first)
		if whole != second {
			t.Fatalf("%v in one piece, %v in two", whole, second)
		}
		if len(texts) > 0 {
			var less item.Sum
			for _, x := range rapid.Permutation(texts).Draw(t, "order")[1:] {
				less.Add(item.HashOf([]byte(x)))
			}
			if less.String() == whole.String() {
				t.Fatal("an item less, and the same sum")
			}
		}
	})
}

// A key is what the schema names, and an item without it is told.
func TestKey(t *testing.T) {
	t.Parallel()
	it := item.Item{"p": s("1"), "q": n("2"), "x": s("3")}
	a, err := item.Key(nil, it, []string{"p", "q"})
	b, _ := item.Key(nil, item.Only(it, []string{"p", "q"}), []string{"p", "q"})
	if err != nil || string(a) != string(b) {
		t.Errorf("%q, %q, %v", a, b, err)
	}
	if _, err := item.Key(nil, it, []string{"r"}); err == nil {
		t.Error("no error for an item without its key")
	}
	if got := slices.Sorted(maps.Keys(item.Only(it, []string{"p", "z"}))); len(got) != 1 {
		t.Errorf("only %v", got)
	}
}

// BenchmarkDigest measures canonical bytes and hash of an item of about 450 bytes; the target is 300,000 items/s on a core.
func BenchmarkDigest(b *testing.B) {
	it := item.Item{"organisation": s("A81001"), "received_at": n("1763900000123"), "expires_at": n("1766492000"), "message_id": s("b4f2c1de-8c5e-4f3a-9d2b-7c9e1f0a3b5d")}
	for i := range 4 {
		it[fmt.Sprintf("field_%d", i)] = s(fmt.Sprintf("%070d", i))
	}
	var sum item.Sum
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		c, err := item.Append(buf[:0], it)
		if err != nil {
			b.Fatal(err)
		}
		sum.Add(item.HashOf(c))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
