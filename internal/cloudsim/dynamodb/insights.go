package dynamodb

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

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
