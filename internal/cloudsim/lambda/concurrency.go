package lambda

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Lambda quotas, "Concurrent executions": an account's default in a region, and what reservations must leave to other functions. New
// accounts begin with fewer, often 10, and then all of it must be left: Lambda tells "below its minimum value of [10]".
const (
	accountConcurrency = 1000
	leastUnreserved    = 100
)

// concurrency is the quota of an account in each region.
func (s *Service) concurrency(account string) int {
	if n, ok := s.sources.Concurrency[account]; ok {
		return n
	}
	return accountConcurrency
}

type reservation struct {
	Reserved *int `json:"ReservedConcurrentExecutions,omitempty"`
}

func (r *region) unreserved(quota int) int {
	left := quota
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
	quota := s.concurrency(q.Account)
	least := min(leastUnreserved, quota)
	left := r.unreserved(quota) - *in.Reserved
	if f.Reserved != nil {
		left += *f.Reserved
	}
	if *in.Reserved > 0 && left < least {
		return nil, invalid("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [%d].", least)
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

func (s *Service) accountSettings(r *region, q *request) (any, error) {
	quota := s.concurrency(q.Account)
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
			"ConcurrentExecutions": quota, "UnreservedConcurrentExecutions": r.unreserved(quota),
		},
		"AccountUsage": map[string]int{"TotalCodeSize": size, "FunctionCount": len(r.Functions)},
	}, nil
}
