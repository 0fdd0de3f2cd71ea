package dynamodb

import (
	"encoding/json"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// maxPolicy bounds a resource policy ("Resource-based policy considerations").
const maxPolicy = 20 << 10

// policy is a resource-based policy. It is kept, not evaluated.
type policy struct {
	Text     string `json:"text"`
	Revision string `json:"revision"`
}

func (r *region) setPolicy(arn string, p policy) {
	if r.policies == nil {
		r.policies = map[string]policy{}
	}
	r.policies[arn] = p
}

func (s *Service) revision() string { return strconv.FormatInt(s.world.Now().UnixNano(), 10) }

type policyInput struct {
	ResourceArn        string
	Policy             string
	ExpectedRevisionId string
}

type policyOutput struct {
	Policy     string `json:",omitempty"`
	RevisionId string `json:",omitempty"`
}

// withPolicy calls f with the region locked and the policy of the resource, whose table must exist.
func (s *Service) withPolicy(c *sim.Call, in *policyInput, f func(r *region, p policy, found bool) (*policyOutput, error)) (*policyOutput, error) {
	if _, err := s.byARN(c, in.ResourceArn); err != nil {
		return nil, err
	}
	r := s.regions.Load().In(c.Scope)
	r.mu.Lock()
	defer r.mu.Unlock()
	p, found := r.policies[in.ResourceArn]
	if want := in.ExpectedRevisionId; want != "" && want != p.Revision && (found || want != "NO_POLICY") {
		return nil, sim.Errorf("PolicyNotFoundException", "The policy of %s does not have the revision %s", in.ResourceArn, want)
	}
	return f(r, p, found)
}

func (s *Service) getResourcePolicy(c *sim.Call, in *policyInput) (*policyOutput, error) {
	return s.withPolicy(c, in, func(_ *region, p policy, found bool) (*policyOutput, error) {
		if !found {
			return nil, sim.Errorf("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: %s", in.ResourceArn)
		}
		return &policyOutput{p.Text, p.Revision}, nil
	})
}

func (s *Service) putResourcePolicy(c *sim.Call, in *policyInput) (*policyOutput, error) {
	if !json.Valid([]byte(in.Policy)) || len(in.Policy) > maxPolicy {
		return nil, invalid("Policy must be JSON of at most %d bytes", maxPolicy)
	}
	return s.withPolicy(c, in, func(r *region, _ policy, _ bool) (*policyOutput, error) {
		p := policy{in.Policy, s.revision()}
		r.setPolicy(in.ResourceArn, p)
		return &policyOutput{RevisionId: p.Revision}, nil
	})
}

func (s *Service) deleteResourcePolicy(c *sim.Call, in *policyInput) (*policyOutput, error) {
	return s.withPolicy(c, in, func(r *region, p policy, _ bool) (*policyOutput, error) {
		delete(r.policies, in.ResourceArn)
		return &policyOutput{RevisionId: p.Revision}, nil
	})
}
