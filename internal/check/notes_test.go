package check_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// TestFieldNotes keeps the promise of docs/field-notes.md: every failure names rules that exist, every rule that names a note is in its row, and a
// rule that comes from section 5 is in a row of that.
func TestFieldNotes(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../docs/field-notes.md")
	if err != nil {
		t.Fatal(err)
	}
	head, five, ok := strings.Cut(string(b), "\n## 5. ")
	if !ok {
		t.Fatal("there is no section 5")
	}
	known := map[string]bool{}
	for _, r := range check.Rules() {
		known[r.ID] = true
	}
	id := regexp.MustCompile(`LB\d{3}`)
	rows := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		m := regexp.MustCompile(`^\| ([TNQIDK]\d+|[^|]{20,}) \|`).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		rules := id.FindAllString(line, -1)
		if rows[m[1]] = rules; len(rules) == 0 {
			t.Errorf("no rule finds %s", m[1])
		}
		for _, r := range rules {
			if !known[r] {
				t.Errorf("%s names %s, which is no rule", m[1], r)
			}
		}
	}
	if len(rows) < 50 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, r := range check.Rules() {
		for _, note := range regexp.MustCompile(`\b[TNQIDK]\d+\b`).FindAllString(r.Source, -1) {
			if strings.Contains(head, "| "+note+" |") && !slices.Contains(rows[note], r.ID) {
				t.Errorf("%s comes from %s, whose row does not name it", r.ID, note)
			}
		}
		if strings.Contains(r.Source, "section 5") && !strings.Contains(five, r.ID) {
			t.Errorf("%s comes from section 5, which does not name it", r.ID)
		}
	}
}
