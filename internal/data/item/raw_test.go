package item_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// The text of an item in a line is the item, and its key the item's key, whatever both hold and whatever stands around them.
func TestRawIsTheItem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		it := rapid.MapOfN(rapid.String(), anything(3), 1, 6).Draw(t, "item")
		var schema []string
		for k := range it {
			schema = []string{k}
		}
		text, err := item.Encode(it)
		if err != nil {
			t.Fatal(err)
		}
		line := `{"Metadata" : {"x":[1,{"Item":null}]}, "Item" : ` + string(text) + " }\n"
		got, key, err := item.Raw([]byte(line), "Item", schema)
		if err != nil || string(got) != string(text) || len(key) != 1 {
			t.Fatalf("%s: %s with key %v, %v", line, got, key, err)
		}
		a, errA := item.Key(nil, it, schema)
		b, errB := item.Key(nil, key, schema)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatalf("another key: %v, %v", errA, errB)
		}
	})
}

// A line whose braces, quotes or commas are wrong gives no text, so that nothing of it can get out of its place in a request.
func TestRawRefusesWhatIsNotWellFormed(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		``, `{`, `[]`, `{"Item":}`, `{"Item":{"a":{"S":"x"}}`, `{"Item":{"a":{"S":"x"}}}}`, `{"Item":{"a":{"S":"x}}}`, `{"Item":{"a":{"S":"x\"}}}`, `{"Item":{"a":{"S":x}}}`,
		`{"Item":{"a":1,}}`, `{"Item":{"a":[1}}}`, `{"Item":{"a":[1]]}}`, `{"Item":[]}`, `{"Item":{"a":tru}}`,
	} {
		if text, _, err := item.Raw([]byte(line), "Item", nil); err == nil {
			t.Errorf("%s gave %s", line, text)
		}
	}
	if text, _, err := item.Raw([]byte(`{"Keys":{}}`), "Item", nil); err != nil || text != nil {
		t.Errorf("a line without the item gave %s, %v", text, err)
	}
}

// FuzzRaw holds what is cut out of a line to encoding/json.
func FuzzRaw(f *testing.F) {
	f.Add([]byte(`{"Item":{"a":{"S":"x\u00e9\"\\"},"b":{"L":[{"NULL":true},{"N":"1.5e3"}]}}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		text, _, err := item.Raw(line, "Item", []string{"a"})
		if err != nil || bytes.Contains(line, []byte(`\u`)) { // a name may be written in two ways
			return
		}
		var all map[string]json.RawMessage
		if json.Unmarshal(line, &all) == nil && string(all["Item"]) != string(text) {
			t.Fatalf("%q gave %q", line, text)
		}
	})
}
