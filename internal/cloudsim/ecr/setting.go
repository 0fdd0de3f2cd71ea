package ecr

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/policy"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type resourceTags struct {
	ResourceARN string   `json:"resourceArn"`
	Tags        []tag    `json:"tags"`
	TagKeys     []string `json:"tagKeys"`
}

// tagged finds the repository of a resource ARN. The service's lock is held.
func (s *Service) tagged(c *sim.Call, arn string) (*repository, error) {
	name, ok := strings.CutPrefix(arn, c.ARN("ecr", "repository/"))
	if !ok {
		return nil, invalid("Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN' (%s is no repository of %s in %s)", arn, c.Account, c.Region)
	}
	return s.in(c, at{RepositoryName: name}, "TagResource")
}

func (s *Service) listTags(c *sim.Call, in *resourceTags) (map[string][]tag, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.tagged(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	out := []tag{}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		out = append(out, tag{key, r.Tags[key]})
	}
	return map[string][]tag{"tags": out}, nil
}

func (s *Service) tagResource(c *sim.Call, in *resourceTags) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.tagged(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		r.Tags[t.Key] = t.Value
	}
	return nil, nil
}

func (s *Service) untagResource(c *sim.Call, in *resourceTags) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.tagged(c, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(r.Tags, key)
	}
	return nil, nil
}

type lifecycleRequest struct {
	at
	Text string `json:"lifecyclePolicyText"`
}

func (s *Service) putLifecycle(c *sim.Call, in *lifecycleRequest) (any, error) {
	var text bytes.Buffer
	var rules struct {
		Rules []json.RawMessage `json:"rules"`
	}
	if json.Unmarshal([]byte(in.Text), &rules) != nil || len(rules.Rules) == 0 || json.Compact(&text, []byte(in.Text)) != nil {
		return nil, invalid("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: it is JSON with rules'")
	}
	return s.change(c, in.at, "PutLifecyclePolicy", func(r *repository) (map[string]any, error) {
		r.Lifecycle = text.String()
		return map[string]any{"lifecyclePolicyText": r.Lifecycle}, nil
	})
}

func (s *Service) getLifecycle(c *sim.Call, in *at) (any, error) {
	return s.change(c, *in, "GetLifecyclePolicy", (*repository).lifecycle)
}

func (r *repository) lifecycle() (map[string]any, error) {
	if r.Lifecycle == "" {
		return nil, sim.Errorf("LifecyclePolicyNotFoundException",
			"Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", r.Name, r.Scope.Account)
	}
	return map[string]any{"lifecyclePolicyText": r.Lifecycle}, nil
}

func (s *Service) deleteLifecycle(c *sim.Call, in *at) (any, error) {
	return s.change(c, *in, "DeleteLifecyclePolicy", func(r *repository) (map[string]any, error) {
		out, err := r.lifecycle()
		r.Lifecycle = ""
		return out, err
	})
}

type policyRequest struct {
	at
	Text string `json:"policyText"`
}

func checkPolicy(text string) error {
	if p, err := policy.Parse(text); err != nil || len(p.Statement) == 0 {
		return invalid("Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'")
	}
	return nil
}

func (s *Service) setPolicy(c *sim.Call, in *policyRequest) (any, error) {
	if err := checkPolicy(in.Text); err != nil {
		return nil, err
	}
	return s.change(c, in.at, "SetRepositoryPolicy", func(r *repository) (map[string]any, error) {
		r.Policy = in.Text
		return map[string]any{"policyText": r.Policy}, nil
	})
}

func (s *Service) getPolicy(c *sim.Call, in *at) (any, error) {
	return s.change(c, *in, "GetRepositoryPolicy", (*repository).policyText)
}

func (r *repository) policyText() (map[string]any, error) {
	if r.Policy == "" {
		return nil, sim.Errorf("RepositoryPolicyNotFoundException",
			"Repository policy does not exist for the repository with name '%s' in the registry with id '%s'", r.Name, r.Scope.Account)
	}
	return map[string]any{"policyText": r.Policy}, nil
}

func (s *Service) deletePolicy(c *sim.Call, in *at) (any, error) {
	return s.change(c, *in, "DeleteRepositoryPolicy", func(r *repository) (map[string]any, error) {
		out, err := r.policyText()
		r.Policy = ""
		return out, err
	})
}
