package dynamodb

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// Quotas in Amazon DynamoDB.
const (
	maxHashKey  = 2048
	maxSortKey  = 1024
	maxItemSize = 400 << 10
)

// keys are the key attributes of a table or index, and how they order its entries.
//
// An entry's place is the hash of its partition key (8 bytes), the partition key, and the sort key in a form that
// keeps its order; an index entry's place ends with the place of its item in the table, which makes it unique. So the
// items of a partition stand together in order, and a segment of a scan is a range of hashes.
type keys struct {
	hash, sort         string // attribute names; sort may be empty
	hashKind, sortKind item.Kind
}

func (d *definition) keys(schema keySchema) keys {
	hash, sort := schema.key()
	return keys{hash, sort, d.kind(hash), d.kind(sort)}
}

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

// check refuses attributes whose keys are missing or not as declared: those of a new item, in the words for one.
func (k *keys) check(doc document) error {
	for _, part := range k.parts() {
		v, ok := doc.Get(part.name)
		switch {
		case !ok:
			return invalidValue("Missing the key %s in the item", part.name)
		case v.Kind != part.kind:
			return invalidValue("Type mismatch for key %s expected: %s actual: %s", part.name, part.kind, v.Kind)
		}
		if err := part.checkSize(v); err != nil {
			return err
		}
	}
	return nil
}

// checkKey refuses a Key that is not exactly this key.
func (k *keys) checkKey(key item.Attrs) error {
	parts := k.parts()
	for _, part := range parts {
		if v, ok := key.Get(part.name); !ok || v.Kind != part.kind {
			return invalid("The provided key element does not match the schema")
		}
	}
	if len(key) != len(parts) {
		return invalid("The provided key element does not match the schema")
	}
	for _, part := range parts {
		v, _ := key.Get(part.name)
		if err := part.checkSize(v); err != nil {
			return err
		}
	}
	return nil
}

// keyPart is one attribute of a key.
type keyPart struct {
	name string
	kind item.Kind
	sort bool
}

func (k *keys) parts() []keyPart {
	parts := []keyPart{{k.hash, k.hashKind, false}}
	if k.sort != "" {
		parts = append(parts, keyPart{k.sort, k.sortKind, true})
	}
	return parts
}

// names are the names of the key attributes.
func (k *keys) names() map[string]bool {
	out := map[string]bool{}
	for _, part := range k.parts() {
		out[part.name] = true
	}
	return out
}

func (p keyPart) checkSize(v item.Value) error {
	switch {
	case v.Text == "":
		return emptyKey(v.Kind, p.name)
	case !p.sort && len(v.Text) > maxHashKey:
		return invalidValue("Size of hashkey has exceeded the maximum size limit of%d bytes", maxHashKey)
	case p.sort && len(v.Text) > maxSortKey:
		return invalidValue("Aggregated size of all range keys has exceeded the size limit of %d bytes", maxSortKey)
	}
	return nil
}

func emptyKey(kind item.Kind, name string) error {
	return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", emptied(kind), name)
}

func emptyIndexKey(kind item.Kind, index, name string) error {
	return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", emptied(kind), index, name)
}

func emptied(kind item.Kind) string {
	if kind == item.B {
		return "binary"
	}
	return "string"
}
