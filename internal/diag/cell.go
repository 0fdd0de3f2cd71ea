package diag

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// tabWidth is how wide a tab is shown. Tabs become spaces, so that marks below a line stand right on every terminal.
const tabWidth = 4

// cell is what a terminal shows for one character of a text.
type cell struct {
	text string
	cols int // columns it takes: 0 for combining marks, 2 for wide characters
	at   int // its byte in the text
}

// cells makes a text safe to show: a file must not be able to move the cursor, change colours or reorder the line (bidirectional controls).
func cells(text string) []cell {
	out := make([]cell, 0, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		c := cell{at: i}
		switch {
		case r == utf8.RuneError && n == 1:
			c.text = fmt.Sprintf(`\x%02x`, text[i])
		case r == '\t':
			c.text = strings.Repeat(" ", tabWidth)
		case r < 0x80 && unicode.IsControl(r):
			c.text = fmt.Sprintf(`\x%02x`, r)
		case r == ' ' || unicode.IsPrint(r):
			c.text, c.cols = text[i:i+n], columnsOf(r)
		default:
			c.text = fmt.Sprintf(`\u{%x}`, r)
		}
		if c.cols == 0 && !unicode.Is(unicode.M, r) {
			c.cols = len(c.text)
		}
		out = append(out, c)
		i += n
	}
	return out
}

func columnsOf(r rune) int {
	if r < 0x80 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
	}
	return 1
}

// Clean makes any text safe to show on one line of a terminal.
func Clean(s string) string {
	var b strings.Builder
	for _, c := range cells(s) {
		b.WriteString(c.text)
	}
	return b.String()
}

func columns(cs []cell) int {
	n := 0
	for _, c := range cs {
		n += c.cols
	}
	return n
}
