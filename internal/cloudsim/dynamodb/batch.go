package dynamodb

import (
	"maps"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Quotas of BatchGetItem and BatchWriteItem.
const (
	maxBatchGet   = 100
	maxBatchWrite = 25
	maxBatchSize  = 16 << 20
)

// keysOf is a part of a BatchGetItem: the keys of one table.
type keysOf struct {
	*get
	keys []item.Attrs
}

func readKeys(r *wire.Reader) *keysOf {
	k := &keysOf{get: &get{in: &request{}}}
	r.Object(func(name string) {
		if name == "Keys" {
			r.Array(func() { k.keys = append(k.keys, item.ReadAttrs(r)) })
			return
		}
		k.in.member(r, name)
	})
	return k
}

func (s *Service) batchGetItem(c *sim.Call, body string) ([]byte, error) {
	in := &request{}
	parts := map[string]*keysOf{}
	err := parse(body, func(r *wire.Reader, name string) {
		if name != "RequestItems" {
			in.member(r, name)
			return
		}
		r.Object(func(table string) { parts[table] = readKeys(r) })
	})
	if err != nil {
		return nil, err
	}
	if err := checkBatchGet(in, parts); err != nil {
		return nil, err
	}
	var out batchAnswer
	for _, given := range slices.Sorted(maps.Keys(parts)) {
		t, err := s.forData(c, given)
		if err != nil {
			return nil, err
		}
		if err := out.get(t, given, parts[given]); err != nil {
			return nil, err
		}
	}
	return out.end(in, parts), nil
}

func checkBatchGet(in *request, parts map[string]*keysOf) error {
	if len(parts) == 0 {
		return constraint("", "requestItems", "Member must have length greater than or equal to 1")
	}
	if err := in.check(); err != nil {
		return err
	}
	n := 0
	for _, table := range slices.Sorted(maps.Keys(parts)) {
		k := parts[table]
		if len(k.keys) == 0 {
			return constraint("", "requestItems."+table+".member.keys", "Member must have length greater than or equal to 1")
		}
		n += len(k.keys)
		g, err := newKeyless(k.in)
		if err != nil {
			return err
		}
		k.get = g
	}
	if n > maxBatchGet {
		return invalid("Too many items requested for the BatchGetItem call")
	}
	return nil
}

// batchAnswer gathers the parts of a BatchGetItem's answer.
type batchAnswer struct {
	responses answer
	usages    []usage
	size      int
}

func (b *batchAnswer) get(t *table, given string, k *keysOf) error {
	u := usage{table: t}
	var found []item.Item
	t.mu.RLock()
	defer t.mu.RUnlock()
	if err := distinct(t, k.keys); err != nil {
		return err
	}
	var left []item.Attrs // for another call
	for n, key := range k.keys {
		i, err := t.read(key)
		if err != nil {
			return err
		}
		if b.size += i.Size(); b.size > maxBatchSize {
			left = k.keys[n:]
			break
		}
		u.add(nil, readUnits(i.Size(), k.in.Consistent))
		if i != "" {
			found = append(found, i)
		}
	}
	k.keys = left
	b.responses.list(given, func(element func()) {
		for _, i := range found {
			element()
			b.responses.buf = k.pick(i).AppendJSON(b.responses.buf)
		}
	})
	b.usages = append(b.usages, u)
	return nil
}

func distinct(t *table, keys []item.Attrs) error {
	seen := map[string]bool{}
	for _, key := range keys {
		if err := t.keys.checkKey(key); err != nil {
			return err
		}
		place := t.place(key)
		if seen[place] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[place] = true
	}
	return nil
}

func (b *batchAnswer) end(in *request, parts map[string]*keysOf) []byte {
	var a, rest answer
	a.member("Responses")
	a.buf = append(a.buf, b.responses.end()...)
	for _, given := range slices.Sorted(maps.Keys(parts)) {
		if k := parts[given]; len(k.keys) > 0 {
			rest.member(given)
			rest.buf = append(rest.buf, k.again()...)
		}
	}
	a.member("UnprocessedKeys")
	a.buf = append(a.buf, rest.end()...)
	if in.wantsCapacity() {
		a.any("ConsumedCapacity", consumedAll(b.usages, in.ReturnCapacity))
	}
	return a.end()
}

// again is the part as a caller sends it once more for the keys that are left.
func (k *keysOf) again() []byte {
	var a answer
	a.list("Keys", func(element func()) {
		for _, key := range k.keys {
			element()
			a.buf = key.AppendJSON(a.buf)
		}
	})
	a.any("ConsistentRead", k.in.Consistent)
	if k.in.Projection != nil {
		a.any("ProjectionExpression", *k.in.Projection)
	}
	if k.in.scope.Names != nil {
		a.any("ExpressionAttributeNames", k.in.scope.Names)
	}
	return a.end()
}

func consumedAll(usages []usage, level string) []consumedCapacity {
	out := make([]consumedCapacity, len(usages))
	for i := range usages {
		out[i] = usages[i].consumed(level)
	}
	return out
}

// readWrites reads the list of PutRequests and DeleteRequests of one table.
func readWrites(r *wire.Reader) []*write {
	var out []*write
	r.Array(func() {
		w := &write{in: &request{}}
		n := 0
		r.Object(func(name string) {
			if name != "PutRequest" && name != "DeleteRequest" {
				r.Skip()
				return
			}
			if r.Null() {
				return
			}
			n++
			w.kind = map[string]writeKind{"PutRequest": put, "DeleteRequest": remove}[name]
			r.Object(func(name string) { w.in.member(r, name) })
		})
		if n != 1 {
			r.Fail(invalid("Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest"))
		}
		out = append(out, w)
	})
	return out
}

func (s *Service) batchWriteItem(c *sim.Call, body string) ([]byte, error) {
	in := &request{}
	parts := map[string][]*write{}
	var order []string
	err := parse(body, func(r *wire.Reader, name string) {
		if name != "RequestItems" {
			in.member(r, name)
			return
		}
		r.Object(func(table string) {
			parts[table] = readWrites(r)
			order = append(order, table)
		})
	})
	if err != nil {
		return nil, err
	}
	if err := checkBatchWrite(in, parts); err != nil {
		return nil, err
	}
	// All is checked before anything is written, so that a refused batch writes nothing.
	tables := map[string]*table{}
	for _, given := range order {
		t, err := s.forData(c, given)
		if err == nil {
			err = bindAll(t, parts[given])
		}
		if err != nil {
			return nil, err
		}
		tables[given] = t
	}
	var usages []usage
	for _, given := range order {
		u := usage{table: tables[given]}
		if err := s.writeAll(&u, in, parts[given]); err != nil {
			return nil, err
		}
		usages = append(usages, u)
	}
	return batchWritten(in, order, parts, usages), nil
}

func checkBatchWrite(in *request, parts map[string][]*write) error {
	if len(parts) == 0 {
		return constraint("", "requestItems", "Member must have length greater than or equal to 1")
	}
	if err := in.check(); err != nil {
		return err
	}
	n := 0
	for _, table := range slices.Sorted(maps.Keys(parts)) {
		if len(parts[table]) == 0 {
			return constraint("", "requestItems."+table, "Member must have length greater than or equal to 1")
		}
		n += len(parts[table])
		for _, w := range parts[table] {
			if err := w.checkMembers(); err != nil {
				return err
			}
		}
	}
	if n > maxBatchWrite {
		return invalid("Too many items requested for the BatchWriteItem call")
	}
	return nil
}

func bindAll(t *table, writes []*write) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	seen := map[string]bool{}
	for _, w := range writes {
		if err := w.bind(t); err != nil {
			return err
		}
		if seen[w.place] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[w.place] = true
	}
	return nil
}

