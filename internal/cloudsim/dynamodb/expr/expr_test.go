package expr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
)

func attrs(tb testing.TB, text string) item.Attrs {
	tb.Helper()
	r := wire.NewReader(text)
	out := item.ReadAttrs(r)
	if r.Err() != nil {
		tb.Fatalf("%s: %v", text, r.Err())
	}
	return out
}

const document = `{"p":{"S":"k"},"n":{"N":"5"},"l":{"L":[{"N":"0"},{"M":{"x":{"S":"y"}}}]},"m":{"M":{"x":{"S":"y"},"l":{"L":[{"S":"q"}]}}},"s":{"SS":["a","b"]}}`

func scope(tb testing.TB) *expr.Scope {
	tb.Helper()
	return &expr.Scope{
		Names:  map[string]string{"#n": "n", "#m": "m"},
		Values: attrs(tb, `{":n":{"N":"1"},":s":{"S":"y"},":l":{"L":[{"N":"1"}]},":ss":{"SS":["a"]},":b":{"BOOL":true}}`),
	}
}

// No text makes the parser or the evaluation panic, parsing is deterministic, and a refusal is in AWS's words, naming
// the expression.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"n = :n AND (m.x <> :s OR NOT contains(s, :s))", "l[1].x IN (:s, m.x) and size(l) between :n and :n", "attribute_type(#m.l[0], :s)", "((n = :n))",
		"SET n = n + :n, l[7] = if_not_exists(q, :l) REMOVE m.x, l[0] ADD q :n DELETE s :ss", "SET l = list_append(l, :l), m.l[0] = (:n - n)", "REMOVE l[0], l[1].x",
		"p = :s AND begins_with(n, :s)", "n, m.x, l[0]", "a.b[1", "((((", "n = $", "\"", "#", ":", "", "[999999999999999999999]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		doc := item.New(attrs(t, document))
		if c, err := expr.ParseCondition("ConditionExpression", src, scope(t)); err == nil {
			if c.Match(doc) != c.Match(doc.Attrs()) {
				t.Errorf("%q holds for an item but not for its attributes", src)
			}
		} else {
			checkRefusal(t, src, err, "Invalid ConditionExpression: ")
		}
		if u, err := expr.ParseUpdate(src, scope(t)); err == nil {
			if after, err := u.Apply(doc); err == nil {
				checkStored(t, src, item.Value{Kind: item.M, Map: after})
				u.Touched(item.New(after))
			} else {
				checkRefusal(t, src, err, "")
			}
		} else {
			checkRefusal(t, src, err, "Invalid UpdateExpression: ")
		}
		if p, err := expr.ParseProjection(src, scope(t)); err == nil {
			p.Pick(doc)
		} else {
			checkRefusal(t, src, err, "Invalid ProjectionExpression: ")
		}
		if _, err := expr.ParseKeyCondition(src, scope(t)); err != nil {
			checkRefusal(t, src, err, "")
		}
	})
}

func checkRefusal(t *testing.T, src string, err error, prefix string) {
	t.Helper()
	var refusal item.RefusalError
	if !errors.As(err, &refusal) || !strings.HasPrefix(err.Error(), prefix) {
		t.Errorf("%q: %v, want a refusal that begins with %q", src, err, prefix)
	}
}

// checkStored fails when a value is not one that may be stored: without gaps, with names in order, without empty sets.
func checkStored(t *testing.T, src string, v item.Value) {
	t.Helper()
	if v.Kind == item.None || v.Kind.IsSet() && len(v.Set) == 0 {
		t.Errorf("%q leaves %v", src, v)
	}
	for _, e := range v.List {
		checkStored(t, src, e)
	}
	for i, a := range v.Map {
		if i > 0 && v.Map[i-1].Name >= a.Name {
			t.Errorf("%q leaves names out of order: %v", src, v.Map)
		}
		checkStored(t, src, a.Value)
	}
}

// An update does not change the item, nor the values of the request, that it was made from.
func TestApplyLeavesItsSources(t *testing.T) {
	t.Parallel()
	s := scope(t)
	before := item.New(attrs(t, document))
	given := string(s.Values.AppendJSON(nil))
	u, err := expr.ParseUpdate("SET a = :l, b = :l, l[1].x = :l, m.l = list_append(m.l, :l) REMOVE l[0]", s)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		after, err := u.Apply(before)
		if err != nil {
			t.Fatal(err)
		}
		const want = `{"a":{"L":[{"N":"1"}]},"b":{"L":[{"N":"1"}]},"l":{"L":[{"M":{"x":{"L":[{"N":"1"}]}}}]},"m":{"M":{"l":{"L":[{"S":"q"},{"N":"1"}]},"x":{"S":"y"}}},"n":{"N":"5"},"p":{"S":"k"},"s":{"SS":["a","b"]}}`
		if got := string(after.AppendJSON(nil)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if before != item.New(attrs(t, document)) || string(s.Values.AppendJSON(nil)) != given {
		t.Error("the update changed what it was made from")
	}
}
