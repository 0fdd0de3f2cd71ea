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
		return d.skip()
	})
	if err == nil {
		d.space()
		if d.i != len(d.b) {
			err = errors.New("something follows the object")
		}
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

var errForm = errors.New("this is not DynamoDB JSON")

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
	if !d.next('{') {
		return errForm
	}
	if d.next('}') {
		return nil
	}
	for {
		name, err := d.text()
		if err != nil {
			return err
		}
		if !d.next(':') {
			return errForm
		}
		if err := value(name); err != nil {
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

// text reads a string. Most have no escapes, and are copied once.
func (d *decoder) text() (string, error) {
	d.space()
	if d.i >= len(d.b) || d.b[d.i] != '"' {
		return "", errForm
	}
	start := d.i + 1
	for j := start; j < len(d.b); j++ {
		switch c := d.b[j]; {
		case c == '"':
			d.i = j + 1
			if !utf8.Valid(d.b[start:j]) {
				return "", errForm
			}
			return string(d.b[start:j]), nil
		case c == '\\':
			return d.escaped(start-1, j)
		case c < ' ':
			return "", errForm
		}
	}
	return "", errForm
}

// escaped reads a string with escapes, which begins at a quote and has its first backslash at j.
func (d *decoder) escaped(start, j int) (string, error) {
	for ; j < len(d.b); j++ {
		switch d.b[j] {
		case '\\':
			j++
		case '"':
			d.i = j + 1
			var s string
			err := json.Unmarshal(d.b[start:d.i], &s)
			return s, err
		}
	}
	return "", errForm
}

// skip passes over any value.
func (d *decoder) skip() error {
	dec := json.NewDecoder(bytes.NewReader(d.b[d.i:]))
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return errForm
	}
	d.i += int(dec.InputOffset())
	return nil
}

func (d *decoder) item(depth int) (Item, error) {
	if depth > maxDepth {
		return nil, errors.New("it nests too deep")
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
		return nil, errors.New("it nests too deep")
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
