package dynamodb

import (
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/expr"
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
