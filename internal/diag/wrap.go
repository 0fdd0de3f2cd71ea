package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence is a text that begins with a capital letter, if it begins with a letter.
func Sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// Wrap breaks a text behind a label into lines of at most limit columns, at spaces. Its own line ends stay. A longer word stays whole, so
// that it can be copied. Behind a label, further lines are indented.
func Wrap(label, text string, limit int) []string {
	var out []string
	indent := ""
	if label != "" {
		indent = "  "
	}
	line, used, first := label, len(label), true
	for para := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		for w := range strings.FieldsSeq(para) {
			w = Clean(w)
			n := columns(cells(w))
			if !first && used+1+n > limit {
				out = append(out, line)
				line, used, first = indent, len(indent), true
			}
			if !first {
				line, used = line+" ", used+1
			}
			line, used, first = line+w, used+n, false
		}
		out = append(out, line)
		line, used, first = indent, len(indent), true
	}
	return out
}
