package kms

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type keyInput struct {
	KeyID string `json:"KeyId"`
}

// find resolves a key id, key ARN, alias name or alias ARN (KMS API, "KeyId").
func (s *Service) find(r *region, c *sim.Call, id string) (*key, error) {
	s.expire(r)
	name := id
	if strings.HasPrefix(id, "arn:") {
		parts := strings.SplitN(id, ":", 6)
		if len(parts) < 6 || parts[2] != "kms" {
			return nil, sim.Errorf("InvalidArnException", "Invalid arn %s", id)
		}
		if parts[3] != c.Region {
			return nil, sim.Errorf("NotFoundException", "Invalid arn %s", parts[3])
		}
		if name = strings.TrimPrefix(parts[5], "key/"); parts[4] != c.Account {
			return nil, sim.Errorf("NotFoundException", "Key '%s' does not exist", id)
		}
	}
	if strings.HasPrefix(name, "alias/") {
		a := r.Aliases[name]
		if a == nil && managedAlias(name) {
			a = s.managed(r, c, name)
		}
		if a == nil {
			return nil, sim.Errorf("NotFoundException", "Alias %s is not found.", c.ARN("kms", name))
		}
		name = a.Key
	}
	if k := r.Keys[name]; k != nil {
		return k, nil
	}
	return nil, sim.Errorf("NotFoundException", "Key '%s' does not exist", c.ARN("kms", "key/"+name))
}

// live finds a key that is not pending deletion.
func (s *Service) live(r *region, c *sim.Call, id string) (*key, error) {
	k, err := s.find(r, c, id)
	if err == nil && !k.Deletion.IsZero() {
		return nil, sim.Errorf("KMSInvalidStateException", "%s is pending deletion.", k.arn(c))
	}
	return k, err
}

// usable finds a key that can do cryptography.
func (s *Service) usable(r *region, c *sim.Call, id string) (*key, error) {
	k, err := s.live(r, c, id)
	if err == nil && k.Disabled {
		return nil, sim.Errorf("DisabledException", "%s is disabled.", k.arn(c))
	}
	return k, err
}

// expire removes the keys whose waiting period is over, with their aliases.
func (s *Service) expire(r *region) {
	now := s.world.Now()
	for id, k := range r.Keys {
		if k.Deletion.IsZero() || now.Before(k.Deletion) {
			continue
		}
		delete(r.Keys, id)
		for name, a := range r.Aliases {
			if a.Key == id {
				delete(r.Aliases, name)
			}
		}
	}
}

// managedAlias tells of the aliases of AWS managed keys, which exist from their first use.
func managedAlias(alias string) bool {
	name, ok := strings.CutPrefix(alias, "alias/aws/")
	return ok && name != "" && name == strings.ToLower(name) && sim.Only(name, "-")
}

func (s *Service) managed(r *region, c *sim.Call, name string) *alias {
	k := s.add(r, c, "AWS", false)
	k.Description = "Default key that protects my " + strings.TrimPrefix(name, "alias/aws/") + " resources when no other key is defined"
	k.Rotation, k.RotationSet = 365, k.Created
	return s.addAlias(r, name, k.ID)
}
