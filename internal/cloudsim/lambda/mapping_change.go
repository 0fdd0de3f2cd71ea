package lambda

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func (s *Service) getMapping(r *region, q *request) (any, error) {
	m, err := s.mappingByID(r, q.http.PathValue("uuid"))
	if err != nil {
		return nil, err
	}
	return s.describeMapping(q, m), nil
}

func (s *Service) listMappings(r *region, q *request) (any, error) {
	arn, name := q.query.Get("EventSourceArn"), q.query.Get("FunctionName")
	qualifier, err := "", error(nil)
	if name != "" {
		if name, qualifier, err = parseName(q, name); err != nil {
			return nil, err
		}
	}
	all := []mappingAnswer{}
	for _, m := range s.mappings(r) {
		if (arn == "" || arn == m.EventSourceArn) && (name == "" || name == m.Function && qualifier == m.Qualifier) {
			all = append(all, s.describeMapping(q, m))
		}
	}
	part, next, err := page(q, all)
	return struct {
		EventSourceMappings []mappingAnswer
		NextMarker          string `json:"NextMarker,omitempty"`
	}{part, next}, err
}

// still gives a mapping that nothing is being done to.
func (s *Service) still(r *region, q *request) (*mapping, error) {
	m, err := s.mappingByID(r, q.http.PathValue("uuid"))
	if err == nil && s.world.Now().Sub(m.Modified) < moving {
		return nil, sim.Errorf("ResourceInUseException", "Cannot update the event source mapping because it is in use.")
	}
	return m, err
}

func (s *Service) updateMapping(r *region, q *request) (any, error) {
	m, err := s.still(r, q)
	if err != nil {
		return nil, err
	}
	var in mappingInput
	if in.mappingSettings, err = m.copy(); err != nil {
		return nil, err
	}
	if err := q.into(&in); err != nil {
		return nil, err
	}
	in.EventSourceArn = m.EventSourceArn
	next := *m
	next.mappingSettings = in.mappingSettings
	if in.FunctionName != "" {
		err = s.aim(r, q, &next, in.FunctionName)
	} else if f := r.Functions[m.Function]; f != nil {
		err = s.checkMapping(q, &next, &f.Latest)
	}
	if err != nil {
		return nil, err
	}
	next.Modified, next.Doing = s.world.Now(), "Updating"
	if in.Enabled != nil && *in.Enabled == m.Disabled {
		next.Disabled, next.Doing = !*in.Enabled, "Disabling"
		if *in.Enabled {
			next.Doing = "Enabling"
		}
	}
	*m = next
	return s.describeMapping(q, m), nil
}

func (s *Service) deleteMapping(r *region, q *request) (any, error) {
	m, err := s.still(r, q)
	if err != nil {
		return nil, err
	}
	m.Doing, m.Modified = "Deleting", s.world.Now()
	return s.describeMapping(q, m), nil
}
