package ssm

import (
	"maps"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type nameInput struct{ Name string }

func (s *Service) remove(r *region, c *sim.Call, in *nameInput) (none, error) {
	p, err := find(r, c, in.Name)
	if err == nil {
		delete(r.Parameters, p.Name)
	}
	return none{}, err
}

func (s *Service) removeMany(r *region, c *sim.Call, in *struct{ Names []string }) (any, error) {
	deleted, invalid := []string{}, []string{}
	for _, n := range in.Names {
		if _, err := s.remove(r, c, &nameInput{n}); err != nil {
			invalid = append(invalid, n)
			continue
		}
		deleted = append(deleted, n)
	}
	return map[string][]string{"DeletedParameters": deleted, "InvalidParameters": invalid}, nil
}

type resourceInput struct{ ResourceType, ResourceID string }

func (in *resourceInput) find(r *region, c *sim.Call) (*parameter, error) {
	if in.ResourceType != "Parameter" {
		return nil, sim.Errorf("InvalidResourceType", "the drill cloud tags resources of type Parameter, not %q", in.ResourceType)
	}
	p, err := find(r, c, in.ResourceID)
	if err != nil {
		return nil, sim.Errorf("InvalidResourceId", "The resource ID %q is not valid: there is no such parameter.", in.ResourceID)
	}
	return p, nil
}

func (s *Service) listTags(r *region, c *sim.Call, in *resourceInput) (any, error) {
	p, err := in.find(r, c)
	if err != nil {
		return nil, err
	}
	return map[string]any{"TagList": sim.TagList(p.Tags)}, nil
}

func (s *Service) tag(r *region, c *sim.Call, in *struct {
	resourceInput
	Tags []sim.Tag
},
) (none, error) {
	p, err := in.find(r, c)
	if err == nil {
		p.Tags = sim.Tagged(p.Tags, in.Tags)
	}
	return none{}, err
}

func (s *Service) untag(r *region, c *sim.Call, in *struct {
	resourceInput
	TagKeys []string
},
) (none, error) {
	p, err := in.find(r, c)
	if err == nil {
		maps.DeleteFunc(p.Tags, func(k, _ string) bool { return slices.Contains(in.TagKeys, k) })
	}
	return none{}, err
}
