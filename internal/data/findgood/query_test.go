package findgood_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/findgood"
)

// back puts names and values back where their placeholders are.
func back(t *testing.T, text string) string {
	t.Helper()
	f, err := findgood.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out := f.Expression
	for p, n := range f.Names {
		out = strings.ReplaceAll(out, p, "<"+n+">")
	}
	for p, v := range f.Values {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			out = strings.ReplaceAll(out, p, fmt.Sprintf("%q", v.Value))
		case *types.AttributeValueMemberN:
			out = strings.ReplaceAll(out, p, v.Value)
		case *types.AttributeValueMemberBOOL:
			out = strings.ReplaceAll(out, p, fmt.Sprint(v.Value))
		case *types.AttributeValueMemberNULL:
			out = strings.ReplaceAll(out, p, "null")
		}
	}
	return out
}

// The promise: every name becomes a placeholder, so that no reserved word hurts, and every literal a value of its type; the rest is DynamoDB's.
func TestQuery(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`attribute_not_exists(message)`:                  `attribute_not_exists(<message>)`,
		`status = "corrupt" AND size(lines) > 3`:         `<status> = "corrupt" AND size(<lines>) > 3`,
		`not (a.b[0].c <> -1.5e3 or d in ('x', "y", 1))`: `not (<a>.<b>[0].<c> <> -1.5e3 or <d> in ("x", "y", 1))`,
		"`odd-name` between true and null":               `<odd-name> between true and null`,
		`a = "say \"x\" \\"`:                             `<a> = "say \"x\" \\"`,
		`a >= 1`:                                         `<a> >= 1`,
	} {
		if want != "" && back(t, text) != want {
			t.Errorf("%s: %s, not %s", text, back(t, text), want)
		}
	}
	for text, want := range map[string]string{
		``: "the query is empty", ` `: "the query is empty", `a = "x`: "character 5: a text in quotes does not end", "`a": "does not end", `a[x]`: "[ wants a number",
		`a = -`: "character 5: - wants a number", `a = :v`: `character 5: ":" has no place`, `a; b`: `";" has no place`, `a + 1 = 2`: `"+" has no place`,
	} {
		if _, err := findgood.Query(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %s", text, err, want)
		}
	}
}

// The promise: whatever is typed, a query is read or refused, and holds nothing but placeholders, words of the language and signs.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{`status = "x"`, `a.b[1] IN (1, -2.5)`, "`x y` = 'z'", `NOT contains(a, "b")`, `"`, "[", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := findgood.Query(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(q.Expression, "\"'`;+*/\\") {
			t.Errorf("%q became %q", text, q.Expression)
		}
		for p := range q.Values {
			if !strings.Contains(q.Expression, p) {
				t.Errorf("%q lacks %s", q.Expression, p)
			}
		}
		if _, err := json.Marshal(q.Names); err != nil {
			t.Error(err)
		}
	})
}
