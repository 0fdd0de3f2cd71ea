// Package wire reads the JSON bodies of DynamoDB calls.
//
// Promise: a body is read once, from left to right, without reflection and without copying what needs no
// unescaping; nesting is bounded; the first error stops everything that follows. encoding/json reads each
// attribute value about four times, which the drill cloud's data plane cannot afford.
package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nested objects and arrays: an item's 32 levels are two JSON levels each, inside a request.
const maxDepth = 128

// SyntaxError says that a body is not the JSON that the call needs. AWS answers SerializationException.
type SyntaxError struct {
	Offset int
	Reason string
}

// Error names the reason and the place.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at offset %d", e.Reason, e.Offset) }

// Reader reads one JSON text. After an error its methods return zero values; Err tells the first error.
type Reader struct {
	s     string
	pos   int
	depth int
	err   error
}

// NewReader reads from s, whose parts the results may share.
func NewReader(s string) *Reader { return &Reader{s: s} }

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Fail stops reading with err, unless an earlier error did or there is none.
func (r *Reader) Fail(err error) {
	if err == nil {
		return
	}
	if r.err == nil {
		r.err = err
	}
	r.pos = len(r.s)
}

// Explain replaces the error that stopped reading by one that says more.
func (r *Reader) Explain(more func(err error) error) {
	if r.err != nil {
		r.err = more(r.err)
	}
}

func (r *Reader) syntax(reason string) { r.Fail(&SyntaxError{Offset: r.pos, Reason: reason}) }

// End fails unless nothing but space is left.
func (r *Reader) End() {
	if r.peek(); r.err == nil && r.pos < len(r.s) {
		r.syntax("unexpected text after the value")
	}
}

// peek skips space and gives the next byte, 0 at the end.
func (r *Reader) peek() byte {
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

func (r *Reader) accept(c byte) bool {
	if r.peek() != c || r.err != nil {
		return false
	}
	r.pos++
	return true
}

// Null consumes a null, if one is next.
func (r *Reader) Null() bool {
	if r.peek() != 'n' || !strings.HasPrefix(r.s[r.pos:], "null") {
		return false
	}
	r.pos += len("null")
	return true
}

// Object calls member for each member; member must consume the value. A null has no members.
func (r *Reader) Object(member func(name string)) {
	if r.Null() || !r.open('{') {
		return
	}
	defer func() { r.depth-- }()
	if r.accept('}') {
		return
	}
	for {
		name := r.text()
		if r.err == nil && !r.accept(':') {
			r.syntax("expected ':'")
		}
		if r.err != nil {
			return
		}
		member(name)
		if r.err != nil || r.closed('}') {
			return
		}
	}
}

// Array calls element for each element; element must consume the value. A null has no elements.
func (r *Reader) Array(element func()) {
	if r.Null() || !r.open('[') {
		return
	}
	defer func() { r.depth-- }()
	if r.accept(']') {
		return
	}
	for {
		element()
		if r.err != nil || r.closed(']') {
			return
		}
	}
}

func (r *Reader) open(c byte) bool {
	if !r.accept(c) {
		if c == '{' {
			r.syntax("expected an object")
		} else {
			r.syntax("expected a list")
		}
		return false
	}
	if r.depth++; r.depth > maxDepth {
		r.syntax("nested too deeply")
	}
	return r.err == nil
}

// closed consumes a comma, or the end c.
func (r *Reader) closed(c byte) bool {
	if r.accept(',') {
		return false
	}
	if !r.accept(c) {
		r.syntax("expected ',' or '" + string(c) + "'")
	}
	return true
}

// String reads a string; null is empty.
func (r *Reader) String() string {
	if r.Null() {
		return ""
	}
	return r.text()
}

func (r *Reader) text() string {
	if !r.accept('"') {
		r.syntax("expected a string")
		return ""
	}
	start := r.pos
	end := strings.IndexByte(r.s[start:], '"')
	if end < 0 {
		r.syntax("string without end")
		return ""
	}
	plain := r.s[start : start+end]
	if strings.IndexByte(plain, '\\') < 0 {
		r.pos = start + end + 1
		for i := range len(plain) {
			if plain[i] < ' ' {
				r.syntax("control character in a string")
				return ""
			}
		}
		return r.checked(plain)
	}
	return r.escaped(start)
}

// escaped reads a string that has escapes, which encoding/json undoes.
func (r *Reader) escaped(start int) string {
	for i := start; i < len(r.s); i++ {
		switch r.s[i] {
		case '\\':
			i++
		case '"':
			r.pos = i + 1
			var out string
			if err := json.Unmarshal([]byte(r.s[start-1:i+1]), &out); err != nil {
				r.syntax(err.Error())
			}
			return r.checked(out)
		}
	}
	r.syntax("string without end")
	return ""
}

func (r *Reader) checked(s string) string {
	if !utf8.ValidString(s) {
		r.syntax("string is not UTF-8")
		return ""
	}
	return s
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	switch word := r.word(); word {
	case "true":
		return true
	case "false", "null":
		return false
	default:
		r.syntax("expected true or false, found " + strconv.Quote(word))
		return false
	}
}

// Int reads a whole number.
func (r *Reader) Int() int {
	word := r.word()
	n, err := strconv.Atoi(word)
	if err != nil {
		r.syntax("expected a whole number, found " + strconv.Quote(word))
	}
	return n
}

// word reads a bare literal: a number, true, false, null.
func (r *Reader) word() string {
	r.peek()
	start := r.pos
	for r.pos < len(r.s) && strings.IndexByte("+-.0123456789abcdefghijklmnopqrstuvwxyzE", r.s[r.pos]) >= 0 {
		r.pos++
	}
	return r.s[start:r.pos]
}

// Skip consumes any value.
func (r *Reader) Skip() {
	switch r.peek() {
	case '{':
		r.Object(func(string) { r.Skip() })
	case '[':
		r.Array(r.Skip)
	case '"':
		r.text()
	default:
		if !json.Valid([]byte(r.word())) {
			r.syntax("expected a value")
		}
	}
}

// Raw consumes any value and gives its text.
func (r *Reader) Raw() string {
	r.peek()
	start := r.pos
	r.Skip()
	if r.err != nil {
		return ""
	}
	return r.s[start:r.pos]
}
