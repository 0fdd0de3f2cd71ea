package dynamodb

import (
	"encoding/json"
	"strconv"
	"time"

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

// insights is the Contributor Insights setting of a table or index. It is kept; no rules are evaluated.
type insights struct {
	Enabled bool      `json:"enabled"`
	Mode    string    `json:"mode,omitempty"`
	Since   time.Time `json:"since"`
}

type insightsInput struct {
	TableName                 string
	IndexName                 string
	ContributorInsightsAction string
	ContributorInsightsMode   string
}

type insightsOutput struct {
	TableName                 string
	IndexName                 string `json:",omitempty"`
	ContributorInsightsStatus string
	ContributorInsightsMode   string `json:",omitempty"`
	LastUpdateDateTime        *epoch `json:",omitempty"`
}

func (s *Service) describeContributorInsights(c *sim.Call, in *insightsInput) (*insightsOutput, error) {
	t, err := s.forControl(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.describeInsights(in.IndexName), nil
}

func (s *Service) updateContributorInsights(c *sim.Call, in *insightsInput) (*insightsOutput, error) {
	if in.ContributorInsightsAction != "ENABLE" && in.ContributorInsightsAction != "DISABLE" {
		return nil, constraint(in.ContributorInsightsAction, "contributorInsightsAction", "Member must satisfy enum value set: [ENABLE, DISABLE]")
	}
	t, err := s.forControl(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.def.Insights == nil {
		t.def.Insights = map[string]insights{}
	}
	t.def.Insights[in.IndexName] = insights{in.ContributorInsightsAction == "ENABLE", in.ContributorInsightsMode, s.world.Now()}
	return t.describeInsights(in.IndexName), nil
}

func (t *table) describeInsights(index string) *insightsOutput {
	x := t.def.Insights[index]
	out := &insightsOutput{t.def.Name, index, "DISABLED", x.Mode, when(x.Since)}
	if x.Enabled {
		out.ContributorInsightsStatus = "ENABLED"
	}
	return out
}

type kinesisOutput struct {
	TableName                     string
	KinesisDataStreamDestinations []struct{}
}

func (s *Service) describeKinesisStreamingDestination(c *sim.Call, in *tableInput) (*kinesisOutput, error) {
	t, err := s.forControl(c, in.TableName)
	if err != nil {
		return nil, err
	}
	return &kinesisOutput{t.name, []struct{}{}}, nil
}

type limitsOutput struct {
	AccountMaxReadCapacityUnits  int
	AccountMaxWriteCapacityUnits int
	TableMaxReadCapacityUnits    int
	TableMaxWriteCapacityUnits   int
}

// describeLimits gives the default quotas ("Quotas in Amazon DynamoDB").
func (s *Service) describeLimits(*sim.Call, *struct{}) (*limitsOutput, error) {
	return &limitsOutput{80000, 80000, 40000, 40000}, nil
}

type endpoint struct {
	Address              string
	CachePeriodInMinutes int
}

type endpointsOutput struct{ Endpoints []endpoint }

func (s *Service) describeEndpoints(c *sim.Call, _ *struct{}) (*endpointsOutput, error) {
	return &endpointsOutput{[]endpoint{{"dynamodb." + c.Region + ".amazonaws.com", 1440}}}, nil
}
