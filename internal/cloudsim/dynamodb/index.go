package dynamodb

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
)

// index is a secondary index. Its entries are whole items; what is not projected is left out when they are read.
type index struct {
	name      string
	global    bool
	keys      keys
	projected map[string]bool // attributes that are in the index; nil is all
	entries   ordered.Map[item.Item]
	size      int // bytes of what is projected
}

func (t *table) newIndex(d secondaryIndex, global bool) *index {
	x := &index{name: d.IndexName, global: global, keys: t.def.keys(d.KeySchema)}
	if d.Projection.ProjectionType != "ALL" {
		x.projected = map[string]bool{}
		for _, part := range append(t.keys.parts(), x.keys.parts()...) {
			x.projected[part.name] = true
		}
		for _, name := range d.Projection.NonKeyAttributes {
			x.projected[name] = true
		}
	}
	return x
}

// replace puts an item's new form into the index.
func (x *index) replace(place string, old, now item.Item) {
	was, isThere := x.place(place, old)
	is, belongs := x.place(place, now)
	if isThere && (!belongs || was != is) {
		x.entries.Delete(was)
	}
	if isThere {
		x.size -= old.SizeOf(x.projected)
	}
	if belongs {
		x.size += now.SizeOf(x.projected)
		x.entries.Set(is, now)
	}
}

// place is the place of an item in the index; ok is false when it is not in it.
func (x *index) place(inTable string, i item.Item) (place string, ok bool) {
	if i == "" {
		return "", false
	}
	key, ok := x.keys.place(make([]byte, 0, 128), i)
	return string(append(key, inTable...)), ok
}

// view is what an index holds of an item.
func (x *index) view(i item.Item) item.Item {
	if x == nil || x.projected == nil {
		return i
	}
	return i.Only(x.projected)
}

// status is the index's state at an instant; gone tells that it is no more.
func (d *indexDefinition) status(now time.Time) (status string, gone bool) {
	switch {
	case !d.GoneAt.IsZero():
		return "DELETING", !now.Before(d.GoneAt)
	case now.Before(d.ReadyAt):
		return "CREATING", false
	default:
		return "ACTIVE", false
	}
}

// index gives an index that may be read now.
func (t *table) index(name string, now time.Time) (*index, error) {
	for _, x := range t.indexes {
		if x.name != name {
			continue
		}
		for _, d := range t.def.Global {
			status, gone := d.status(now)
			switch {
			case d.IndexName != name:
			case gone:
				return nil, invalid("The table does not have the specified index: %s", name)
			case status == "CREATING":
				return nil, invalid("Cannot read from backfilling global secondary index: %s", name)
			}
		}
		return x, nil
	}
	return nil, invalid("The table does not have the specified index: %s", name)
}
