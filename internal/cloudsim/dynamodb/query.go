package dynamodb

import (
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func (s *Service) query(c *sim.Call, body string) ([]byte, error) {
	in, err := newRequest(body)
	if err != nil {
		return nil, err
	}
	p, err := newPage(in)
	if err != nil {
		return nil, err
	}
	if in.KeyCondition == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	tests, err := expr.ParseKeyCondition(*in.KeyCondition, &in.scope)
	if err != nil {
		return nil, asInvalid(err)
	}
	if err := in.scope.Unused(); err != nil {
		return nil, asInvalid(err)
	}
	t, err := s.forData(c, in.TableName)
	if err != nil {
		return nil, err
	}
	return s.readPage(t, p, func() error { return p.query(tests) })
}

// readPage reads a page, whose range is set by bounds once the table is locked and the index known.
func (s *Service) readPage(t *table, p *page, bounds func() error) ([]byte, error) {
	t.mu.RLock()
	err := s.lockedPage(t, p, bounds)
	t.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	return p.answer(), nil
}

func (s *Service) lockedPage(t *table, p *page, bounds func() error) error {
	var x *index
	if p.in.IndexName != "" {
		var err error
		if x, err = t.index(p.in.IndexName, s.world.Now()); err != nil {
			return err
		}
	}
	if err := p.bind(t, x); err != nil {
		return err
	}
	if err := bounds(); err != nil {
		return err
	}
	p.read()
	return nil
}

// query sets the range that a key condition selects.
func (p *page) query(tests []expr.KeyTest) error {
	k := p.keys()
	for _, part := range k.parts() {
		if p.filter != nil && slices.Contains(p.filter.Names(), part.name) {
			return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", part.name)
		}
	}
	hash, sort, err := k.tests(tests)
	if err != nil {
		return err
	}
	start := appendPartition(nil, hash.Value.Text)
	p.low, p.high = string(start), after(start)
	if sort != nil {
		p.low, p.high = sortRange(start, sort)
	}
	if key, ok := p.in.StartKey.Get(k.hash); ok && (key.Kind != k.hashKind || key.Text != hash.Value.Text) {
		return invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	return p.continueAfter("The provided starting key does not match the range key predicate")
}

// tests tells the test of the partition key from that of the sort key and checks both.
func (k *keys) tests(tests []expr.KeyTest) (hash, sort *expr.KeyTest, err error) {
	for i := range tests {
		switch tests[i].Name {
		case k.hash:
			hash = &tests[i]
		case k.sort:
			sort = &tests[i]
		}
	}
	switch {
	case hash == nil:
		return nil, nil, invalid("Query condition missed key schema element: %s", k.hash)
	case hash.Operator != "=":
		return nil, nil, invalid("Query key condition not supported")
	case len(tests) == 2 && k.sort == "":
		return nil, nil, invalid("Query key condition not supported")
	case len(tests) == 2 && sort == nil:
		return nil, nil, invalid("Query condition missed key schema element: %s", k.sort)
	}
	if err := checkTest(hash, k.hashKind); err != nil {
		return nil, nil, err
	}
	if sort != nil {
		if err := checkTest(sort, k.sortKind); err != nil {
			return nil, nil, err
		}
	}
	return hash, sort, nil
}

func checkTest(t *expr.KeyTest, kind item.Kind) error {
	if t.Operator == "begins_with" && kind == item.N {
		return invalidValue("Condition parameter type does not match schema type")
	}
	values := []item.Value{t.Value}
	if t.Operator == "BETWEEN" {
		values = append(values, t.High)
	}
	for _, v := range values {
		if v.Kind != kind {
			return invalidValue("Condition parameter type does not match schema type")
		}
		if v.Text == "" {
			return emptyKey(kind, t.Name)
		}
	}
	return nil
}

// sortRange is the range of places in a partition whose sort keys pass a test.
func sortRange(partition []byte, t *expr.KeyTest) (low, high string) {
	low, high = string(partition), after(partition)
	at := appendSort(slices.Clone(partition), t.Value.Text)
	if t.Operator == "begins_with" {
		return string(at), after(at)
	}
	at = appendSortEnd(at)
	switch t.Operator {
	case "=":
		return string(at), after(at)
	case "<":
		return low, string(at)
	case "<=":
		return low, after(at)
	case ">":
		return after(at), high
	case ">=":
		return string(at), high
	default: // BETWEEN
		return string(at), after(appendSortEnd(appendSort(slices.Clone(partition), t.High.Text)))
	}
}
