package item

import (
	"encoding/binary"
	"strings"
)

// Item is the immutable encoding of an item's attributes, sorted by name. The empty Item is no item.
//
// An attribute is its name (a length, bytes) and its value: a byte for the Kind; then a length and bytes for S, N and
// B, one byte for BOOL, nothing for NULL; sets, lists and maps are a length of 4 bytes and their encoded elements.
type Item string

// New encodes attributes.
func New(a Attrs) Item { return Item(a.Append(nil)) }

// Append appends the encoding of an Item of these attributes.
func (a Attrs) Append(dst []byte) []byte {
	for _, x := range a {
		dst = appendText(dst, x.Name)
		dst = x.Value.append(dst)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func (v Value) append(dst []byte) []byte {
	dst = append(dst, byte(v.Kind))
	switch v.Kind {
	case S, N, B:
		return appendText(dst, v.Text)
	case BOOL:
		if v.Bool {
			return append(dst, 1)
		}
		return append(dst, 0)
	case SS, NS, BS, L, M:
		start := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		for _, e := range v.Set {
			dst = appendText(dst, e)
		}
		for _, e := range v.List {
			dst = e.append(dst)
		}
		dst = v.Map.Append(dst)
		binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-4)) //nolint:gosec // at most an item's 400 KB
	case None, NULL:
	}
	return dst
}

// cursor reads an encoding, which is always our own and sound.
type cursor string

func (c *cursor) text() string {
	n, used := uvarint(string(*c))
	out := (*c)[used : used+n]
	*c = (*c)[used+n:]
	return string(out)
}

func uvarint(s string) (n, used int) {
	for shift := 0; ; shift += 7 {
		b := s[used]
		used++
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n, used
		}
	}
}

func (c *cursor) byte() byte {
	b := (*c)[0]
	*c = (*c)[1:]
	return b
}

// block takes the elements of a set, list or map.
func (c *cursor) block() cursor {
	s := *c
	n := int(s[0])<<24 | int(s[1])<<16 | int(s[2])<<8 | int(s[3])
	*c = s[4+n:]
	return s[4 : 4+n]
}

// skip takes a whole value.
func (c *cursor) skip() {
	switch Kind(c.byte()) {
	case S, N, B:
		c.text()
	case BOOL:
		c.byte()
	case SS, NS, BS, L, M:
		c.block()
	case None, NULL:
	}
}

func (c *cursor) value() Value {
	v := Value{Kind: Kind(c.byte())}
	switch v.Kind {
	case S, N, B:
		v.Text = c.text()
	case BOOL:
		v.Bool = c.byte() == 1
	case SS, NS, BS:
		for elements := c.block(); elements != ""; {
			v.Set = append(v.Set, elements.text())
		}
	case L:
		for elements := c.block(); elements != ""; {
			v.List = append(v.List, elements.value())
		}
	case M:
		v.Map = Item(c.block()).Attrs()
	case None, NULL:
	}
	return v
}

// Attrs decodes all attributes. Their strings share the item's memory.
func (i Item) Attrs() Attrs {
	var out Attrs
	for c := cursor(i); c != ""; {
		name := c.text()
		out = append(out, Attr{name, c.value()})
	}
	return out
}

// Get decodes one attribute.
func (i Item) Get(name string) (Value, bool) {
	for c := cursor(i); c != ""; {
		order := strings.Compare(c.text(), name)
		if order == 0 {
			return c.value(), true
		}
		if order > 0 {
			break
		}
		c.skip()
	}
	return Value{}, false
}

// Size is the item's size in bytes as DynamoDB counts it.
func (i Item) Size() int { return i.SizeOf(nil) }

// SizeOf is the size of the named attributes alone; nil names all.
func (i Item) SizeOf(names map[string]bool) int {
	n := 0
	for c := cursor(i); c != ""; {
		name := c.text()
		size := c.size()
		if names == nil || names[name] {
			n += len(name) + size
		}
	}
	return n
}

// size takes a value and gives its size. It agrees with Value.Size.
func (c *cursor) size() int {
	n := 0
	switch Kind(c.byte()) {
	case S, N, B:
		return len(c.text())
	case BOOL:
		c.byte()
		return 1
	case NULL:
		return 1
	case SS, NS, BS:
		for elements := c.block(); elements != ""; {
			n += len(elements.text())
		}
	case L:
		n = containerSize
		for elements := c.block(); elements != ""; {
			n += elementSize + elements.size()
		}
	case M:
		n = containerSize
		for elements := c.block(); elements != ""; {
			n += elementSize + len(elements.text())
			n += elements.size()
		}
	case None:
	}
	return n
}

// Only is the item with the named attributes alone.
func (i Item) Only(names map[string]bool) Item {
	out := make([]byte, 0, len(i))
	for c := cursor(i); c != ""; {
		whole := c
		keep := names[c.text()]
		c.skip()
		if keep {
			out = append(out, whole[:len(whole)-len(c)]...)
		}
	}
	return Item(out)
}
