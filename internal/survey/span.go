package survey

import (
	"bytes"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// File is a file of the tree that was read. It is shared by everything that points into it.
type File struct {
	Path string // from the tree's root, with slashes
	Src  []byte

	lines sync.Once
	ends  []int // where each line ends
	runes []int // how many characters there are before each multiple of longLine bytes
}

// Span is a piece of a file, in bytes. It is small because there are many. The zero Span is nowhere: a value that the survey made up.
type Span struct {
	File       *File
	Start, End uint32
}

// Text is what stands there.
func (s Span) Text() string {
	if s.File == nil || int(s.End) > len(s.File.Src) || s.Start > s.End {
		return ""
	}
	return string(s.File.Src[s.Start:s.End])
}

// Range is the span with lines and columns, for a diagnostic or a finding.
func (s Span) Range() diag.Range {
	if s.File == nil {
		return diag.Range{}
	}
	return diag.Range{File: s.File.Path, Start: s.File.pos(int(s.Start)), End: s.File.pos(int(s.End))}
}

// Line is the line on which the span starts, from 1; 0 is nowhere.
func (s Span) Line() int {
	if s.File == nil {
		return 0
	}
	return s.File.pos(int(s.Start)).Line
}

// String is file:line:column, or the empty string.
func (s Span) String() string { return s.Range().String() }

// Sub is where the bytes from i to j of a text stand that was read from this span. Where escapes make the text differ from the source, the
// same characters are looked for in the source; where they are not found it is the whole span.
func (s Span) Sub(text string, i, j int) Span {
	if i < 0 || j > len(text) || i > j {
		return s
	}
	src := s.Text()
	at := i
	if len(src) < len(text) || src[:len(text)] != text {
		if at = bytes.Index([]byte(src), []byte(text[i:j])); at < 0 || i == j {
			return s
		}
	}
	s.Start += uint32(at)         //nolint:gosec // at is within the file, whose size is bounded
	s.End = s.Start + uint32(j-i) //nolint:gosec // likewise
	return s
}

// longLine is how many bytes of a line are looked through to count its columns. Whole files of JSON are one line.
const longLine = 4096

func (f *File) pos(offset int) diag.Pos {
	f.lines.Do(f.index)
	offset = min(offset, len(f.Src))
	line, _ := slices.BinarySearch(f.ends, offset)
	start := 0
	if line > 0 {
		start = f.ends[line-1] + 1
	}
	column := 1
	if offset-start <= longLine {
		column += utf8.RuneCount(f.Src[start:offset])
	} else {
		column += f.before(offset) - f.before(start)
	}
	return diag.Pos{Line: line + 1, Column: column, Byte: offset}
}

func (f *File) index() {
	n := 0
	for i, b := range f.Src {
		if i%longLine == 0 {
			f.runes = append(f.runes, n)
		}
		if b == '\n' {
			f.ends = append(f.ends, i)
		}
		if utf8.RuneStart(b) {
			n++
		}
	}
}

// before is how many characters begin before an offset.
func (f *File) before(offset int) int {
	mark := min(offset/longLine, len(f.runes)-1)
	n := f.runes[mark]
	for _, b := range f.Src[mark*longLine : offset] {
		if utf8.RuneStart(b) {
			n++
		}
	}
	return n
}
