package ecr

import (
	"encoding/json"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type replicationRequest struct {
	Replication json.RawMessage `json:"replicationConfiguration"`
}

type nothing struct{}

func (s *Service) describeRegistry(c *sim.Call, _ *nothing) (map[string]any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rules := s.state.Registries.In(c.Scope).Replication
	if rules == nil {
		rules = json.RawMessage(`{"rules":[]}`)
	}
	return map[string]any{"registryId": c.Account, "replicationConfiguration": rules}, nil
}

func (s *Service) putReplication(c *sim.Call, in *replicationRequest) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Registries.In(c.Scope).Replication = in.Replication
	return map[string]any{"replicationConfiguration": in.Replication}, nil
}

func (s *Service) putRegistryPolicy(c *sim.Call, in *policyRequest) (map[string]any, error) {
	if err := checkPolicy(in.Text); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Registries.In(c.Scope).Policy = in.Text
	return map[string]any{"registryId": c.Account, "policyText": in.Text}, nil
}

func (s *Service) getRegistryPolicy(c *sim.Call, _ *nothing) (map[string]any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return registryPolicy(c, s.state.Registries.In(c.Scope))
}

func registryPolicy(c *sim.Call, g *registry) (map[string]any, error) {
	if g.Policy == "" {
		return nil, sim.Errorf("RegistryPolicyNotFoundException", "Registry policy does not exist in the registry with id '%s'", c.Account)
	}
	return map[string]any{"registryId": c.Account, "policyText": g.Policy}, nil
}

func (s *Service) deleteRegistryPolicy(c *sim.Call, _ *nothing) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.state.Registries.In(c.Scope)
	out, err := registryPolicy(c, g)
	g.Policy = ""
	return out, err
}
