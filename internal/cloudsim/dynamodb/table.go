package dynamodb

import (
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// table is a table with its items.
type table struct {
	scope    sim.Scope
	name, id string
	keys     keys
	limit    int // bytes of a history, its journal or a stream

	mu      sync.RWMutex // guards what follows
	def     definition
	items   ordered.Map[item.Item]
	size    int // bytes of all items
	indexes []*index
	sweep   sweep
	journal *journal  // nil while point-in-time recovery is off
	streams []*stream // the last one may be open
}

// index is a secondary index. Its entries are whole items; what is not projected is left out when they are read.
type index struct {
	name      string
	global    bool
	keys      keys
	projected map[string]bool // attributes that are in the index; nil is all
	entries   ordered.Map[item.Item]
	size      int // bytes of what is projected
}

func (s *Service) newTable(scope sim.Scope, def definition) *table {
	t := &table{scope: scope, name: def.Name, id: def.ID, def: def, keys: def.keys(def.KeySchema), limit: s.JournalLimit}
	for _, d := range def.Local {
		t.indexes = append(t.indexes, t.newIndex(d.secondaryIndex, false))
	}
	for _, d := range def.Global {
		t.indexes = append(t.indexes, t.newIndex(d.secondaryIndex, true))
	}
	t.followStream(def.CreatedAt)
	return t
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

func (t *table) arn() string { return t.scope.ARN("dynamodb", "table/"+t.name) }

// key is the ARN of the key that encrypts the table; empty is AWS's own.
func (t *table) key() string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.def.KMSKey
}

// place is the place of an item that has this table's keys, which were checked.
func (t *table) place(doc document) string {
	place, _ := t.keys.place(make([]byte, 0, 64), doc)
	return string(place)
}

// replace is the one way in which items change: now, the item at a place, which was old, becomes attributes. No old item
// is empty, and so are no attributes. It gives the new item.
func (t *table) replace(now time.Time, place string, old item.Item, attrs item.Attrs) item.Item {
	place, made := t.store(place, old, attrs)
	if made == old {
		return made // nothing happened, to no history either
	}
	if t.journal != nil {
		t.journal.add(now, place, old)
	}
	if s := t.openStream(); s != nil {
		s.add(now, old, made, t.sweep.expiring, t.limit)
	}
	return made
}

// store puts an item into the table and its indexes, or takes it out. It gives the place and the item as they are kept.
func (t *table) store(place string, old item.Item, attrs item.Attrs) (string, item.Item) {
	var now item.Item
	if len(attrs) > 0 {
		// Place and item share one allocation, and the map keeps this place, so that the old allocation is freed.
		blob := string(attrs.Append(append(make([]byte, 0, len(place)+512), place...)))
		place, now = blob[:len(place)], item.Item(blob[len(place):])
		t.items.Set(place, now)
	} else {
		t.items.Delete(place)
	}
	t.size += now.Size() - old.Size()
	for _, x := range t.indexes {
		x.replace(place, old, now)
	}
	return place, now
}

// fill gives an empty table its items, which another table may share.
func (t *table) fill(items ordered.Map[item.Item]) {
	t.items = items
	for place, i := range items.From("") {
		t.size += i.Size()
		for _, x := range t.indexes {
			x.replace(place, "", i)
		}
	}
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

// status is the table's state at an instant; gone tells that it is no more.
func (t *table) status(now time.Time) (status string, gone bool) {
	d := &t.def
	switch {
	case !d.GoneAt.IsZero():
		return "DELETING", !now.Before(d.GoneAt)
	case !now.Before(d.ActiveAt) && !d.Loading:
		return "ACTIVE", false
	case d.Updating:
		return "UPDATING", false
	default:
		return "CREATING", false
	}
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
