package dynamodb

import (
	"iter"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
)

// change is what undoes one write.
type change struct {
	at    int64     // nanoseconds since 1970
	place string    // where there was nothing; empty when there was an item, which tells its place itself
	old   item.Item // what was there
}

// Sizes of the journal: a change without its old item, and how many changes make a block.
const (
	changeSize  = 40
	changeBlock = 1024
)

// journal is the history of a table's items, the oldest change first. It holds what was before each write: the table
// as it was is the table as it is with the changes since then undone, the newest first. Old items share the memory that
// they had in the table, so a write costs the journal 40 bytes and keeps the item that it replaced.
type journal struct {
	keep   time.Duration // how long a change is of use
	limit  int           // bytes; beyond it the oldest changes are given up
	blocks [][]change
	bytes  int
	lost   time.Time // the newest change that was given up; zero when none was
}

// add notes that now, at a place, there was old, which is empty where nothing was. Time never goes back in a journal.
func (j *journal) add(now time.Time, place string, old item.Item) {
	if old != "" {
		place = "" // it may be all that keeps the memory of another item
	}
	c := change{now.UnixNano(), place, old}
	if n := len(j.blocks); n > 0 {
		last := j.blocks[n-1]
		c.at = max(c.at, last[len(last)-1].at)
		if len(last) == cap(last) {
			j.trim(now.Add(-j.keep))
		}
	}
	j.push(c)
	for j.bytes > j.limit && len(j.blocks) > 0 {
		j.drop()
	}
}

func (j *journal) push(c change) {
	n := len(j.blocks)
	if n == 0 || len(j.blocks[n-1]) == cap(j.blocks[n-1]) {
		j.blocks = append(j.blocks, make([]change, 0, changeBlock))
		n++
	}
	j.blocks[n-1] = append(j.blocks[n-1], c)
	j.bytes += changeSize + len(c.old)
}

// all walks the changes, the oldest first.
func (j *journal) all() iter.Seq[change] {
	return func(yield func(change) bool) {
		for _, b := range j.blocks {
			for _, c := range b {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// trim forgets the changes before an instant.
func (j *journal) trim(before time.Time) {
	for len(j.blocks) > 0 && j.blocks[0][0].at < before.UnixNano() {
		j.drop()
	}
}

// drop forgets the oldest change.
func (j *journal) drop() {
	b := j.blocks[0]
	c := b[0]
	b[0] = change{} // lets go of the old item
	j.bytes -= changeSize + len(c.old)
	if j.blocks[0] = b[1:]; len(b) == 1 {
		j.blocks = slices.Delete(j.blocks, 0, 1)
	}
	j.lost = time.Unix(0, c.at).UTC()
}

// since walks the changes after an instant, the newest first.
func (j *journal) since(instant time.Time) iter.Seq[change] {
	return func(yield func(change) bool) {
		for _, b := range slices.Backward(j.blocks) {
			for _, c := range slices.Backward(b) {
				if c.at <= instant.UnixNano() || !yield(c) {
					return
				}
			}
		}
	}
}

// itemsAt are the table's items as they were at an instant of the journal: with every write up to and including it. The
// caller holds the lock.
func (t *table) itemsAt(instant time.Time) ordered.Map[item.Item] {
	items := t.items.Clone()
	for c := range t.journal.since(instant) {
		if c.old == "" {
			items.Delete(c.place)
		} else {
			items.Set(t.place(c.old), c.old)
		}
	}
	return items
}
