package dynamodb

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// get is a read of one item by its key: a GetItem, or a part of a batch or transaction.
type get struct {
	in         *request
	projection *expr.Projection
}

func newGet(in *request) (*get, error) {
	if in.Key == nil {
		return nil, constraint("", "key", "Member must not be null")
	}
	return newKeyless(in)
}

// newKeyless makes a get whose keys come from elsewhere.
func newKeyless(in *request) (*get, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := in.checkScope("ProjectionExpression"); err != nil {
		return nil, err
	}
	p, err := in.projection()
	if err != nil {
		return nil, err
	}
	return &get{in, p}, asInvalid(in.scope.Unused())
}

// read finds an item. The table is locked.
func (t *table) read(key item.Attrs) (item.Item, error) {
	if err := t.keys.checkKey(key); err != nil {
		return "", err
	}
	i, _ := t.items.Get(t.place(key))
	return i, nil
}

// pick is what the projection leaves of an item that was found.
func (g *get) pick(i item.Item) item.Item {
	if g.projection == nil {
		return i
	}
	return item.New(g.projection.Pick(i))
}

func (s *Service) getItem(c *sim.Call, body string) ([]byte, error) {
	in, err := newRequest(body)
	if err != nil {
		return nil, err
	}
	g, err := newGet(in)
	if err != nil {
		return nil, err
	}
	t, err := s.forData(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	i, err := t.read(in.Key)
	t.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	a := answer{make([]byte, 0, 64+2*len(i))}
	if i != "" {
		a.item("Item", g.pick(i))
	}
	if in.wantsCapacity() {
		u := usage{table: t}
		u.add(nil, readUnits(i.Size(), in.Consistent))
		a.any("ConsumedCapacity", u.consumed(in.ReturnCapacity))
	}
	return a.end(), nil
}