// writeAll does the writes of one table.
func (s *Service) writeAll(u *usage, in *request, writes []*write) error {
	u.table.mu.Lock()
	defer u.table.mu.Unlock()
	now := s.world.Now()
	for _, w := range writes {
		if err := w.decide(); err != nil {
			return err
		}
		w.commit(now)
		if in.wantsCapacity() {
			u.wrote(w.place, w.old, w.now)
		}
	}
	return nil
}

func batchWritten(in *request, order []string, parts map[string][]*write, usages []usage) []byte {
	var a answer
	a.member("UnprocessedItems")
	a.buf = append(a.buf, "{}"...)
	if in.wantsCapacity() {
		a.any("ConsumedCapacity", consumedAll(usages, in.ReturnCapacity))
	}
	if in.ReturnMetrics == "SIZE" {
		a.member("ItemCollectionMetrics")
		a.buf = append(a.buf, metricsOf(order, parts)...)
	}
	return a.end()
}

// metricsOf gives the ItemCollectionMetrics of several writes by table.
func metricsOf(order []string, parts map[string][]*write) []byte {
	var a answer
	for _, given := range order {
		var of []any
		for _, w := range parts[given] {
			w.in.ReturnMetrics = "SIZE"
			if m := w.metrics(); m != nil {
				of = append(of, m)
			}
		}
		if of != nil {
			a.any(given, of)
		}
	}
	return a.end()
}
