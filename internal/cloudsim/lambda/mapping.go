package lambda

import (
	"maps"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// moving is how long a mapping takes from one state to the next. On AWS it is seconds to a minute.
const moving = time.Second

// mapping is an event source mapping.
type mapping struct {
	mappingSettings
	UUID      string
	Function  string // name
	Qualifier string
	Disabled  bool
	Doing     string    // Creating, Enabling, Disabling, Updating, Deleting: until moving after Modified
	Modified  time.Time // also when it began to do that
	Tags      map[string]string
}

// mappingAnswer is a mapping as answers show it (EventSourceMappingConfiguration).
type mappingAnswer struct {
	mappingSettings
	UUID                  string   `json:"UUID"`
	EventSourceMappingArn string   `json:"EventSourceMappingArn"`
	FunctionArn           string   `json:"FunctionArn"`
	LastModified          *float64 `json:"LastModified"`
	LastProcessingResult  string   `json:"LastProcessingResult,omitempty"`
	State                 string   `json:"State"`
	StateTransitionReason string   `json:"StateTransitionReason"`
}

func (m *mapping) functionARN(q *request) string {
	return (&function{Name: m.Function}).arn(q, m.Qualifier)
}

func (m *mapping) state(now time.Time) string {
	switch {
	case now.Sub(m.Modified) < moving:
		return m.Doing
	case m.Disabled:
		return "Disabled"
	}
	return "Enabled"
}

func (s *Service) describeMapping(q *request, m *mapping) mappingAnswer {
	out := mappingAnswer{
		mappingSettings: m.mappingSettings, UUID: m.UUID, EventSourceMappingArn: q.ARN("lambda", "event-source-mapping:"+m.UUID),
		FunctionArn: m.functionARN(q), LastModified: sim.Epoch(m.Modified), State: m.state(s.world.Now()), StateTransitionReason: "USER_INITIATED",
	}
	if m.stream() {
		out.StateTransitionReason, out.LastProcessingResult = "User action", "No records processed"
	}
	return out
}

// mappingInput is what a mapping is made of or changed to.
type mappingInput struct {
	mappingSettings
	FunctionName string
	Enabled      *bool
	Tags         map[string]string
}

func (s *Service) createMapping(r *region, q *request) (any, error) {
	var in mappingInput
	if err := q.into(&in); err != nil {
		return nil, err
	}
	in.fill()
	m := &mapping{
		mappingSettings: in.mappingSettings, UUID: s.world.UUID(), Disabled: in.Enabled != nil && !*in.Enabled,
		Doing: "Creating", Modified: s.world.Now(), Tags: in.Tags,
	}
	if err := s.aim(r, q, m, in.FunctionName); err != nil {
		return nil, err
	}
	for _, other := range s.mappings(r) {
		if other.EventSourceArn == m.EventSourceArn && other.functionARN(q) == m.functionARN(q) {
			return nil, conflict("An event source mapping with %s arn (\" %s \") and function (\" %s \") already exists. Please update or delete the existing mapping with UUID %s",
				m.kind(), m.EventSourceArn, m.Function, other.UUID)
		}
	}
	if r.Mappings == nil {
		r.Mappings = map[string]*mapping{}
	}
	r.Mappings[m.UUID] = m
	return s.describeMapping(q, m), nil
}

// aim points a mapping to the function that a caller names, when both can work together.
func (s *Service) aim(r *region, q *request, m *mapping, name string) error {
	f, qualifier, err := named(r, q, name)
	if err != nil {
		return err
	}
	v, err := f.at(q, qualifier)
	if err != nil {
		return err
	}
	m.Function, m.Qualifier = f.Name, qualifier
	return s.checkMapping(q, m, v)
}

// mappings gives what is not gone, by UUID.
func (s *Service) mappings(r *region) []*mapping {
	now := s.world.Now()
	maps.DeleteFunc(r.Mappings, func(_ string, m *mapping) bool { return m.Doing == "Deleting" && now.Sub(m.Modified) >= moving })
	out := make([]*mapping, 0, len(r.Mappings))
	for _, id := range slices.Sorted(maps.Keys(r.Mappings)) {
		out = append(out, r.Mappings[id])
	}
	return out
}

func (s *Service) mappingByID(r *region, id string) (*mapping, error) {
	s.mappings(r)
	if m := r.Mappings[id]; m != nil {
		return m, nil
	}
	return nil, missing("The resource you requested does not exist.")
}
