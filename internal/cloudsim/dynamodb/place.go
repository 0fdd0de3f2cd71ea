package dynamodb

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// place appends the place of attributes that have these keys; ok is false when one is missing or of another type,
// which leaves an item out of an index.
func (k *keys) place(dst []byte, doc document) (place []byte, ok bool) {
	hash, found := doc.Get(k.hash)
	if !found || hash.Kind != k.hashKind {
		return nil, false
	}
	dst = appendPartition(dst, hash.Text)
	if k.sort == "" {
		return dst, true
	}
	sort, found := doc.Get(k.sort)
	if !found || sort.Kind != k.sortKind {
		return nil, false
	}
	return appendSortEnd(appendSort(dst, sort.Text)), true
}

// document is an item or attributes.
type document interface {
	Get(name string) (item.Value, bool)
}

func appendPartition(dst []byte, key string) []byte {
	dst = binary.BigEndian.AppendUint64(dst, hashOf(key))
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	return append(dst, key...)
}

// appendSort appends a sort key so that bytes order as keys do and no key is the start of another with its end:
// a zero byte is 00 FF, the end is 00 01.
func appendSort(dst []byte, key string) []byte {
	for {
		at := strings.IndexByte(key, 0)
		if at < 0 {
			return append(dst, key...)
		}
		dst = append(dst, key[:at]...)
		dst = append(dst, 0, 0xff)
		key = key[at+1:]
	}
}

func appendSortEnd(dst []byte) []byte { return append(dst, 0, 1) }

// after is the first place that does not begin with prefix.
func after(prefix []byte) string {
	out := []byte(string(prefix))
	for i := len(out) - 1; i >= 0; i-- {
		if out[i]++; out[i] != 0 {
			return string(out[:i+1])
		}
	}
	return "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
}

// hashOf spreads partition keys evenly and always in the same way: FNV-1a with the finish of MurmurHash3.
func hashOf(key string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 0x100000001b3
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// segmentStart is the first place of a segment: the least hash whose product with total reaches it.
func segmentStart(segment, total int) string {
	if segment >= total {
		return after(nil)
	}
	quotient, rest := bits.Div64(uint64(segment), 0, uint64(total)) //nolint:gosec // 0 to 1,000,000
	if rest > 0 {
		quotient++
	}
	return string(binary.BigEndian.AppendUint64(nil, quotient))
}
