package item

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DynamoDB JSON is how exports write items: {"name":{"S":"text"}} (Amazon DynamoDB Developer Guide, "DynamoDB table export output format").
// The decoder is our own because it is in the way of every item of a load: a general one would take most of the time.

// maxDepth is how deep values may nest; DynamoDB takes 32 levels.
const maxDepth = 34

// decoder reads one line.
type decoder struct {
	b []byte
	i int
}

// Fields reads a line that is an object of items, such as {"Item":{...}} or {"Keys":{...},"NewImage":{...}}, and gives those that are asked for.
// Other members are passed over.
func Fields(line []byte, names ...string) (map[string]Item, error) {
	d := &decoder{b: line}
	out := map[string]Item{}
	err := d.object(func(name string) error {
		for _, n := range names {
			if n == name {
				it, err := d.item(0)
				out[n] = it
				return err
			}
		}
		return d.skip(0)
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", d.i, err)
	}
	return out, nil
}

// Decode reads one item: {"name":{"S":"text"}}.
func Decode(text []byte) (Item, error) {
	m, err := Fields(append(append([]byte(`{"i":`), text...), '}'), "i")
	return m["i"], err
}

var (
	errForm = errors.New("this is not DynamoDB JSON")
	errDeep = errors.New("it nests too deep")
)

func (d *decoder) space() {
	for d.i < len(d.b) && (d.b[d.i] == ' ' || d.b[d.i] == '\t' || d.b[d.i] == '\n' || d.b[d.i] == '\r') {
		d.i++
	}
}

// next passes over space and one character, if that follows.
func (d *decoder) next(c byte) bool {
	d.space()
	if d.i < len(d.b) && d.b[d.i] == c {
		d.i++
		return true
	}
	return false
}

// object reads an object; value must read each value.
func (d *decoder) object(value func(name string) error) error {
	return d.members(func(quoted []byte) error {
		name, err := unquote(quoted)
		if err != nil {
			return err
		}
		return value(name)
	})
}

// members reads an object; value is given each name in its quotes, and must read the value.
func (d *decoder) members(value func(quoted []byte) error) error {
	if !d.next('{') {
		return errForm
	}
	if d.next('}') {
		return nil
	}
	for {
		quoted, err := d.quoted()
		if err != nil {
			return err
		}
		if !d.next(':') {
			return errForm
		}
		if err := value(quoted); err != nil {
			return err
		}
		if d.next('}') {
			return nil
		}
		if !d.next(',') {
			return errForm
		}
	}
}

// array reads an array; value must read each element.
func (d *decoder) array(value func() error) error {
	if !d.next('[') {
		return errForm
	}
	if d.next(']') {
		return nil
	}
	for {
		if err := value(); err != nil {
			return err
		}
		if d.next(']') {
			return nil
		}
		if !d.next(',') {
			return errForm
		}
	}
}

// quoted passes over a string and gives it with its quotes.
func (d *decoder) quoted() ([]byte, error) {
	d.space()
	start := d.i
	if d.i == len(d.b) || d.b[d.i] != '"' {
		return nil, errForm
	}
	err := d.skipText()
	return d.b[start:d.i], err
}

// text reads a string.
func (d *decoder) text() (string, error) {
	quoted, err := d.quoted()
	if err != nil {
		return "", err
	}
	return unquote(quoted)
}

// unquote gives what a string says. Most have no escapes, and are copied once.
func unquote(quoted []byte) (string, error) {
	inner, plain := quoted[1:len(quoted)-1], true
	for _, c := range inner {
		if c < ' ' {
			return "", errForm
		}
		plain = plain && c != '\\'
	}
	if !plain {
		var s string
		err := json.Unmarshal(quoted, &s)
		return s, err
	}
	if !utf8.Valid(inner) {
		return "", errForm
	}
	return string(inner), nil
}

// skip passes over any value.
func (d *decoder) skip(depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	d.space()
	if d.i == len(d.b) {
		return errForm
	}
	switch d.b[d.i] {
	case '"':
		return d.skipText()
	case '{':
		return d.members(func([]byte) error { return d.skip(depth + 1) })
	case '[':
		return d.array(func() error { return d.skip(depth + 1) })
	}
	start := d.i
	for d.i < len(d.b) && !bytes.ContainsRune([]byte(",]} \t\r\n"), rune(d.b[d.i])) {
		d.i++
	}
	switch literal := d.b[start:d.i]; {
	case string(literal) == "true", string(literal) == "false", json.Valid(literal):
		return nil
	}
	return errForm
}

// skipText passes over a string. It looks at quotes and backslashes only.
func (d *decoder) skipText() error {
	for j := d.i + 1; ; j++ {
		n := bytes.IndexByte(d.b[min(j, len(d.b)):], '"')
		if n < 0 {
			return errForm
		}
		j += n
		escapes := 0
		for d.b[j-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			d.i = j + 1
			return nil
		}
	}
}

func (d *decoder) item(depth int) (Item, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	out := make(Item, 8)
	err := d.object(func(name string) error {
		v, err := d.value(depth)
		out[name] = v
		return err
	})
	return out, err
}

// value reads {"S":"text"} and its siblings.
func (d *decoder) value(depth int) (v types.AttributeValue, err error) {
	seen := false
	err = d.object(func(kind string) error {
		if seen {
			return errForm
		}
		seen = true
		v, err = d.typed(kind, depth+1)
		return err
	})
	if err == nil && !seen {
		err = errForm
	}
	return v, err
}

func (d *decoder) typed(kind string, depth int) (types.AttributeValue, error) {
	switch kind {
	case "S":
		s, err := d.text()
		return &types.AttributeValueMemberS{Value: s}, err
	case "N":
		s, err := d.text()
		return &types.AttributeValueMemberN{Value: s}, err
	case "B":
		b, err := d.binary()
		return &types.AttributeValueMemberB{Value: b}, err
	case "BOOL":
		b, err := d.boolean()
		return &types.AttributeValueMemberBOOL{Value: b}, err
	case "NULL":
		b, err := d.boolean()
		return &types.AttributeValueMemberNULL{Value: b}, err
	case "M":
		m, err := d.item(depth)
		return &types.AttributeValueMemberM{Value: m}, err
	case "L":
		return d.list(depth)
	default:
		return d.set(kind)
	}
}

func (d *decoder) list(depth int) (types.AttributeValue, error) {
	out := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	if depth > maxDepth {
		return nil, errDeep
	}
	err := d.array(func() error {
		v, err := d.value(depth)
		out.Value = append(out.Value, v)
		return err
	})
	return out, err
}

func (d *decoder) set(kind string) (types.AttributeValue, error) {
	var texts []string
	var binaries [][]byte
	err := d.array(func() error {
		if kind == "BS" {
			b, err := d.binary()
			binaries = append(binaries, b)
			return err
		}
		s, err := d.text()
		texts = append(texts, s)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case kind == "SS":
		return &types.AttributeValueMemberSS{Value: texts}, nil
	case kind == "NS":
		return &types.AttributeValueMemberNS{Value: texts}, nil
	case kind == "BS":
		return &types.AttributeValueMemberBS{Value: binaries}, nil
	}
	return nil, fmt.Errorf("the type %q is unknown", kind)
}

func (d *decoder) binary() ([]byte, error) {
	s, err := d.text()
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(s)
}

func (d *decoder) boolean() (bool, error) {
	d.space()
	switch rest := d.b[d.i:]; {
	case bytes.HasPrefix(rest, []byte("true")):
		d.i += 4
		return true, nil
	case bytes.HasPrefix(rest, []byte("false")):
		d.i += 5
		return false, nil
	}
	return false, errForm
}
