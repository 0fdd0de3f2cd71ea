package dynamodbtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Items are put whole, read by key, and deleted; each item is the last that was put.
func (b *bench) testItems(t *testing.T) {
	b.make(t, schema{keys: "p:S s:N"})
	key := row{"p": "a", "s": 1}
	if got := b.get(t, key); got != nil {
		t.Errorf("an item that was never put: %v", got)
	}
	all := row{
		"p": "a", "s": 1, "text": "héllo \"quoted\" \n\u2028 <&> \x01 😀", "empty": "", "bin": []byte{0, 1, 255}, "emptyBin": []byte{},
		"yes": true, "no": false, "nothing": nil, "ss": set{"a", "b"}, "ns": numSet{"1", "2.5"}, "bs": binSet{"\x00", "b"},
		"list": []any{"x", 1, []any{}, row{}, nil}, "map": row{"k": row{"deep": []any{true}}}, "ключ with space": "v",
	}
	b.put(t, all)
	want(t, "what was put", b.get(t, key), all)
	b.put(t, row{"p": "a", "s": 1, "x": "new"})
	want(t, "what replaced it", b.get(t, key), row{"p": "a", "s": 1, "x": "new"})
	if got := b.get(t, row{"p": "a", "s": 2}); got != nil {
		t.Errorf("another sort key: %v", got)
	}
	for range 2 {
		if _, err := b.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &b.table, Key: key.attrs()}); err != nil {
			t.Fatalf("DeleteItem: %v", err)
		}
		if got := b.get(t, key); got != nil {
			t.Errorf("after its deletion: %v", got)
		}
	}
	none := "no-such-table-here"
	_, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &none, Key: key.attrs()})
	wantError(t, "a table that is not there", err, notFound, "Requested resource not found", "non-existent table")
}

// Numbers are decimals of 38 digits in one normal form.
func (b *bench) testNumbers(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	for given, stored := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "1.50": "1.5", "007": "7", "+5": "5", ".5": "0.5", "5.": "5", "1e3": "1000", "-1.20E-2": "-0.012",
		"1e125": "1" + strings.Repeat("0", 125), "-9.9e125": "-99" + strings.Repeat("0", 124), "1e-130": "0." + strings.Repeat("0", 129) + "1",
		"99999999999999999999999999999999999999":  "99999999999999999999999999999999999999",
		"0.1234567890123456789012345678901234567": "0.1234567890123456789012345678901234567", "123456789.123456789": "123456789.123456789",
		"100000000000000000000000000000000000000000": "100000000000000000000000000000000000000000",
	} {
		b.put(t, row{"p": "n", "v": num(given)})
		out, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: row{"p": "n"}.attrs()})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := out.Item["v"].(*types.AttributeValueMemberN); !ok || got.Value != stored {
			t.Errorf("number %s is stored as %v, want %s", given, plain(out.Item["v"]), stored)
		}
	}
	for given, text := range map[string]string{
		"1e126": "Number overflow", "-1e126": "Number overflow", "1e-131": "Number underflow", "": "numeric value", "abc": "numeric value",
		" 5": "numeric value", "1e": "numeric value", "NaN": "numeric value", "Infinity": "numeric value", "0x1f": "numeric value", "1_0": "numeric value", "1,5": "numeric value",
		"--1": "numeric value", "1.2.3": "numeric value", "1234567890123456789012345678901234567.89": "38",
	} {
		_, err := b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": "n", "v": num(given)}.attrs()})
		wantError(t, "number "+given, err, validation, text, "converted into a number")
	}
}

