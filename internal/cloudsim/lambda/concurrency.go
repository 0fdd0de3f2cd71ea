package lambda

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Lambda quotas, "Concurrent executions": an account's default, and what reservations must leave to other functions. New
// accounts may begin lower; the drill cloud's do not.
const (
	accountConcurrency = 1000
	leastUnreserved    = 100
)

type reservation struct {
	Reserved *int `json:"ReservedConcurrentExecutions,omitempty"`
}

func (r *region) unreserved() int {
	left := accountConcurrency
	for _, f := range r.Functions {
		if f.Reserved != nil {
			left -= *f.Reserved
		}
	}
	return left
}

func (s *Service) putConcurrency(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	var in reservation
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.Reserved == nil || *in.Reserved < 0 {
		return nil, constraint("null", "reservedConcurrentExecutions", "Member must have value greater than or equal to 0")
	}
	left := r.unreserved() - *in.Reserved
	if f.Reserved != nil {
		left += *f.Reserved
	}
	if *in.Reserved > 0 && left < leastUnreserved {
		return nil, invalid("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", leastUnreserved)
	}
	f.Reserved = in.Reserved
	return in, nil
}

func (s *Service) getConcurrency(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	return reservation{f.Reserved}, nil
}

func (s *Service) deleteConcurrency(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err == nil {
		f.Reserved = nil
	}
	return nil, err
}

func (s *Service) noProvisionedConcurrency(r *region, q *request) (any, error) {
	f, qualifier, err := find(r, q)
	switch {
	case err != nil:
		return nil, err
	case q.query.Get("List") == "ALL":
		return map[string]any{"ProvisionedConcurrencyConfigs": []any{}}, nil
	}
	return nil, sim.Errorf("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function: %s", f.arn(q, qualifier)).WithStatus(http.StatusNotFound)
}

func (s *Service) accountSettings(r *region, _ *request) (any, error) {
	size := 0
	for _, f := range r.Functions {
		size += f.Latest.Code.Size
		for i := range f.Published {
			size += f.Published[i].Code.Size
		}
	}
	return map[string]any{
		"AccountLimit": map[string]int{
			"TotalCodeSize": 75 << 30, "CodeSizeUnzipped": 250 << 20, "CodeSizeZipped": 50 << 20,
			"ConcurrentExecutions": accountConcurrency, "UnreservedConcurrentExecutions": r.unreserved(),
		},
		"AccountUsage": map[string]int{"TotalCodeSize": size, "FunctionCount": len(r.Functions)},
	}, nil
}
