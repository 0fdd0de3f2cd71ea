package planfile

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// reference is the users' page on the plan language.
func reference(t *testing.T) string {
	t.Helper()
	return read(t, "../../docs/plan-language.md")
}

// TestReferenceExampleLoads keeps the promise that the example of the users' reference is a plan without errors.
func TestReferenceExampleLoads(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(reference(t), "```hcl\n")
	text, _, _ := strings.Cut(rest, "```")
	o := options(map[string]string{"lifeboat.hcl": text})
	for _, n := range []string{"infrastructure/base/main.tf", "infrastructure/app/main.tf", "infrastructure/shared/provider.tf", "images/orders/index.json"} {
		o.Files.(fstest.MapFS)["plan/"+n] = &fstest.MapFile{}
	}
	p, s, diags := Load(o)
	if p == nil || len(diags) > 0 {
		t.Fatal(shown(t, diags, s))
	}
	if formatted, _ := Format([]byte(text), "x"); string(formatted) != text {
		t.Error("the example is not laid out as `lifeboat fmt` does")
	}
}

// TestReferenceIsComplete keeps the promise that every block, attribute and function of the language stands in the users' reference.
func TestReferenceIsComplete(t *testing.T) {
	t.Parallel()
	page := reference(t)
	var words []string
	for _, quoted := range regexp.MustCompile("`[^`\n]+`").FindAllString(page, -1) {
		words = append(words, regexp.MustCompile(`[a-z_0-9]+`).FindAllString(quoted, -1)...)
	}
	wanted := append(names(functions(&reads{}, options(nil).Now)), kinds()...)
	attribute := regexp.MustCompile(`(?m)^ *([a-z_]+) +(?:=|\{)`)
	for _, m := range attribute.FindAllStringSubmatch(read(t, "testdata/whole.hcl"), -1) {
		wanted = append(wanted, m[1])
	}
	ours := []string{"prefix", "common", "token", "version"} // names that the text made up
	for _, w := range wanted {
		if !slices.Contains(words, w) && !slices.Contains(ours, w) {
			t.Errorf("%q is not in docs/plan-language.md", w)
		}
	}
	section := page[strings.LastIndex(page, "## Functions"):]
	for _, m := range regexp.MustCompile("`([a-z0-9]+)[`(]").FindAllStringSubmatch(section, -1) {
		if _, ok := functions(&reads{}, options(nil).Now)[m[1]]; !ok {
			t.Errorf("docs/plan-language.md has a function %q, the language has not", m[1])
		}
	}
}
