package dynamodb

import (
	"iter"
	"slices"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
)

// pageSize bounds what a query or scan reads for one answer (1 MB).
const pageSize = 1 << 20

// page is one answer of a query or scan.
type page struct {
	in         *request
	table      *table
	index      *index // nil is the table itself
	filter     *expr.Condition
	projection *expr.Projection

	low, high string // places from low to before high
	scanned   int
	bytes     int // of what was read, as the index projects it
	base      int // bytes that were fetched from the table for a local index that does not project them
	found     []item.Item
	last      item.Item // where the next page starts after, when there is one
}

// newPage checks all that can be checked without the table.
func newPage(in *request) (*page, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.Limit != nil && *in.Limit < 1 {
		return nil, constraint(strconv.Itoa(*in.Limit), "limit", "Member must have value greater than or equal to 1")
	}
	if err := in.checkScope("FilterExpression", in.Filter, in.KeyCondition); err != nil {
		return nil, err
	}
	if err := in.checkSelect(); err != nil {
		return nil, err
	}
	p := &page{in: in}
	var err error
	if p.projection, err = in.projection(); err != nil {
		return nil, err
	}
	p.filter, err = in.condition("FilterExpression", in.Filter)
	return p, err
}

func (in *request) checkSelect() error {
	switch {
	case in.Select == "COUNT" && in.Projection != nil:
		return invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case in.Select == "SPECIFIC_ATTRIBUTES" && in.Projection == nil:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select == "ALL_ATTRIBUTES" && in.Projection != nil:
		return invalid("Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES")
	case in.Select == "ALL_PROJECTED_ATTRIBUTES" && in.Projection != nil:
		return invalid("Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES")
	case in.Select == "ALL_PROJECTED_ATTRIBUTES" && in.IndexName == "":
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

// bind checks the page against its index. The table is locked.
func (p *page) bind(t *table, index *index) error {
	p.table, p.index = t, index
	if index == nil || !index.global {
		return nil
	}
	if p.in.Consistent {
		return invalid("Consistent reads are not supported on global secondary indexes")
	}
	if index.projected == nil {
		return nil
	}
	if p.in.Select == "ALL_ATTRIBUTES" {
		return invalidValue("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", index.name)
	}
	if p.projection != nil {
		missing := slices.DeleteFunc(slices.Clone(p.projection.Names()), func(n string) bool { return index.projected[n] })
		if len(missing) > 0 {
			return invalidValue("Global secondary index %s does not project %v", index.name, missing)
		}
	}
	return nil
}

// keys are those that order the page.
func (p *page) keys() *keys {
	if p.index != nil {
		return &p.index.keys
	}
	return &p.table.keys
}

func (p *page) entries() *ordered.Map[item.Item] {
	if p.index != nil {
		return &p.index.entries
	}
	return &p.table.items
}

// startKey takes the ExclusiveStartKey: the page begins after its place. It must be a key of the table and the index.
func (p *page) startKey() (place string, err error) {
	key := p.in.StartKey
	want := p.table.keys.parts()
	if p.index != nil {
		want = append(want, p.index.keys.parts()...)
	}
	names := map[string]bool{}
	for _, part := range want {
		names[part.name] = true
		if v, ok := key.Get(part.name); !ok || v.Kind != part.kind {
			return "", invalid("The provided starting key is invalid: The provided key element does not match the schema")
		}
	}
	if len(key) != len(names) {
		return "", invalid("The provided starting key is invalid: The provided key element does not match the schema")
	}
	place = p.table.place(key)
	if p.index != nil {
		place, _ = p.index.place(place, item.New(key))
	}
	return place, nil
}

// continueAfter narrows the page to what comes after the start key, which has to lie in it.
func (p *page) continueAfter(outside string) error {
	if p.in.StartKey == nil {
		return nil
	}
	place, err := p.startKey()
	switch {
	case err != nil:
		return err
	case place < p.low || place >= p.high:
		return invalid("%s", outside)
	case p.in.Backward:
		p.high = place
	default:
		p.low = place + "\x00"
	}
	return nil
}

func (p *page) walk() iter.Seq2[string, item.Item] {
	if p.in.Backward {
		return p.entries().Before(p.high)
	}
	return p.entries().From(p.low)
}

// read fills the page. The table is locked.
func (p *page) read() {
	var previous item.Item
	for place, i := range p.walk() {
		if place >= p.high || place < p.low || p.full() {
			break
		}
		size := i.Size()
		if p.index != nil && p.index.projected != nil {
			size = i.SizeOf(p.index.projected)
		}
		if p.scanned > 0 && p.bytes+size > pageSize {
			p.last = previous
			return
		}
		p.scanned++
		p.bytes += size
		previous = i
		p.keep(i)
	}
	if p.full() {
		p.last = previous // AWS stops at the limit without looking for more
	}
}

func (p *page) full() bool { return p.in.Limit != nil && p.scanned == *p.in.Limit }

// keep takes an item into the answer, if the filter lets it.
func (p *page) keep(i item.Item) {
	whole := p.index == nil || p.index.projected == nil
	if !whole && !p.index.global && p.beyondIndex() {
		p.base += i.Size()
		whole = true
	}
	if !whole {
		i = p.index.view(i)
	}
	if !p.filter.Match(i) {
		return
	}
	p.found = append(p.found, i)
}

// beyondIndex tells whether attributes are asked for that a local index does not project; AWS fetches those.
func (p *page) beyondIndex() bool {
	if p.projection == nil {
		return p.in.Select == "ALL_ATTRIBUTES"
	}
	return slices.ContainsFunc(p.projection.Names(), func(n string) bool { return !p.index.projected[n] })
}

// lastKey is the LastEvaluatedKey.
func (p *page) lastKey() item.Item {
	names := map[string]bool{}
	for _, part := range append(p.table.keys.parts(), p.keys().parts()...) {
		names[part.name] = true
	}
	return p.last.Only(names)
}

// answer writes the page.
func (p *page) answer() []byte {
	a := answer{make([]byte, 0, 256+2*min(p.bytes, pageSize))}
	a.int("Count", len(p.found))
	a.int("ScannedCount", p.scanned)
	if p.in.Select != "COUNT" {
		a.list("Items", func(element func()) {
			for _, i := range p.found {
				element()
				if p.projection != nil {
					i = item.New(p.projection.Pick(i))
				}
				a.buf = i.AppendJSON(a.buf)
			}
		})
	}
	if p.last != "" {
		a.item("LastEvaluatedKey", p.lastKey())
	}
	if p.in.wantsCapacity() {
		u := usage{table: p.table}
		u.add(p.index, readUnits(p.bytes, p.in.Consistent))
		if p.base > 0 {
			u.add(nil, readUnits(p.base, p.in.Consistent))
		}
		a.any("ConsumedCapacity", u.consumed(p.in.ReturnCapacity))
	}
	return a.end()
}
