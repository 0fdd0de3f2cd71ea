package quick

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
)

// maxDepth is how deep expressions and blocks may stand inside each other.
const maxDepth = 250

// parser stands at a place in a text. Its functions give false where they do not know what is written; where they stand then does not matter.
type parser struct {
	src      []byte
	filename string
	off      int
	line     int
	bol      int     // where the line begins
	newlines bool    // they are tokens, rather than spaces
	prev     hcl.Pos // the end of the last token that was read
	depth    int
}

// unknown is what peek gives where a character is not understood; no rule takes it.
const unknown = 1

// pos is where the parser stands. All that came before it on the line is ASCII, of which each character is a column.
func (p *parser) pos() hcl.Pos {
	return hcl.Pos{Line: p.line, Column: p.off - p.bol + 1, Byte: p.off}
}

func (p *parser) span(start, end hcl.Pos) hcl.Range {
	return hcl.Range{Filename: p.filename, Start: start, End: end}
}

// peek is the first character of the next token: a newline also for a comment that ends its line, 0 at the end.
func (p *parser) peek() byte {
	for p.off < len(p.src) {
		switch c := p.src[p.off]; {
		case c == ' ' || c == '\t':
			p.off++
		case c == '\n' && !p.newlines:
			p.endLine(p.off)
		case c == '#' || c == '/' && p.second() == '/':
			if p.newlines {
				return '\n'
			}
			if !p.comment() {
				return unknown
			}
		default:
			return c
		}
	}
	return 0
}

// second is the character after the one where the parser stands.
func (p *parser) second() byte {
	if p.off+1 < len(p.src) {
		return p.src[p.off+1]
	}
	return 0
}

// endLine goes to the line after a newline.
func (p *parser) endLine(newline int) {
	p.off, p.bol, p.line = newline+1, newline+1, p.line+1
}

// comment reads a comment and the newline that ends it.
func (p *parser) comment() bool {
	n := bytes.IndexByte(p.src[p.off:], '\n')
	if n < 0 || bytes.IndexByte(p.src[p.off:p.off+n], '\r') >= 0 {
		return false
	}
	p.endLine(p.off + n)
	return true
}

// newline reads the end of a line, or finds itself at the end of the text.
func (p *parser) newline() bool {
	switch p.peek() {
	case 0:
		return p.off == len(p.src)
	case '\n':
		if p.src[p.off] != '\n' {
			return p.comment()
		}
		p.endLine(p.off)
		return true
	}
	return false
}

// take reads a token of so many characters.
func (p *parser) take(width int) hcl.Range {
	start := p.pos()
	p.off += width
	p.prev = p.pos()
	return p.span(start, p.prev)
}

// accept reads a token of one character, if it is the next.
func (p *parser) accept(c byte) (hcl.Range, bool) {
	if p.peek() != c {
		return hcl.Range{}, false
	}
	return p.take(1), true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// name reads an identifier.
func (p *parser) name() (string, hcl.Range, bool) {
	if !letter(p.peek()) {
		return "", hcl.Range{}, false
	}
	end := p.off + 1
	for end < len(p.src) && (letter(p.src[end]) || digit(p.src[end]) || p.src[end] == '-') {
		end++
	}
	if end < len(p.src) && p.src[end] >= 0x80 { // it may go on
		return "", hcl.Range{}, false
	}
	text := string(p.src[p.off:end])
	return text, p.take(end - p.off), true
}

// keyword reads an identifier, if it is the next token.
func (p *parser) keyword(word string) bool {
	was := *p
	if text, _, ok := p.name(); ok && text == word {
		return true
	}
	*p = was
	return false
}

// inside lets newlines be tokens or not, until the function that it gives is called.
func (p *parser) inside(newlines bool) (leave func()) {
	was := p.newlines
	p.newlines = newlines
	return func() { p.newlines = was }
}
