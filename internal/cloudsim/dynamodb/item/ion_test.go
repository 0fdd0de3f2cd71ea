package item_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// The example of "DynamoDB table export output format" is written as the document has it.
func TestIonOfTheDocument(t *testing.T) {
	t.Parallel()
	in := `{"Authors":{"SS":["Author1","Author2"]},"Dimensions":{"S":"8.5 x 11.0 x 1.5"},"ISBN":{"S":"333-3333333333"},"Id":{"N":"103"},` +
		`"InPublication":{"BOOL":false},"PageCount":{"N":"600"},"Price":{"N":"2000"},"ProductCategory":{"S":"Book"},"Title":{"S":"Book 103 Title"}}`
	const want = `{Authors:$dynamodb_SS::["Author1","Author2"],Dimensions:"8.5 x 11.0 x 1.5",ISBN:"333-3333333333",Id:103.,` +
		`InPublication:false,PageCount:6d2,Price:2d3,ProductCategory:"Book",Title:"Book 103 Title"}`
	if got := string(item.New(read(t, in)).AppendIon(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What is written as Ion is read as the same item, whatever its values.
func TestIonRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := item.New(read(t, items().Draw(t, "item")))
		ion := string(want.AppendIon(nil))
		got, err := item.ReadIon("$ion_1_0 " + ion)
		if err != nil || item.New(got) != want {
			t.Fatalf("%s\nas Ion  %s\nis read %s, %v", want.AppendJSON(nil), ion, got.AppendJSON(nil), err)
		}
	})
}

// Text that is not an item is refused, and never panics.
func FuzzReadIon(f *testing.F) {
	for _, s := range []string{"", "{", "{a:1}", `$ion_1_0 {a:"\x4`, "{a:{{AA}}", "{a:$dynamodb_SS::[]}", "{a:2007-01-01T}", "{'a':null,b:[1.,2d3]}", `{a:"\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := item.ReadIon(s)
		if err != nil {
			return
		}
		again, err := item.ReadIon(string(item.New(a).AppendIon(nil)))
		if err != nil || item.New(again) != item.New(a) {
			t.Errorf("%q is read as %s and then as %s, %v", s, a.AppendJSON(nil), again.AppendJSON(nil), err)
		}
	})
}

// Each way to be no item has an error.
func TestIonRefusals(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "[]", "{", "{a}", "{a:}", "{a:1", "{a:1}}", "{a:abc}", "{a:2007-01-01T}", `{a:"x`, `{a:"\q"}`, "{a:{{*}}}", "{a:$dynamodb_SS::[]}", "{a:$dynamodb_NS::[\"x\"]}",
		"{a:" + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", "{a:1e999}", "{a:[1 2]}",
	} {
		if a, err := item.ReadIon(s); err == nil {
			t.Errorf("%s is read as %s", s, a.AppendJSON(nil))
		}
	}
}
