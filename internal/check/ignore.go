package check

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Ignored is a finding that a comment of the code sets aside: `# lifeboat:ignore LB101 reason until=2027-01-31`.
type Ignored struct {
	Finding
	Reason string
	Until  time.Time // zero: for ever
}

var ignoreComment = regexp.MustCompile(`lifeboat:ignore[ \t]+((?:LB[0-9]{3}[, ]*)+)([^"\r\n]*)`)

// note is an ignore comment.
type note struct {
	rules  []string
	reason string
	until  time.Time
}

// ignore takes away the findings that the code sets aside: by a comment on the finding's line, on the lines just before it, or just before the block
// that it is in. One without a reason, or whose day has passed, sets nothing aside.
func (t *tree) ignore(found []Finding) (kept []Finding, ignored []Ignored, diags diag.List) {
	notes := map[string]bool{} // files that hold any
	for name := range t.Sources {
		notes[name] = bytes.Contains(t.Sources[name], []byte("lifeboat:ignore"))
	}
	for name, f := range t.text {
		notes[name] = notes[name] || bytes.Contains(f.Src, []byte("lifeboat:ignore"))
	}
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		if notes[name] {
			diags = append(diags, t.aimless(name)...)
		}
	}
	for _, f := range found {
		if !notes[f.At.File] {
			kept = append(kept, f)
			continue
		}
		n, at, problem := t.noteFor(f)
		switch {
		case n == nil:
			kept = append(kept, f)
		case problem != "":
			kept = append(kept, f)
			diags = append(diags, diag.Diagnostic{Severity: diag.Warning, Summary: problem, Subject: at, Hint: "write # lifeboat:ignore " + f.Rule.ID + " REASON until=YYYY-MM-DD"})
		default:
			ignored = append(ignored, Ignored{f, n.reason, n.until})
		}
	}
	return kept, ignored, diags
}

// aimless are the ignore comments of a file that name no rule, or one that there is not.
func (t *tree) aimless(name string) (diags diag.List) {
	src := t.Sources[name]
	if file := t.text[name]; file != nil {
		src = file.Src
	}
	start, number := 0, 0
	for line := range bytes.Lines(src) {
		at := bytes.Index(line, []byte("lifeboat:ignore"))
		begin := diag.Pos{Line: number + 1, Column: at + 1, Byte: start + at}
		start, number = start+len(line), number+1
		if at < 0 || !bytes.ContainsAny(line[:at], "#/") {
			continue
		}
		summary := "This ignore names no rule, so it does not count"
		if n := parse(string(line)); n != nil {
			i := slices.IndexFunc(n.rules, func(id string) bool { return !slices.ContainsFunc(Rules(), func(r *Rule) bool { return r.ID == id }) })
			if i < 0 {
				continue
			}
			summary = fmt.Sprintf("This ignore names %s, and there is no such rule", n.rules[i])
		}
		end := begin
		end.Column, end.Byte = begin.Column+len("lifeboat:ignore"), begin.Byte+len("lifeboat:ignore")
		diags = append(diags, diag.Diagnostic{Severity: diag.Warning, Summary: summary, Subject: diag.Range{File: name, Start: begin, End: end}, Hint: "write # lifeboat:ignore LB101 REASON until=YYYY-MM-DD; docs/checks/README.md lists the rules"})
	}
	return diags
}

func (t *tree) noteFor(f Finding) (n *note, at diag.Range, problem string) {
	src := t.Sources[f.At.File]
	start := -1
	if file := t.text[f.At.File]; file != nil {
		src = file.Src
		if _, s := t.block(file, f.At.Start.Byte); strings.HasSuffix(file.Path, ".tf") || strings.HasSuffix(file.Path, ".hcl") {
			start = s
		}
	}
	for _, offset := range []int{f.At.Start.Byte, start} {
		if offset < 0 || offset > len(src) {
			continue
		}
		for _, line := range above(src, offset, offset != start) {
			if n := parse(line); n != nil && slices.Contains(n.rules, f.Rule.ID) {
				at := diag.Range{File: f.At.File, Start: f.At.Start, End: f.At.Start}
				return n, at, n.problem(f.Rule.ID, t.Now)
			}
		}
	}
	return nil, diag.Range{}, ""
}

// above are the comment lines right before the line of an offset, and that line itself.
func above(src []byte, offset int, own bool) []string {
	line, column := lineOf(src, offset)
	var out []string
	if own || !comment(line) {
		out = append(out, line)
	}
	for start := offset - column; start > 0; {
		line, column = lineOf(src, start-1)
		if !comment(line) && !strings.HasPrefix(strings.TrimSpace(line), `"//"`) {
			break
		}
		out = append(out, line)
		start -= column + 1
	}
	return out
}

func parse(line string) *note {
	m := ignoreComment.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	n := &note{rules: strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })}
	var reason []string
	for w := range strings.FieldsSeq(m[2]) {
		day, ok := strings.CutPrefix(w, "until=")
		if !ok {
			reason = append(reason, w)
			continue
		}
		until, err := time.Parse(time.DateOnly, day)
		if err != nil {
			until = time.Unix(0, 0) // a day that cannot be read has passed
		}
		n.until = until
	}
	n.reason = strings.Join(reason, " ")
	return n
}

func (n *note) problem(rule string, now time.Time) string {
	switch {
	case n.reason == "":
		return fmt.Sprintf("The ignore of %s gives no reason, so it does not count", rule)
	case n.until.Equal(time.Unix(0, 0)):
		return fmt.Sprintf("The ignore of %s ends on a day that cannot be read, so it does not count", rule)
	case !n.until.IsZero() && !now.Before(n.until.AddDate(0, 0, 1)):
		return fmt.Sprintf("The ignore of %s ended on %s", rule, n.until.Format(time.DateOnly))
	}
	return ""
}

// planLine is where a key is written in a file of the plan, from an offset on.
func (t *tree) planLine(key string, from int, file string) diag.Pos {
	src := t.Sources[file]
	if from > len(src) {
		return diag.Pos{}
	}
	i := bytes.Index(src[from:], []byte(key))
	if i < 0 {
		return diag.Pos{}
	}
	at := from + i
	return diag.Pos{Line: bytes.Count(src[:at], []byte("\n")) + 1, Column: at - bytes.LastIndexByte(src[:at], '\n'), Byte: at}
}
