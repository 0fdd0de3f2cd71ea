// Package rewind makes a table again what another, restored one is, by writing only what differs.
//
// Promise: after the writes of a Comparison were made, and if nobody else wrote meanwhile, the live table holds exactly the items of the good
// one: items that were changed are put back, items that are gone are put back, items that the good one lacks are deleted. Nothing is written
// before it was counted. A rewind that was killed is begun again: what it has written differs no more.
//
// The algorithm: both tables are read once, consistently; of the good one, the hashes of keys and of items are kept in memory (about 50 bytes an
// item). The items to put back are read in another pass over the good table, which is left out when there are none.
package rewind

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
)

// Comparison is how a live table differs from a good one.
type Comparison struct {
	Same    int64 // items
	Changed int64 // in the live table, and otherwise in the good one
	Gone    int64 // only in the good one
	Extra   int64 // only in the live one
	Good    item.Sum
	Live    item.Sum

	good   scan.Table
	back   map[item.Hash]struct{} // keys of the items to put back
	remove []item.Item            // keys of the items to delete
}

// Writes is the number of writes that a rewind makes.
func (c *Comparison) Writes() int64 { return c.Changed + c.Gone + c.Extra }

// shards keeps goroutines that index at once out of each other's way.
const shards = 64

type index struct {
	mu    [shards]sync.Mutex
	items [shards]map[item.Hash]item.Hash // key to item
}

func (x *index) at(key item.Hash) (int, map[item.Hash]item.Hash) {
	i := int(key.Hi % shards)
	return i, x.items[i]
}

// Compare reads both tables. Schema is the names of their key attributes.
func Compare(ctx context.Context, good, live scan.Table, schema []string) (*Comparison, error) {
	c := &Comparison{good: good, back: map[item.Hash]struct{}{}}
	x := &index{}
	for i := range x.items {
		x.items[i] = map[item.Hash]item.Hash{}
	}
	sums := make([]item.Sum, good.Segments())
	err := hashed(ctx, good, schema, func(segment int, key, whole item.Hash, _ item.Item) {
		i, m := x.at(key)
		x.mu[i].Lock()
		m[key] = whole
		x.mu[i].Unlock()
		sums[segment].Add(whole)
	})
	if err != nil {
		return nil, err
	}
	for _, s := range sums {
		c.Good.Merge(s)
	}
	var mu sync.Mutex
	sums = make([]item.Sum, live.Segments())
	err = hashed(ctx, live, schema, func(segment int, key, whole item.Hash, it item.Item) {
		sums[segment].Add(whole)
		i, m := x.at(key)
		x.mu[i].Lock()
		was, there := m[key]
		delete(m, key)
		x.mu[i].Unlock()
		mu.Lock()
		defer mu.Unlock()
		switch {
		case there && was == whole:
			c.Same++
		case there:
			c.Changed++
			c.back[key] = struct{}{}
		default:
			c.Extra++
			c.remove = append(c.remove, item.Only(it, schema))
		}
	})
	if err != nil {
		return nil, err
	}
	for _, s := range sums {
		c.Live.Merge(s)
	}
	for _, m := range x.items {
		for key := range m {
			c.Gone++
			c.back[key] = struct{}{}
		}
	}
	return c, nil
}

// hashed gives the hashes of every item's key and of the item.
func hashed(ctx context.Context, t scan.Table, schema []string, see func(segment int, key, whole item.Hash, it item.Item)) error {
	buffers := make([][]byte, t.Segments())
	return t.Each(ctx, func(i int, it item.Item) error {
		b, err := item.Key(buffers[i][:0], it, schema)
		if err != nil {
			return err
		}
		key := item.HashOf(b)
		if b, err = item.Append(b[:0], it); err != nil {
			return err
		}
		buffers[i] = b
		see(i, key, item.HashOf(b), it)
		return nil
	})
}

// Source gives the writes of a rewind: segment 0 deletes, the others put back.
func (c *Comparison) Source(schema []string) load.Source { return &source{c, schema} }

type source struct {
	*Comparison
	schema []string
}

// Segments is one for the deletions, and those of the good table if something is put back.
func (s *source) Segments() int {
	if len(s.back) == 0 {
		return 1
	}
	return 1 + s.good.Segments()
}

const deletesPerPage = 500

// Read gives the writes of a segment. A rewind keeps no positions.
func (s *source) Read(ctx context.Context, segment int, _ load.Position, yield func(load.Page) error) error {
	if segment > 0 {
		return s.good.Items(ctx, segment-1, "", func(items []item.Item, next load.Position) error { return s.puts(items, next, yield) })
	}
	for keys := s.remove; len(keys) > 0; keys = keys[min(deletesPerPage, len(keys)):] {
		var p load.Page
		for _, k := range keys[:min(deletesPerPage, len(keys))] {
			p.Writes = append(p.Writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k}})
		}
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) puts(items []item.Item, next load.Position, yield func(load.Page) error) error {
	p := load.Page{Next: next}
	var b []byte
	for _, it := range items {
		var err error
		if b, err = item.Key(b[:0], it, s.schema); err != nil {
			return err
		}
		if _, ok := s.back[item.HashOf(b)]; ok {
			p.Writes = append(p.Writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
	}
	return yield(p)
}
