package dynamodb

import (
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