// Values that DynamoDB forbids are refused in its words, and nothing is written.
func (b *bench) testValues(t *testing.T) {
	b.make(t, schema{keys: "p:S"})
	nested := func(levels int) any {
		v := any("core")
		for range levels {
			v = []any{v}
		}
		return v
	}
	for _, c := range []struct {
		what string
		v    any
		text string // empty: allowed
	}{
		{"empty string set", set{}, "set  may not be empty"},
		{"empty number set", numSet{}, "set  may not be empty"},
		{"empty binary set", binSet{}, "Binary sets should not be empty"},
		{"duplicate strings", set{"a", "b", "a"}, "Input collection [a, b, a] contains duplicates"},
		{"duplicate numbers", numSet{"1", "1.0"}, "Input collection contains duplicates"},
		{"duplicate binaries", binSet{"a", "a"}, "contains duplicates"},
		{"duplicates inside", []any{row{"x": set{"a", "a"}}}, "contains duplicates"},
		{"null that is false", &types.AttributeValueMemberNULL{Value: false}, "Null attribute value types must have the value of true"},
		{"an attribute without a name", row{"": 1}, "Empty attribute name"},
		{"set with an empty string", set{"", "a"}, ""},
		{"31 levels", nested(31), ""},
		{"32 levels below the item", nested(32), "Nesting Levels have exceeded supported limits"},
		{"400 KB", strings.Repeat("x", 400<<10-len("p")-len("k")-len("v")), ""},
		{"400 KB and a byte", strings.Repeat("x", 400<<10-len("p")-len("k")-len("v")+1), "Item size has exceeded the maximum allowed size"},
		{"400 KB of UTF-8", strings.Repeat("é", 200<<10), "Item size has exceeded the maximum allowed size"},
	} {
		_, err := b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: row{"p": "k", "v": c.v}.attrs()})
		switch {
		case c.text != "":
			wantError(t, c.what, err, validation, c.text)
		case err != nil:
			t.Errorf("%s: %v", c.what, err)
		}
	}
	b.put(t, row{"p": "k", "v": "small"})
	_, err := b.UpdateItem(t.Context(), b.update(row{"p": "k"}, "SET v = :a", strings.Repeat("x", 400<<10)))
	wantError(t, "an update beyond 400 KB", err, validation, "Item size to update has exceeded the maximum allowed size")
	want(t, "after refusals", b.get(t, row{"p": "k"}), row{"p": "k", "v": "small"})
}

// Keys are exactly those of the schema, not empty, and not too long.
func (b *bench) testKeys(t *testing.T) {
	b.make(t, schema{keys: "p:S s:B"})
	long := strings.Repeat("k", 2048)
	b.put(t, row{"p": long, "s": []byte(long[:1024])})
	for _, c := range []struct {
		what  string
		i     row
		texts []string
	}{
		{"no sort key", row{"p": "a"}, []string{"Missing the key s in the item", "required keys was not given"}},
		{"wrong type", row{"p": 1, "s": []byte("x")}, []string{"Type mismatch for key"}},
		{"empty partition key", row{"p": "", "s": []byte("x")}, []string{"The AttributeValue for a key attribute cannot contain an empty string value. Key: p"}},
		{"empty sort key", row{"p": "a", "s": []byte{}}, []string{"The AttributeValue for a key attribute cannot contain an empty binary value. Key: s"}},
		{"long partition key", row{"p": long + "k", "s": []byte("x")}, []string{"2048 bytes"}},
		{"long sort key", row{"p": "a", "s": []byte(long[:1025])}, []string{"1024 bytes"}},
	} {
		_, err := b.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: c.i.attrs()})
		wantError(t, "put with "+c.what, err, validation, c.texts...)
	}
	for what, key := range map[string]row{
		"no sort key": {"p": "a"}, "wrong type": {"p": "a", "s": "x"}, "an attribute more": {"p": "a", "s": []byte("x"), "q": 1}, "wrong names": {"p": "a", "q": []byte("x")},
	} {
		_, err := b.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &b.table, Key: key.attrs()})
		wantError(t, "get with "+what, err, validation, "The provided key element does not match the schema", "number of conditions on the keys", "Type mismatch for key", "required keys was not given")
	}
	b.make(t, schema{keys: "p:N"})
	b.put(t, row{"p": num("1.0"), "v": 1})
	b.put(t, row{"p": num("0.1e1"), "v": 2})
	want(t, "a key of another form of the same number", b.get(t, row{"p": 1}), row{"p": 1, "v": 2})
	for i := range 5 {
		b.put(t, row{"p": num(fmt.Sprintf("%de-%d", i+1, i)), "v": i})
	}
	want(t, "a fraction as key", b.get(t, row{"p": num("0.03")}), row{"p": num("0.03"), "v": 2})
}
