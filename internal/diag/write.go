package diag

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The bounds of the width that Write wraps at. Zero columns mean that the width is not known.
const (
	narrowest = 24
	usual     = 80
	widest    = 120 // longer lines of prose are hard to read
)

// Write shows diagnostics to people: severity and summary, the place, the line with the range marked below it, then why and what to do.
// Everything that comes from a file is made safe for a terminal.
func Write(w io.Writer, l List, sources Sources, columns int) error {
	p := newPage(w, sources, columns)
	errors, warnings := 0, 0
	for _, d := range l.Sorted() {
		if d.Severity == Warning {
			warnings++
		} else {
			errors++
		}
		p.diagnostic(d)
		p.line("", "")
	}
	if len(l) > 0 {
		p.line("", Count(errors, "error")+", "+Count(warnings, "warning"))
	}
	return p.w.Flush()
}

// Show shows one diagnostic as Write does, without a count.
func Show(w io.Writer, d Diagnostic, columns int) error {
	p := newPage(w, nil, columns)
	p.diagnostic(d)
	return p.w.Flush()
}

// Count is how many there are of what: "1 error", "2 errors".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

type page struct {
	w       *bufio.Writer // keeps the first error until Flush
	sources Sources
	columns int
}

func newPage(w io.Writer, sources Sources, columns int) *page {
	if columns <= 0 {
		columns = usual
	}
	return &page{w: bufio.NewWriter(w), sources: sources, columns: min(max(columns, narrowest), widest)}
}

func (p *page) line(indent, text string) {
	_, _ = p.w.WriteString(strings.TrimRight(indent+text, " ") + "\n")
}

// prose wraps a text behind a label; its further lines stand under the first.
func (p *page) prose(indent, label, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	for _, l := range Wrap(label, text, p.columns-len(indent)) {
		p.line(indent, l)
	}
}

func (p *page) diagnostic(d Diagnostic) {
	p.prose("", d.Severity.String()+": ", d.Summary)
	p.place(d.Subject)
	p.prose("  ", "", d.Detail)
	p.prose("  ", "hint: ", d.Hint)
	for _, n := range d.Notes {
		p.prose("  ", "note: ", n.Text)
		p.place(n.Range)
	}
}

// place shows where a range is, and its line if the file's text is known.
func (p *page) place(r Range) {
	if r.File == "" {
		return
	}
	p.line("  --> ", Clean(r.String()))
	text, from, to, ok := p.sources.line(r)
	if !ok {
		return
	}
	number := strconv.Itoa(r.Start.Line)
	gutter := strings.Repeat(" ", len(number))
	line, marks := snippet(text, from, to, p.columns-len(number)-4)
	p.line(" "+number+" | ", line)
	p.line(" "+gutter+" | ", marks)
}
