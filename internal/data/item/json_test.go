package item_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// anything draws a value that nests at most depth levels.
func anything(depth int) *rapid.Generator[types.AttributeValue] {
	text := rapid.String()
	number := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(rapid.Int().Draw(t, "n")) })
	binary := rapid.SliceOf(rapid.Byte())
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		last := 9
		if depth == 0 {
			last = 7
		}
		switch rapid.IntRange(0, last).Draw(t, "kind") {
		case 0:
			return &types.AttributeValueMemberS{Value: text.Draw(t, "s")}
		case 1:
			return &types.AttributeValueMemberN{Value: number.Draw(t, "n")}
		case 2:
			return &types.AttributeValueMemberB{Value: binary.Draw(t, "b")}
		case 3:
			return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "bool")}
		case 4:
			return &types.AttributeValueMemberNULL{Value: true}
		case 5:
			return &types.AttributeValueMemberSS{Value: rapid.SliceOfNDistinct(text, 1, 4, rapid.ID[string]).Draw(t, "ss")}
		case 6:
			return &types.AttributeValueMemberNS{Value: rapid.SliceOfNDistinct(number, 1, 4, rapid.ID[string]).Draw(t, "ns")}
		case 7:
			return &types.AttributeValueMemberBS{Value: [][]byte{binary.Draw(t, "bs")}}
		case 8:
			return &types.AttributeValueMemberM{Value: rapid.MapOfN(text, anything(depth-1), 0, 4).Draw(t, "m")}
		default:
			return &types.AttributeValueMemberL{Value: rapid.SliceOfN(anything(depth-1), 0, 4).Draw(t, "l")}
		}
	})
}

// What is encoded is decoded to an equal item, whatever it holds.
func TestJSONKeepsEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		it := rapid.MapOfN(rapid.String(), anything(3), 0, 6).Draw(t, "item")
		text, err := item.Encode(it)
		if err != nil {
			t.Fatal(err)
		}
		back, err := item.Decode(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		a, errA := item.Append(nil, it)
		b, errB := item.Append(nil, back)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Fatalf("%s came back as another item (%v, %v)", text, errA, errB)
		}
	})
}

// A line of an export gives the items that are asked for, and passes over what else there is.
func TestFields(t *testing.T) {
	t.Parallel()
	line := `{"Metadata":{"WriteTimestampMicros":{"N":"1"},"x":[1,{"y":null}]},"Keys":{"id":{"S":"1"}},"NewImage":{"id":{"S":"1"},"v":{"N":"2"}}}`
	got, err := item.Fields([]byte(line), "Keys", "NewImage", "OldImage")
	if err != nil || len(got) != 2 || len(got["NewImage"]) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// What is not DynamoDB JSON is told, with the place.
func TestNotDynamoDBJSON(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"L":[`, 60) + strings.Repeat(`]}`, 60)
	for _, text := range []string{
		``, `{`, `[]`, `{"a":1}`, `{"a":{}}`, `{"a":{"S":1}}`, `{"a":{"S":"x","N":"1"}}`, `{"a":{"X":"1"}}`, `{"a":{"B":"%"}}`, `{"a":{"S":"x"}`, `{"a":{"S":"x"}}}`,
		`{"a":{"SS":"x"}}`, `{"a":{"BOOL":"true"}}`, "{\"a\":{\"S\":\"\n\"}}", "{\"a\":{\"S\":\"\xff\"}}", `{"a":` + deep + `}`,
	} {
		if it, err := item.Decode([]byte(text)); err == nil {
			t.Errorf("%s became %v", text, it)
		}
	}
}

// FuzzDecode holds the decoder to encoding/json: what it takes is JSON, and its own encoding of that says the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"a":{"S":"x\u00e9\"\\"},"b":{"N":"1.5"},"c":{"M":{"d":{"L":[{"NULL":true},{"BOOL":false}]}}},"e":{"BS":["AQ=="]},"f":{"NS":["1"]}}`))
	f.Add([]byte(`{"a" : { "S" : "\ud83d\ude00" } }`))
	f.Fuzz(func(t *testing.T, text []byte) {
		it, err := item.Decode(text)
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not JSON, and was taken", text)
		}
		again, err := item.Encode(it)
		if err != nil {
			t.Fatal(err)
		}
		back, err := item.Decode(again)
		a, _ := item.Append(nil, it)
		b, _ := item.Append(nil, back)
		if err != nil || string(a) != string(b) {
			t.Fatalf("%q, then %q: %v", text, again, err)
		}
	})
}

// BenchmarkDecode measures a line of an export of about 450 bytes.
func BenchmarkDecode(b *testing.B) {
	it := item.Item{"organisation": s("A81001"), "received_at": n("1763900000123"), "expires_at": n("1766492000"), "message_id": s("b4f2c1de-8c5e-4f3a-9d2b-7c9e1f0a3b5d")}
	for i := range 4 {
		it[fmt.Sprintf("field_%d", i)] = s(fmt.Sprintf("%070d", i))
	}
	text, err := item.Encode(it)
	if err != nil {
		b.Fatal(err)
	}
	line := append(append([]byte(`{"Item":`), text...), '}')
	b.ReportAllocs()
	for b.Loop() {
		if _, err := item.Fields(line, "Item"); err != nil {
			b.Fatal(err)
		}
	}
}
