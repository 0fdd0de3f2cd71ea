package item

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadIon reads one struct of Amazon Ion's text form, after an optional version marker, in the mapping of "Amazon S3 import formats for
// DynamoDB". Text that is not such a struct is an error.
func ReadIon(text string) (Attrs, error) {
	r := ionReader{s: strings.TrimSpace(text)}
	r.s = strings.TrimSpace(strings.TrimPrefix(r.s, "$ion_1_0"))
	v := r.value(0)
	if r.peek() != 0 {
		r.fail("text after the struct")
	}
	if v.Kind != M {
		r.fail("it is not a struct")
	}
	return v.Map, r.err
}

// ionReader reads the types of Ion that map to DynamoDB. After an error nothing more is read.
type ionReader struct {
	s   string // what is left
	err error
}

func (r *ionReader) fail(why string) {
	if r.err == nil {
		r.err = Refuse("Ion: %s", why)
	}
	r.s = ""
}

// peek skips space and gives the next byte, 0 at the end.
func (r *ionReader) peek() byte {
	r.s = strings.TrimLeft(r.s, " \t\r\n")
	if r.s == "" {
		return 0
	}
	return r.s[0]
}

func (r *ionReader) accept(token string) bool {
	r.peek()
	if !strings.HasPrefix(r.s, token) {
		return false
	}
	r.s = r.s[len(token):]
	return true
}

// value reads a value with its annotation.
func (r *ionReader) value(level int) Value {
	if level > maxLevels+1 {
		r.fail("it is nested too deeply")
		return Value{}
	}
	switch c := r.peek(); {
	case c == '{':
		if r.accept("{{") {
			return r.blob()
		}
		return r.structure(level)
	case c == '[':
		return r.list(level)
	case c == '"':
		return Value{Kind: S, Text: r.quoted('"')}
	case c == '-' || c == '+' || c >= '0' && c <= '9':
		return r.number()
	case c == 0:
		r.fail("it ends within a value")
		return Value{}
	}
	switch word := r.word(); word {
	case "true", "false":
		return Value{Kind: BOOL, Bool: word == "true"}
	case "null":
		return Value{Kind: NULL}
	case "$dynamodb_SS", "$dynamodb_NS", "$dynamodb_BS":
		if r.accept("::") {
			return r.set(KindOf(strings.TrimPrefix(word, "$dynamodb_")), level)
		}
	}
	r.fail("a value that DynamoDB has no type for")
	return Value{}
}

func (r *ionReader) structure(level int) Value {
	v := Value{Kind: M, Map: Attrs{}}
	r.accept("{")
	for !r.accept("}") && r.err == nil {
		name := r.field()
		if !r.accept(":") {
			r.fail("a field without a value")
		}
		v.Map = v.Map.Put(name, r.value(level+1))
		if !r.accept(",") && r.peek() != '}' {
			r.fail("a struct without end")
		}
	}
	return v
}

func (r *ionReader) field() string {
	switch r.peek() {
	case '"':
		return r.quoted('"')
	case '\'':
		return r.quoted('\'')
	}
	name := r.word()
	if name == "" {
		r.fail("a field without a name")
	}
	return name
}

func (r *ionReader) word() string {
	end := strings.IndexFunc(r.s, func(c rune) bool {
		return c != '_' && c != '$' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
	if end < 0 {
		end = len(r.s)
	}
	word := r.s[:end]
	r.s = r.s[end:]
	return word
}

func (r *ionReader) list(level int) Value {
	v := Value{Kind: L, List: []Value{}}
	r.accept("[")
	for !r.accept("]") && r.err == nil {
		v.List = append(v.List, r.value(level+1))
		if !r.accept(",") && r.peek() != ']' {
			r.fail("a list without end")
		}
	}
	return v
}

func (r *ionReader) set(kind Kind, level int) Value {
	v := Value{Kind: kind}
	if r.peek() != '[' {
		r.fail("a set that is not a list")
		return v
	}
	for _, e := range r.list(level).List {
		if e.Kind != kind.Scalar() {
			r.fail("a set with an element of another type")
			return v
		}
		v.Set = append(v.Set, e.Text)
	}
	slices.Sort(v.Set)
	if v.Set = slices.Compact(v.Set); len(v.Set) == 0 {
		r.fail("an empty set")
	}
	return v
}

func (r *ionReader) blob() Value {
	text, rest, ok := strings.Cut(r.s, "}}")
	if !ok {
		r.fail("a blob without end")
		return Value{}
	}
	r.s = rest
	b, err := decodeBase64(strings.TrimSpace(text))
	if err != nil {
		r.fail(err.Error())
	}
	return Value{Kind: B, Text: b}
}

// number reads an integer, a decimal (1d2) or a float (1e2).
func (r *ionReader) number() Value {
	end := strings.IndexAny(r.s, ",]} \t\r\n")
	if end < 0 {
		end = len(r.s)
	}
	text := strings.ReplaceAll(r.s[:end], "_", "")
	r.s = r.s[end:]
	n, err := ParseNumber(strings.NewReplacer("d", "e", "D", "e").Replace(text))
	if err != nil {
		r.fail(err.Error())
	}
	return Value{Kind: N, Text: n}
}

// quoted reads text in quotes.
func (r *ionReader) quoted(quote byte) string {
	r.s = r.s[1:]
	var out []byte
	for r.s != "" {
		switch c := r.s[0]; c {
		case quote:
			r.s = r.s[1:]
			if !utf8.Valid(out) {
				r.fail("a string that is not UTF-8")
			}
			return string(out)
		case '\\':
			out = r.escape(out)
		default:
			out = append(out, c)
			r.s = r.s[1:]
		}
	}
	r.fail("a string without end")
	return ""
}

// escape reads an escape of Ion's text.
func (r *ionReader) escape(out []byte) []byte {
	if len(r.s) < 2 {
		r.s = ""
		return out
	}
	c := r.s[1]
	r.s = r.s[2:]
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; digits > 0 {
		if len(r.s) < digits {
			r.s = ""
			return out
		}
		n, err := strconv.ParseUint(r.s[:digits], 16, 32)
		if err != nil {
			r.fail("an escape that is no number")
			return out
		}
		r.s = r.s[digits:]
		return utf8.AppendRune(out, rune(n)) //nolint:gosec // at most 32 bits; what is no rune is replaced
	}
	if at := strings.IndexByte(`0abtnfrv`, c); at >= 0 {
		return append(out, "\x00\a\b\t\n\f\r\v"[at])
	}
	if strings.IndexByte(`?'"/\`, c) < 0 {
		r.fail("an escape that Ion does not have")
	}
	return append(out, c)
}
