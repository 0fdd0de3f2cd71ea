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
