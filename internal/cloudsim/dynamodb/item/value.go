// Package item holds DynamoDB's attribute values and items.
//
// Promise: values are what Amazon DynamoDB would store: numbers are decimals of 38 digits, kept exactly and in one
// normal form; sets have no order and no duplicates; equal values have equal forms. An Item is an immutable,
// compact encoding from which single attributes are read without decoding the rest. Sizes follow the "Item sizes
// and formats" page of the DynamoDB developer guide.
package item

import (
	"slices"
	"strings"
)

// Kind is the data type of a value.
type Kind uint8

// The data types, by the names that AWS uses in JSON and messages. None is no value at all.
const (
	None Kind = iota
	S
	N
	B
	BOOL
	NULL
	SS
	NS
	BS
	L
	M
)

// String is the type's name on the wire.
func (k Kind) String() string {
	return [...]string{"", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}[k]
}

// KindOf finds a type by its name on the wire; None when there is no such type.
func KindOf(name string) Kind {
	switch name {
	case "S":
		return S
	case "N":
		return N
	case "B":
		return B
	case "BOOL":
		return BOOL
	case "NULL":
		return NULL
	case "SS":
		return SS
	case "NS":
		return NS
	case "BS":
		return BS
	case "L":
		return L
	case "M":
		return M
	}
	return None
}

// IsSet tells whether the type is a set.
func (k Kind) IsSet() bool { return k == SS || k == NS || k == BS }

// Scalar is the type of a set's elements.
func (k Kind) Scalar() Kind {
	if k.IsSet() {
		return k - SS + S
	}
	return k
}

// Value is one attribute value. Only the member that belongs to its Kind is used. Values are not changed after
// they were made, so they may share their parts.
type Value struct {
	Kind Kind
	Bool bool
	Text string   // S; B as bytes; N in the form of ParseNumber
	Set  []string // SS, NS, BS: elements in the form of Text, sorted
	List []Value  // L
	Map  Attrs    // M
}

// Attr is a named value.
type Attr struct {
	Name  string
	Value Value
}

// Attrs are the attributes of an item or of a map, sorted by name, each name once.
type Attrs []Attr

func (a Attrs) find(name string) (int, bool) {
	return slices.BinarySearchFunc(a, name, func(x Attr, n string) int { return strings.Compare(x.Name, n) })
}

// Get finds an attribute.
func (a Attrs) Get(name string) (Value, bool) {
	if at, found := a.find(name); found {
		return a[at].Value, true
	}
	return Value{}, false
}

// Put sets an attribute, in place where it exists, and gives the attributes.
func (a Attrs) Put(name string, v Value) Attrs {
	at, found := a.find(name)
	if found {
		a[at].Value = v
		return a
	}
	return slices.Insert(a, at, Attr{name, v})
}

// Drop removes an attribute in place and gives the attributes.
func (a Attrs) Drop(name string) Attrs {
	if at, found := a.find(name); found {
		return slices.Delete(a, at, at+1)
	}
	return a
}

// Equal tells whether two values are the same: types too, lists in order, sets and maps without order.
func Equal(a, b Value) bool {
	return a.Kind == b.Kind && a.Bool == b.Bool && a.Text == b.Text && slices.Equal(a.Set, b.Set) &&
		slices.EqualFunc(a.List, b.List, Equal) &&
		slices.EqualFunc(a.Map, b.Map, func(x, y Attr) bool { return x.Name == y.Name && Equal(x.Value, y.Value) })
}

// Compare orders two values of the same type S, N or B; ok is false for all others, which have no order.
func Compare(a, b Value) (order int, ok bool) {
	if a.Kind != b.Kind || a.Kind < S || a.Kind > B {
		return 0, false
	}
	return strings.Compare(a.Text, b.Text), true
}

// Union is the set of the elements of a and b, which are of one set type.
func Union(a, b Value) Value {
	all := append(slices.Clone(a.Set), b.Set...)
	slices.Sort(all)
	return Value{Kind: a.Kind, Set: slices.Compact(all)}
}

// Minus is the set of the elements of a that are not in b, which are of one set type. It may be empty, which no
// stored set is.
func Minus(a, b Value) Value {
	rest := slices.DeleteFunc(slices.Clone(a.Set), func(e string) bool {
		_, found := slices.BinarySearch(b.Set, e)
		return found
	})
	return Value{Kind: a.Kind, Set: rest}
}

// Size is the value's share of an item's size, in bytes.
func (v Value) Size() int {
	switch {
	case v.Kind == BOOL || v.Kind == NULL:
		return 1
	case v.Kind.IsSet():
		n := 0
		for _, e := range v.Set {
			n += len(e)
		}
		return n
	case v.Kind == L:
		n := containerSize
		for _, e := range v.List {
			n += elementSize + e.Size()
		}
		return n
	case v.Kind == M:
		return containerSize + elementSize*len(v.Map) + v.Map.Size()
	default:
		return len(v.Text)
	}
}

// What a list or map, and each of its elements, take beside their content.
const (
	containerSize = 3
	elementSize   = 1
)

// Size is the size in bytes of an item of these attributes.
func (a Attrs) Size() int {
	n := 0
	for _, x := range a {
		n += len(x.Name) + x.Value.Size()
	}
	return n
}
