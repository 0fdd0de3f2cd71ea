package wire_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
)

// value reads any JSON of objects, lists, strings and words into what encoding/json gives.
func value(r *wire.Reader) any {
	raw := r.Raw()
	switch {
	case strings.HasPrefix(raw, "{"):
		out := map[string]any{}
		inner := wire.NewReader(raw)
		inner.Object(func(name string) { out[name] = value(inner) })
		r.Fail(inner.Err())
		return out
	case strings.HasPrefix(raw, "["):
		out := []any{}
		inner := wire.NewReader(raw)
		inner.Array(func() { out = append(out, value(inner)) })
		r.Fail(inner.Err())
		return out
	case strings.HasPrefix(raw, `"`):
		return wire.NewReader(raw).String()
	default:
		var out any
		if err := json.Unmarshal([]byte(raw), &out); err != nil {
			r.Fail(err)
		}
		return out
	}
}

// What is JSON of UTF-8 is read as encoding/json reads it; other text is refused, and nothing panics.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e3,true,null,{"b":"c"}],"":""}`, `"\u00e9\ud83d\ude00\"\\\/\b"`, ` [ ] `, `{"a":1,}`, `[1 2]`, `"`, `{"a"}`, `nul`, `"\x"`, `{}x`, `[,]`, "\"\xff\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := wire.NewReader(text)
		got := value(r)
		r.End()
		var want any
		err := json.Unmarshal([]byte(text), &want)
		switch {
		case !utf8.ValidString(text) || strings.Count(text, "[")+strings.Count(text, "{") > 100:
		case err == nil && r.Err() != nil:
			t.Errorf("%q: %v", text, r.Err())
		case err != nil && r.Err() == nil:
			t.Errorf("%q is read as %v, but is not JSON: %v", text, got, err)
		case err == nil && !reflect.DeepEqual(got, want):
			t.Errorf("%q is read as %#v, want %#v", text, got, want)
		}
	})
}

// A text of any characters is written as JSON that reads back as the same text.
func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\"\\\n\r\t\x00\x1f\u2028é😀")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		b := wire.AppendString(nil, text)
		var got string
		if err := json.Unmarshal(b, &got); err != nil || got != text {
			t.Errorf("%q is written as %s, which is %q: %v", text, b, got, err)
		}
	})
}

// Deep nesting is refused, not followed.
func TestDepth(t *testing.T) {
	t.Parallel()
	r := wire.NewReader(strings.Repeat("[", 1<<20))
	r.Skip()
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "nested too deeply") {
		t.Errorf("a million levels: %v", r.Err())
	}
}
