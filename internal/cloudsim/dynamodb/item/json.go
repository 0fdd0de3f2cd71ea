package item

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
)

// maxLevels is how deep lists and maps may nest: the 32 levels of "Quotas in Amazon DynamoDB", of which the item is one.
const maxLevels = 31

// invalid makes an error of AWS's wording for a value that is not allowed.
func invalid(format string, args ...any) error {
	return Refuse("One or more parameter values were invalid: "+format, args...)
}

// ReadAttrs reads an item, a key or a map of values in DynamoDB JSON. A value that DynamoDB forbids stops the reader
// with an error in AWS's words, which is a ValidationException.
func ReadAttrs(r *wire.Reader) Attrs { return readAttrs(r, 0) }

func readAttrs(r *wire.Reader, level int) Attrs {
	out := Attrs{}
	sorted := true
	r.Object(func(name string) {
		if name == "" {
			r.Fail(Refuse("Empty attribute name"))
			return
		}
		if n := len(out); n > 0 && out[n-1].Name >= name {
			sorted = false
		}
		out = append(out, Attr{name, readValue(r, level)})
	})
	if sorted {
		return out
	}
	slices.SortStableFunc(out, func(a, b Attr) int { return strings.Compare(a.Name, b.Name) })
	// A name that is given twice has its last value, as in every JSON parser that AWS uses.
	last := out[:0]
	for i, a := range out {
		if i+1 == len(out) || out[i+1].Name != a.Name {
			last = append(last, a)
		}
	}
	return last
}

// ReadValue reads one value, {"S": "text"} or the like, as ReadAttrs does.
func ReadValue(r *wire.Reader) Value { return readValue(r, 0) }

func readValue(r *wire.Reader, level int) Value {
	var v Value
	r.Object(func(name string) {
		if r.Null() {
			return
		}
		kind := KindOf(name)
		switch {
		case kind == None:
			r.Skip() // AWS ignores what it does not know
		case v.Kind != None:
			r.Fail(Refuse("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"))
		default:
			v.Kind = kind
			v.read(r, level)
		}
	})
	if v.Kind == None {
		r.Fail(Refuse("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"))
	}
	return v
}

func (v *Value) read(r *wire.Reader, level int) {
	if (v.Kind == L || v.Kind == M) && level >= maxLevels {
		r.Fail(Refuse("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"))
		return
	}
	switch v.Kind {
	case S, N, B:
		v.Text = readText(r, v.Kind)
	case BOOL:
		v.Bool = r.Bool()
	case NULL:
		if !r.Bool() {
			r.Fail(invalid("Null attribute value types must have the value of true"))
		}
	case SS, NS, BS:
		r.Array(func() { v.Set = append(v.Set, readText(r, v.Kind.Scalar())) })
		if r.Err() == nil {
			v.normaliseSet(r)
		}
	case L:
		v.List = []Value{}
		r.Array(func() { v.List = append(v.List, readValue(r, level+1)) })
	case M:
		v.Map = readAttrs(r, level+1)
	case None:
	}
}

func readText(r *wire.Reader, kind Kind) string {
	text := r.String()
	if r.Err() != nil {
		return ""
	}
	var err error
	switch kind {
	case N:
		text, err = ParseNumber(text)
	case B:
		text, err = decodeBase64(text)
	default:
	}
	if err != nil {
		r.Fail(err)
	}
	return text
}

func decodeBase64(text string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", &wire.SyntaxError{Reason: "binary value is not base64: " + err.Error()}
	}
	return string(b), nil
}

func (v *Value) normaliseSet(r *wire.Reader) {
	if len(v.Set) == 0 {
		r.Fail(invalid("%s", map[Kind]string{
			SS: "An string set  may not be empty", NS: "An number set  may not be empty", BS: "Binary sets should not be empty",
		}[v.Kind]))
		return
	}
	given := slices.Clone(v.Set)
	slices.Sort(v.Set)
	v.Set = slices.Compact(v.Set)
	switch {
	case len(v.Set) == len(given):
	case v.Kind == NS:
		r.Fail(Refuse("Input collection contains duplicates"))
	case v.Kind == BS:
		r.Fail(invalid("Input collection of type BS contains duplicates."))
	default:
		r.Fail(invalid("Input collection [%s] contains duplicates.", strings.Join(given, ", ")))
	}
}

// AppendJSON appends the item in DynamoDB JSON. No item is an empty object.
func (i Item) AppendJSON(dst []byte) []byte {
	c := cursor(i)
	return c.appendMap(dst)
}

// AppendJSON appends the attributes in DynamoDB JSON.
func (a Attrs) AppendJSON(dst []byte) []byte { return New(a).AppendJSON(dst) }

// AppendJSON appends the value in DynamoDB JSON.
func (v Value) AppendJSON(dst []byte) []byte {
	c := cursor(v.append(nil))
	return c.appendValue(dst)
}

func (c *cursor) appendMap(dst []byte) []byte {
	dst = append(dst, '{')
	for first := true; *c != ""; first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = wire.AppendString(dst, c.text())
		dst = append(dst, ':')
		dst = c.appendValue(dst)
	}
	return append(dst, '}')
}

func (c *cursor) appendValue(dst []byte) []byte {
	kind := Kind(c.byte())
	dst = append(dst, '{', '"')
	dst = append(dst, kind.String()...)
	dst = append(dst, '"', ':')
	switch kind {
	case S, N, B:
		dst = appendScalar(dst, kind, c.text())
	case BOOL:
		if c.byte() == 1 {
			dst = append(dst, "true"...)
		} else {
			dst = append(dst, "false"...)
		}
	case NULL:
		dst = append(dst, "true"...)
	case M:
		elements := c.block()
		dst = elements.appendMap(dst)
	case SS, NS, BS, L:
		dst = append(dst, '[')
		elements := c.block()
		for first := true; elements != ""; first = false {
			if !first {
				dst = append(dst, ',')
			}
			if kind == L {
				dst = elements.appendValue(dst)
			} else {
				dst = appendScalar(dst, kind.Scalar(), elements.text())
			}
		}
		dst = append(dst, ']')
	case None:
	}
	return append(dst, '}')
}

func appendScalar(dst []byte, kind Kind, text string) []byte {
	switch kind {
	case N:
		dst = append(dst, '"')
		dst = AppendNumber(dst, text)
		return append(dst, '"')
	case B:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(text))
		return append(dst, '"')
	default:
		return wire.AppendString(dst, text)
	}
}
