package dynamodb

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Quotas of transactions.
const (
	maxTransaction     = 100
	maxTransactionSize = 4 << 20
)

// readActions reads the TransactItems: objects of one member each, whose name kinds knows.
func readActions(body string, in *request, action func(name string, part *request) error) error {
	n := 0
	err := parse(body, func(r *wire.Reader, name string) {
		if name != "TransactItems" {
			in.member(r, name)
			return
		}
		r.Array(func() {
			n++
			actions := 0
			r.Object(func(name string) {
				if r.Null() {
					return
				}
				actions++
				part := &request{}
				r.Object(func(name string) { part.member(r, name) })
				if r.Err() == nil {
					if err := action(name, part); err != nil {
						r.Fail(err)
					}
				}
			})
			if actions != 1 {
				r.Fail(invalid("TransactItems can only contain one of Check, Put, Update or Delete"))
			}
		})
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		return constraint("", "transactItems", "Member must have length greater than or equal to 1")
	case n > maxTransaction:
		return constraint("[...]", "transactItems", "Member must have length less than or equal to 100")
	}
	return in.check()
}

func (s *Service) transactWriteItems(c *sim.Call, body string) ([]byte, error) {
	in := &request{}
	var writes []*write
	err := readActions(body, in, func(name string, part *request) error {
		kind, ok := map[string]writeKind{"Put": put, "Update": update, "Delete": remove, "ConditionCheck": check}[name]
		if !ok {
			return invalid("TransactItems can only contain one of Check, Put, Update or Delete")
		}
		w, err := newWrite(kind, part)
		writes = append(writes, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(in.Token) > 36 {
		return nil, constraint(in.Token, "clientRequestToken", "Member must have length less than or equal to 36")
	}
	r := s.regions.Load().In(c.Scope)
	finish, done, err := r.tokens.begin(in.Token, body, s.world.Now())
	if err != nil || done != nil {
		return done, err
	}
	out, err := s.transact(c, in, writes)
	finish(out)
	return out, err
}

// transact does all writes or none.
func (s *Service) transact(c *sim.Call, in *request, writes []*write) ([]byte, error) {
	tables, err := s.tablesOf(c, writes)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	if err := decideAll(writes); err != nil {
		return nil, err
	}
	now := s.world.Now() // one instant for all, so that no restore cuts a transaction
	usages := map[*table]*usage{}
	for _, w := range writes {
		w.commit(now)
		u := usages[w.table]
		if u == nil {
			u = &usage{table: w.table, factor: 2, write: true}
			usages[w.table] = u
		}
		if in.wantsCapacity() {
			u.wrote(w.place, w.old, w.now)
		}
	}
	var a answer
	if in.wantsCapacity() {
		var all []consumedCapacity
		for _, t := range tables {
			all = append(all, usages[t].consumed(in.ReturnCapacity))
		}
		a.any("ConsumedCapacity", all)
	}
	if in.ReturnMetrics == "SIZE" {
		parts := map[string][]*write{}
		var order []string
		for _, w := range writes {
			name := w.table.name
			if parts[name] == nil {
				order = append(order, name)
			}
			parts[name] = append(parts[name], w)
		}
		a.member("ItemCollectionMetrics")
		a.buf = append(a.buf, metricsOf(order, parts)...)
	}
	return a.end(), nil
}

// tablesOf finds the tables of the writes, in an order that is the same for all transactions, so that their locks
// cannot wait for each other.
func (s *Service) tablesOf(c *sim.Call, writes []*write) ([]*table, error) {
	var tables []*table
	for _, w := range writes {
		t, err := s.forData(c, w.in.TableName)
		if err != nil {
			return nil, err
		}
		w.table = t
		if !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
	}
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.id, b.id) })
	return tables, nil
}

// decideAll binds and decides all writes. If any fails, the transaction is cancelled with a reason for each.
func decideAll(writes []*write) error {
	seen := map[string]bool{}
	size := 0
	for _, w := range writes {
		if err := w.bind(w.table); err != nil {
			return err
		}
		id := w.table.id + w.place
		if seen[id] {
			return invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[id] = true
	}
	reasons := make([]reason, len(writes))
	cancelled := false
	for i, w := range writes {
		reasons[i].Code = "None"
		if err := w.decide(); err != nil {
			reasons[i] = reasonOf(err)
			cancelled = true
		}
		size += max(w.old.Size(), w.attrs.Size())
	}
	switch {
	case cancelled:
		return cancellation(reasons)
	case size > maxTransactionSize:
		return invalid("Collection size limit exceeded: the items of a transaction may have at most %d bytes together", maxTransactionSize)
	}
	return nil
}

// reason says why one action of a transaction was not done.
type reason struct {
	Code    string
	Message string          `json:",omitempty"`
	Item    json.RawMessage `json:",omitempty"`
}

func reasonOf(err error) reason {
	var e *sim.Error
	if !errors.As(err, &e) {
		return reason{Code: "InternalFailure", Message: err.Error()}
	}
	out := reason{Code: strings.TrimSuffix(e.Code, "Exception"), Message: e.Message}
	if out.Code == "Validation" {
		out.Code = "ValidationError"
	}
	out.Code = strings.TrimSuffix(out.Code, "Exception")
	if i, ok := e.Extra["Item"].(json.RawMessage); ok {
		out.Item = i
	}
	return out
}

func cancellation(reasons []reason) error {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = r.Code
	}
	e := sim.Errorf("TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", "))
	e.Extra = map[string]any{"CancellationReasons": reasons}
	return e
}

func (s *Service) transactGetItems(c *sim.Call, body string) ([]byte, error) {
	in := &request{}
	var gets []*get
	err := readActions(body, in, func(name string, part *request) error {
		if name != "Get" {
			return invalid("TransactItems can only contain Get")
		}
		g, err := newGet(part)
		gets = append(gets, g)
		return err
	})
	if err != nil {
		return nil, err
	}
	reads := make([]*write, len(gets)) // only for their tables
	for i, g := range gets {
		reads[i] = &write{in: g.in}
	}
	tables, err := s.tablesOf(c, reads)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		t.mu.RLock()
		defer t.mu.RUnlock()
	}
	return transactRead(in, gets, reads, tables)
}

// transactRead reads all items at one instant: the tables are locked.
func transactRead(in *request, gets []*get, reads []*write, tables []*table) ([]byte, error) {
	usages := make([]usage, len(tables))
	for i, t := range tables {
		usages[i] = usage{table: t, factor: 2}
	}
	found := make([]item.Item, len(gets))
	seen := map[string]bool{}
	for i, g := range gets {
		t := reads[i].table
		one, err := t.read(g.in.Key)
		if err != nil {
			return nil, err
		}
		id := t.id + t.place(g.in.Key)
		if seen[id] {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[id] = true
		found[i] = one
		usages[slices.Index(tables, t)].add(nil, readUnits(one.Size(), true))
	}
	var a answer
	a.list("Responses", func(element func()) {
		for i, one := range found {
			element()
			var response answer
			if one != "" {
				response.item("Item", gets[i].pick(one))
			}
			a.buf = append(a.buf, response.end()...)
		}
	})
	if in.wantsCapacity() {
		a.any("ConsumedCapacity", consumedAll(usages, in.ReturnCapacity))
	}
	return a.end(), nil
}
