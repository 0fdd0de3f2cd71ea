package dynamodb

import (
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
)

// partitions is how many data files an export has: at least one for each partition, and a table that is not large has four.
const partitions = 4

// content is what an export writes: all items of a table, or those that changed in a period.
type content struct {
	keys    keys
	items   ordered.Map[item.Item]
	changes []difference // in the order of places
}

// difference is an item before and after a period. No item is empty.
type difference struct {
	place    string
	old, now item.Item
	at       int64 // of the last write, in nanoseconds since 1970
	newOnly  bool  // the old image is not wanted
}

// changed gives what the writes from an instant on, and before another one, came to. What was made and removed in between is left
// out. The caller holds the lock.
func (t *table) changed(from, to time.Time, newOnly bool) *content {
	found := map[string]*difference{}
	later := map[string]item.Item{} // what an item was after the change that is looked at, where that is not what it is now
	for c := range t.journal.since(from.Add(-1)) {
		place := c.place
		if c.old != "" {
			place = t.place(c.old)
		}
		now, ok := later[place]
		if !ok {
			now, _ = t.items.Get(place)
		}
		later[place] = c.old
		if c.at >= to.UnixNano() {
			continue
		}
		if found[place] == nil {
			found[place] = &difference{place: place, now: now, at: c.at, newOnly: newOnly}
		}
		found[place].old = c.old
	}
	out := &content{keys: t.keys}
	for _, d := range found {
		if d.old != "" || d.now != "" {
			out.changes = append(out.changes, *d)
		}
	}
	slices.SortFunc(out.changes, func(a, b difference) int { return strings.Compare(a.place, b.place) })
	return out
}
