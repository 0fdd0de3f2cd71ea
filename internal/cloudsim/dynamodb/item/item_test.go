package item_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
)

func read(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, text string,
) item.Attrs {
	t.Helper()
	r := wire.NewReader(text)
	attrs := item.ReadAttrs(r)
	r.End()
	if err := r.Err(); err != nil {
		t.Fatalf("read %s: %v", text, err)
	}
	return attrs
}

// values draws DynamoDB JSON of a value.
func values(depth int) *rapid.Generator[any] {
	text := rapid.String()
	scalars := []*rapid.Generator[any]{
		rapid.Map(text, func(s string) any { return map[string]any{"S": s} }),
		rapid.Map(decimals(), func(n string) any { return map[string]any{"N": n} }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) any { return map[string]any{"B": b} }),
		rapid.Map(rapid.Bool(), func(b bool) any { return map[string]any{"BOOL": b} }),
		rapid.Just[any](map[string]any{"NULL": true}),
		rapid.Map(rapid.SliceOfNDistinct(text, 1, 5, rapid.ID), func(s []string) any { return map[string]any{"SS": s} }),
		rapid.Map(rapid.SliceOfNDistinct(rapid.StringMatching(`-?[1-9][0-9]{0,5}`), 1, 5, rapid.ID), func(s []string) any { return map[string]any{"NS": s} }),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	inner := values(depth - 1)
	return rapid.OneOf(append(scalars,
		rapid.Map(rapid.SliceOfN(inner, 0, 4), func(l []any) any { return map[string]any{"L": l} }),
		rapid.Map(rapid.MapOfN(names(), inner, 0, 4), func(m map[string]any) any { return map[string]any{"M": m} }),
	)...)
}

func names() *rapid.Generator[string] { return rapid.StringN(1, 6, -1) }

func items() *rapid.Generator[string] {
	return rapid.Map(rapid.MapOfN(names(), values(3), 0, 6), func(m map[string]any) string {
		b, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		return string(b)
	})
}

// An item survives its encoding and its JSON, and each way of measuring and reading it agrees with the others.
func TestEncodingKeepsItems(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attrs := read(t, items().Draw(t, "item"))
		i := item.New(attrs)
		whole := item.Value{Kind: item.M, Map: attrs}
		if !item.Equal(whole, item.Value{Kind: item.M, Map: i.Attrs()}) {
			t.Errorf("the encoding of %s decodes to another item", attrs.AppendJSON(nil))
		}
		text := string(i.AppendJSON(nil))
		if !json.Valid([]byte(text)) {
			t.Fatalf("not JSON: %q", text)
		}
		if again := item.New(read(t, text)); again != i {
			t.Errorf("%s reads back as another item", text)
		}
		if i.Size() != attrs.Size() {
			t.Errorf("sizes %d and %d", i.Size(), attrs.Size())
		}
		for _, a := range attrs {
			if v, ok := i.Get(a.Name); !ok || !item.Equal(v, a.Value) {
				t.Errorf("Get(%q) = %v, %v", a.Name, v, ok)
			}
			only := map[string]bool{a.Name: true}
			if one := i.Only(only); one != item.New(item.Attrs{a}) || one.Size() != i.SizeOf(only) {
				t.Errorf("Only(%q) is another item", a.Name)
			}
		}
		if _, ok := i.Get("\U0010ffff not there"); ok {
			t.Error("found an attribute that is not there")
		}
	})
}

// Sizes are those of the developer guide.
func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"name":{"S":"héllo"}}`:                           4 + 6,
		`{"n":{"N":"0"}}`:                                  1 + 1,
		`{"n":{"N":"12"}}`:                                 1 + 2,
		`{"n":{"N":"1200"}}`:                               1 + 2,
		`{"n":{"N":"123456"}}`:                             1 + 4,
		`{"n":{"N":"-12"}}`:                                1 + 3,
		`{"b":{"B":"AAEC"}}`:                               1 + 3,
		`{"t":{"BOOL":true},"z":{"NULL":true}}`:            2 + 2,
		`{"l":{"L":[]},"m":{"M":{}}}`:                      2 + 3 + 3,
		`{"l":{"L":[{"S":"ab"},{"BOOL":false}]}}`:          1 + 3 + 2 + 2 + 1,
		`{"m":{"M":{"k":{"S":"ab"},"kk":{"NULL":true}}}}`:  1 + 3 + 2 + 1 + 2 + 2 + 1,
		`{"s":{"SS":["ab","c"]},"t":{"NS":["1","2","3"]}}`: 2 + 3 + 6,
	} {
		if got := read(t, text).Size(); got != want {
			t.Errorf("size of %s is %d, want %d", text, got, want)
		}
	}
}

// Any text either is an item that encodes to the same item again, or is refused; nothing panics.
func FuzzReadAttrs(f *testing.F) {
	f.Add(`{"a":{"S":"x"},"a":{"N":"1e3"},"l":{"L":[{"M":{"k":{"BS":["AA=="]}}}]}}`)
	f.Add(`{"a":{"S":"\ud83d\ude00\u0000"},"n":null}`)
	f.Add(strings.Repeat(`{"a":{"M":`, 70))
	f.Fuzz(func(t *testing.T, text string) {
		r := wire.NewReader(text)
		attrs := item.ReadAttrs(r)
		r.End()
		if r.Err() != nil {
			return
		}
		i := item.New(attrs)
		if again := item.New(read(t, string(i.AppendJSON(nil)))); again != i {
			t.Errorf("%q reads back as another item", text)
		}
	})
}
