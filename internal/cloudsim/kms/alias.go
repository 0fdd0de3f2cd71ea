package kms

import (
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type aliasInput struct {
	AliasName   string
	TargetKeyID string `json:"TargetKeyId"`
}

func checkName(name string) error {
	if rest, ok := strings.CutPrefix(name, "alias/"); !ok || !sim.Within(rest, 1, 250) || !sim.Only(rest, "/_-") {
		return sim.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$", name)
	}
	if strings.HasPrefix(name, "alias/aws/") {
		return sim.Errorf("NotAuthorizedException", "%s is reserved for AWS managed keys", name)
	}
	return nil
}

func (s *Service) addAlias(r *region, name, id string) *alias {
	if r.Aliases == nil {
		r.Aliases = map[string]*alias{}
	}
	a := &alias{Name: name, Key: id, Created: s.world.Now(), Updated: s.world.Now()}
	r.Aliases[name] = a
	return a
}

func (s *Service) createAlias(r *region, c *sim.Call, in *aliasInput) (none, error) {
	if err := checkName(in.AliasName); err != nil {
		return none{}, err
	}
	k, err := s.live(r, c, in.TargetKeyID)
	if err != nil {
		return none{}, err
	}
	if r.Aliases[in.AliasName] != nil {
		return none{}, sim.Errorf("AlreadyExistsException", "An alias with the name %s already exists", c.ARN("kms", in.AliasName))
	}
	s.addAlias(r, in.AliasName, k.ID)
	return none{}, nil
}

func (s *Service) updateAlias(r *region, c *sim.Call, in *aliasInput) (none, error) {
	a, err := s.own(r, c, in.AliasName)
	if err != nil {
		return none{}, err
	}
	k, err := s.live(r, c, in.TargetKeyID)
	if err != nil {
		return none{}, err
	}
	a.Key, a.Updated = k.ID, s.world.Now()
	return none{}, nil
}

func (s *Service) deleteAlias(r *region, c *sim.Call, in *aliasInput) (none, error) {
	a, err := s.own(r, c, in.AliasName)
	if err == nil {
		delete(r.Aliases, a.Name)
	}
	return none{}, err
}

// own finds an alias that the customer may change.
func (s *Service) own(r *region, c *sim.Call, name string) (*alias, error) {
	s.expire(r)
	if err := checkName(name); err != nil {
		return nil, err
	}
	if a := r.Aliases[name]; a != nil {
		return a, nil
	}
	return nil, sim.Errorf("NotFoundException", "Alias %s is not found.", c.ARN("kms", name))
}

func (s *Service) listAliases(r *region, c *sim.Call, in *struct {
	keyInput
	page
},
) (any, error) {
	s.expire(r)
	only := ""
	if in.KeyID != "" {
		k, err := s.find(r, c, in.KeyID)
		if err != nil {
			return nil, err
		}
		only = k.ID
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(r.Aliases)), func(n string) bool { return only != "" && r.Aliases[n].Key != only })
	part, next, err := sim.Page(names, in.Marker, in.Limit, 100)
	out := make([]map[string]any, len(part))
	for i, n := range part {
		a := r.Aliases[n]
		out[i] = map[string]any{
			"AliasName": n, "AliasArn": c.ARN("kms", n), "TargetKeyId": a.Key,
			"CreationDate": sim.Epoch(a.Created), "LastUpdatedDate": sim.Epoch(a.Updated),
		}
	}
	return listed("Aliases", out, next), err
}
