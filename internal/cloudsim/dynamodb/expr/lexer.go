package expr

import "strings"

type tokenKind uint8

const (
	end tokenKind = iota
	word
	number
	nameRef  // #name
	valueRef // :value
	symbol
	bad
)

type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// lex splits an expression. What belongs to no token becomes a bad token, which no rule of the grammar accepts.
func lex(src string) []token {
	var out []token
	for pos := 0; ; {
		for pos < len(src) && strings.IndexByte(" \t\r\n", src[pos]) >= 0 {
			pos++
		}
		if pos == len(src) {
			return append(out, token{end, "<EOF>", pos, pos})
		}
		kind, n := classify(src[pos:])
		out = append(out, token{kind, src[pos : pos+n], pos, pos + n})
		pos += n
	}
}

func classify(s string) (tokenKind, int) {
	switch c := s[0]; {
	case c == '#' || c == ':':
		n := 1 + run(s[1:], identifierPart)
		switch {
		case n == 1:
			return bad, 1
		case c == '#':
			return nameRef, n
		default:
			return valueRef, n
		}
	case digit(c):
		return number, run(s, digit)
	case identifierPart(c) && c != '_':
		return word, run(s, identifierPart)
	case strings.HasPrefix(s, "<>") || strings.HasPrefix(s, "<=") || strings.HasPrefix(s, ">="):
		return symbol, 2
	case strings.IndexByte("()[],.=<>+-", c) >= 0:
		return symbol, 1
	default:
		return bad, 1
	}
}

func run(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func identifierPart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || digit(c) || c == '_'
}
