package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// find gives the range of a word in a text.
func find(tb testing.TB, file, text, word string) Range {
	tb.Helper()
	i := strings.Index(text, word)
	if i < 0 {
		tb.Fatalf("%q is not in the text", word)
	}
	line := 1 + strings.Count(text[:i], "\n")
	col := i - strings.LastIndexByte(text[:i], '\n')
	return Range{File: file, Start: Pos{line, col, i}, End: Pos{line, col + len(word), i + len(word)}}
}

func written(tb testing.TB, l List, s Sources, columns int) string {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, l, s, columns); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// TestWrite keeps the promise that a diagnostic shows the place, the marked words, why, and what to do.
func TestWrite(t *testing.T) {
	t.Parallel()
	text := "stack \"a\" {\n\tpth = \"日本\" # x\n}\n"
	s := Sources{"lifeboat.hcl": []byte(text)}
	l := List{
		{Severity: Warning, Summary: "Later", Subject: find(t, "lifeboat.hcl", text, "}")},
		{Summary: "Unknown attribute \"pth\"", Detail: "A stack has none of this name.", Hint: "Did you mean \"path\"?", Subject: find(t, "lifeboat.hcl", text, "\"日本\""), Notes: []Note{{"the stack is here", find(t, "lifeboat.hcl", text, "stack")}}},
		{Summary: "Nowhere"},
		{Summary: "Elsewhere", Subject: Range{File: "values.hcl", Start: Pos{3, 2, 1}}},
	}
	want := `error: Nowhere

error: Unknown attribute "pth"
  --> lifeboat.hcl:2:8
 2 |     pth = "日本" # x
   |           ^^^^^^
  A stack has none of this name.
  hint: Did you mean "path"?
  note: the stack is here
  --> lifeboat.hcl:1:1
 1 | stack "a" {
   | ^^^^^

warning: Later
  --> lifeboat.hcl:3:1
 3 | }
   | ^

error: Elsewhere
  --> values.hcl:3:2

3 errors, 1 warning
`
	if got := written(t, l, s, 60); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := written(t, nil, s, 60); got != "" {
		t.Errorf("nothing shows as %q", got)
	}
}

// TestWidth keeps the promise that prose and long lines fit a narrow terminal, with the marked place visible.
func TestWidth(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a ", 200) + "HERE" + strings.Repeat(" b", 200)
	l := List{{Summary: strings.Repeat("word ", 40), Detail: strings.Repeat("more ", 40) + "\nnext", Hint: strings.Repeat("do ", 50), Subject: find(t, "f", text, "HERE")}}
	for _, columns := range []int{1, 24, 40, 60, 100} {
		out := written(t, l, Sources{"f": []byte(text)}, columns)
		if !strings.Contains(out, "HERE") || !strings.Contains(out, "^^^^") || !strings.Contains(out, "\n  next\n") {
			t.Errorf("%d columns hide the place:\n%s", columns, out)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > max(columns, narrowest) {
				t.Errorf("%d columns: a line has %d: %q", columns, n, line)
			}
		}
	}
}

// TestMarksStandBelow keeps the promise that marks are right on tabs, wide, combining and broken characters.
func TestMarksStandBelow(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "\t", "日本", "é", "e\u0301", "\xff\xfe", "\x1b[31m", "\u202e", "👩‍👧"} {
		text := before + "HERE" + before
		out := strings.Split(written(t, List{{Summary: "x", Subject: find(t, "f", text, "HERE")}}, Sources{"f": []byte(text)}, 60), "\n")
		line, marks := out[2], out[3]
		if got, want := strings.Index(marks, "^"), cols(line[:strings.Index(line, "HERE")]); got != want || strings.Count(marks, "^") != 4 {
			t.Errorf("%q: marks at %d, word at %d:\n%s\n%s", before, got, want, line, marks)
		}
	}
}

// cols counts terminal columns in another way than the code does.
func cols(s string) int {
	n := 0
	for _, r := range s {
		switch k := width.LookupRune(r).Kind(); {
		case r == '\u0301':
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// failing is a writer whose disk is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestWriteFails keeps the promise that a broken pipe or a full disk is told.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	if err := Write(failing{}, List{{Summary: "x"}}, nil, 60); err == nil {
		t.Error("the error is lost")
	}
}

// TestDocument keeps the versioned JSON form.
func TestDocument(t *testing.T) {
	t.Parallel()
	text := "a = 1\nb = 2\n"
	l := List{
		{Severity: Warning, Summary: "W", Subject: find(t, "f", text, "2"), Notes: []Note{{Text: "n"}}},
		{Summary: "E", Detail: "d", Hint: "h", Subject: find(t, "f", text, "1")},
	}
	got, err := json.Marshal(NewDocument(l, Sources{"f": []byte(text)}))
	want := `{"schema":"lifeboat.diagnostics/v1","valid":false,"errors":1,"warnings":1,"diagnostics":[` +
		`{"severity":"error","summary":"E","detail":"d","hint":"h","range":{"file":"f","start":{"line":1,"column":5,"byte":4},"end":{"line":1,"column":6,"byte":5},"line":"a = 1"}},` +
		`{"severity":"warning","summary":"W","range":{"file":"f","start":{"line":2,"column":5,"byte":10},"end":{"line":2,"column":6,"byte":11},"line":"b = 2"},"notes":[{"text":"n"}]}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s\n%v", got, want, err)
	}
	empty, err := json.Marshal(NewDocument(nil, nil))
	if err != nil || string(empty) != `{"schema":"lifeboat.diagnostics/v1","valid":true,"errors":0,"warnings":0,"diagnostics":[]}` {
		t.Errorf("empty: %s %v", empty, err)
	}
}

// TestClosest keeps the promise that a suggestion is what was meant, or none.
func TestClosest(t *testing.T) {
	t.Parallel()
	known := []string{"path", "after", "variables", "secret_variables", "shared-resources", "primary"}
	for word, want := range map[string]string{
		"pth": "path", "aftre": "after", "Variables": "variables", "secret-variables": "secret_variables", "shared_resource": "shared-resources",
		"primry": "primary", "x": "", "": "", "colour": "", strings.Repeat("x", 1000): "",
	} {
		if got := Closest(word, known); got != want {
			t.Errorf("%.20q: got %q, want %q", word, got, want)
		}
	}
}

// FuzzWrite keeps the promise that no file, text or range can crash the view, hide the end, or control the terminal.
func FuzzWrite(f *testing.F) {
	f.Add("stack {\n\tpath = \"\x1b[2J\"\n}\n", "summary", "detail\x00", 9, 14, 60)
	f.Add("日本\xff\u202e", "\x1b]0;x\x07", "", 0, 100, 1)
	f.Add(strings.Repeat("é", 500), "s", "d", 700, 2, -5)
	f.Fuzz(func(t *testing.T, text, summary, detail string, from, to, columns int) {
		l := List{{Summary: summary, Detail: detail, Hint: detail, Subject: Range{File: "f" + summary, Start: Pos{1, 1, from}, End: Pos{1, 1, to}}}}
		out := written(t, l, Sources{"f" + summary: []byte(text)}, columns)
		if !utf8.ValidString(out) || !strings.HasSuffix(out, "1 error, 0 warnings\n") {
			t.Fatalf("got %q", out)
		}
		for _, r := range out {
			if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("control character %U in %q", r, out)
			}
		}
		if _, err := json.Marshal(NewDocument(l, Sources{"f": []byte(text)})); err != nil {
			t.Fatal(err)
		}
	})
}
