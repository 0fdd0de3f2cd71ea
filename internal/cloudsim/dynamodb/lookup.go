package dynamodb

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// find gives a table of the caller that is not gone, or nil. A gone table is forgotten here.
func (s *Service) find(c *sim.Call, name string) *table {
	r := s.regions.Load().In(c.Scope)
	r.mu.RLock()
	t := r.tables[name]
	r.mu.RUnlock()
	if t == nil {
		return nil
	}
	t.mu.RLock()
	_, gone := t.status(s.world.Now())
	t.mu.RUnlock()
	if !gone {
		return t
	}
	s.bury(r, t)
	return nil
}

// forData gives a table whose items may be read and written.
func (s *Service) forData(c *sim.Call, given string) (*table, error) {
	name, err := tableName(c, given)
	if err != nil {
		return nil, err
	}
	t := s.find(c, name)
	if t == nil {
		return nil, sim.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	now := s.world.Now()
	t.mu.RLock()
	status, _ := t.status(now)
	expiring := t.sweepDue(now)
	err = s.readable(t)
	t.mu.RUnlock()
	switch {
	case status == "CREATING":
		return nil, sim.Errorf("ResourceNotFoundException", "Requested resource not found")
	case err != nil:
		return nil, err
	}
	if expiring {
		t.mu.Lock()
		t.expire(now)
		t.mu.Unlock()
	}
	return t, nil
}

// forControl gives a table for a call that describes or changes it. While a table is being restored only DescribeTable and
// DeleteTable know it.
func (s *Service) forControl(c *sim.Call, given string) (*table, error) {
	name, err := tableName(c, given)
	if err != nil {
		return nil, err
	}
	if t := s.findSettled(c, name); t != nil {
		return t, nil
	}
	return nil, noResource(name)
}

// findSettled gives a table as find does, but none that is being restored.
func (s *Service) findSettled(c *sim.Call, name string) *table {
	t := s.find(c, name)
	if t == nil {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.restoringFrom(s.world.Now()) != "" {
		return nil
	}
	return t
}

func noResource(name string) error {
	return sim.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
}

// forChange gives a table that may be changed, locked; the caller unlocks it.
func (s *Service) forChange(c *sim.Call, given string) (*table, error) {
	t, err := s.forControl(c, given)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	if err := t.free(s.world.Now()); err != nil {
		t.mu.Unlock()
		return nil, err
	}
	return t, nil
}
