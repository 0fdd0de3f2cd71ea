// Package item is what recoveries need to know of DynamoDB items: their canonical bytes, their size, and sums over many of them.
//
// Promise: two items have the same canonical bytes exactly when DynamoDB holds them for equal: the order of attributes and of a set's
// elements does not count, nor how a number is written. A Sum does not depend on the order in which items were added, so that tables
// can be read in parallel and compared; tables that differ in an item have different sums (but for one in 2^128).
package item

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is an item as the SDK has it.
type Item = map[string]types.AttributeValue

// The tags of values in canonical bytes. They are a format: sums are kept in catalogues.
const (
	tagString byte = 1 + iota
	tagNumber
	tagBinary
	tagBool
	tagNull
	tagList
	tagMap
	tagStrings
	tagNumbers
	tagBinaries
)

// Append adds an item's canonical bytes to b.
func Append(b []byte, it Item) ([]byte, error) { return appendMap(b, it) }

func appendMap(b []byte, m Item) ([]byte, error) {
	var few [24]string // keeps the names of most items off the heap
	b = binary.AppendUvarint(b, uint64(len(m)))
	var err error
	for _, k := range sortedKeys(few[:0], m) {
		b = appendText(b, k)
		if b, err = appendValue(b, m[k]); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", k, err)
		}
	}
	return b, nil
}

func sortedKeys(into []string, m Item) []string {
	into = slices.AppendSeq(into, maps.Keys(m))
	slices.Sort(into)
	return into
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendValue(b []byte, v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return appendText(append(b, tagString), v.Value), nil
	case *types.AttributeValueMemberN:
		n, err := Number(v.Value)
		return appendText(append(b, tagNumber), n), err
	case *types.AttributeValueMemberB:
		return appendText(append(b, tagBinary), string(v.Value)), nil
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return append(b, tagBool, 1), nil
		}
		return append(b, tagBool, 0), nil
	case *types.AttributeValueMemberNULL:
		return append(b, tagNull), nil
	case *types.AttributeValueMemberL:
		b = binary.AppendUvarint(append(b, tagList), uint64(len(v.Value)))
		var err error
		for _, x := range v.Value {
			if b, err = appendValue(b, x); err != nil {
				return nil, err
			}
		}
		return b, nil
	case *types.AttributeValueMemberM:
		return appendMap(append(b, tagMap), v.Value)
	default:
		return appendSet(b, v)
	}
}

func appendSet(b []byte, v types.AttributeValue) ([]byte, error) {
	var tag byte
	var all []string
	switch v := v.(type) {
	case *types.AttributeValueMemberSS:
		tag, all = tagStrings, slices.Clone(v.Value)
	case *types.AttributeValueMemberNS:
		tag = tagNumbers
		for _, x := range v.Value {
			n, err := Number(x)
			if err != nil {
				return nil, err
			}
			all = append(all, n)
		}
	case *types.AttributeValueMemberBS:
		tag = tagBinaries
		for _, x := range v.Value {
			all = append(all, string(x))
		}
	default:
		return nil, fmt.Errorf("a value of type %T is unknown", v)
	}
	slices.Sort(all)
	b = binary.AppendUvarint(append(b, tag), uint64(len(all)))
	for _, x := range all {
		b = appendText(b, x)
	}
	return b, nil
}

// Hash is one item's share in a Sum.
type Hash struct {
	Hi uint64 `json:"hi"`
	Lo uint64 `json:"lo"`
}

// Sum is a count and a digest over items in any order. The zero Sum is that of no items.
type Sum struct {
	Count  int64
	Hi, Lo uint64
}

// HashOf is the hash of canonical bytes: the first half of their SHA-256.
func HashOf(canonical []byte) Hash {
	h := sha256.Sum256(canonical)
	return Hash{binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16])}
}

// Add takes one item into account.
func (s *Sum) Add(h Hash) { s.Merge(Sum{1, h.Hi, h.Lo}) }

// Merge adds the items of another sum.
func (s *Sum) Merge(o Sum) {
	var carry uint64
	s.Count += o.Count
	s.Lo, carry = bits.Add64(s.Lo, o.Lo, 0)
	s.Hi, _ = bits.Add64(s.Hi, o.Hi, carry)
}

// String is the digest in 32 hexadecimal digits; the count is not part of it.
func (s Sum) String() string { return fmt.Sprintf("%016x%016x", s.Hi, s.Lo) }

// Key gives the canonical bytes of an item's key attributes, in the order of the schema.
func Key(b []byte, it Item, schema []string) ([]byte, error) {
	var err error
	for _, k := range schema {
		v, ok := it[k]
		if !ok {
			return nil, fmt.Errorf("an item lacks the key attribute %q", k)
		}
		if b, err = appendValue(b, v); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Only gives the named attributes of an item: its key.
func Only(it Item, names []string) Item {
	out := make(Item, len(names))
	for _, n := range names {
		if v, ok := it[n]; ok {
			out[n] = v
		}
	}
	return out
}
