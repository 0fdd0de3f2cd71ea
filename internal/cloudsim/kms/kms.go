// Package kms is the drill cloud's Key Management Service: symmetric keys, their policies, rotation and deletion, aliases,
// and encryption that another region or account cannot undo.
//
// Promise: what one key encrypted, only that key decrypts, in its account and region, while it is enabled and not pending
// deletion. Simplified: keys are SYMMETRIC_DEFAULT only, without grants, replicas, imported material or use from
// other accounts; policies are stored, not evaluated.
package kms

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is KMS for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world *sim.World
}

type region struct {
	Keys    map[string]*key
	Aliases map[string]*alias
}

type key struct {
	ID, Material, Description, Policy, Manager string
	Created                                    time.Time
	Deletion                                   time.Time // when it goes; zero unless pending deletion
	Disabled, MultiRegion                      bool
	Rotation                                   int // days; 0 is off
	RotationSet                                time.Time
	Tags                                       map[string]string
}

type alias struct {
	Name, Key        string
	Created, Updated time.Time
}

// New makes an empty KMS.
func New(w *sim.World) *Service {
	s := &Service{world: w}
	st := &s.Store
	s.Handler = sim.JSONHandler("KMS", "1.1", map[string]sim.JSONOp{
		"CancelKeyDeletion":               sim.Locked(st, s.cancelDeletion),
		"CreateAlias":                     sim.Locked(st, s.createAlias),
		"CreateKey":                       sim.Locked(st, s.createKey),
		"Decrypt":                         sim.Locked(st, s.decrypt),
		"DeleteAlias":                     sim.Locked(st, s.deleteAlias),
		"DescribeKey":                     sim.Locked(st, s.describeKey),
		"DisableKey":                      sim.Locked(st, s.enable(false)),
		"DisableKeyRotation":              sim.Locked(st, s.rotate(false)),
		"EnableKey":                       sim.Locked(st, s.enable(true)),
		"EnableKeyRotation":               sim.Locked(st, s.rotate(true)),
		"Encrypt":                         sim.Locked(st, s.encrypt),
		"GenerateDataKey":                 sim.Locked(st, s.dataKey(true)),
		"GenerateDataKeyWithoutPlaintext": sim.Locked(st, s.dataKey(false)),
		"GetKeyPolicy":                    sim.Locked(st, s.getPolicy),
		"GetKeyRotationStatus":            sim.Locked(st, s.rotationStatus),
		"ListAliases":                     sim.Locked(st, s.listAliases),
		"ListKeyPolicies":                 sim.Locked(st, s.listPolicies),
		"ListKeys":                        sim.Locked(st, s.listKeys),
		"ListResourceTags":                sim.Locked(st, s.listTags),
		"PutKeyPolicy":                    sim.Locked(st, s.putPolicy),
		"ScheduleKeyDeletion":             sim.Locked(st, s.scheduleDeletion),
		"TagResource":                     sim.Locked(st, s.tag),
		"UntagResource":                   sim.Locked(st, s.untag),
		"UpdateAlias":                     sim.Locked(st, s.updateAlias),
		"UpdateKeyDescription":            sim.Locked(st, s.describe),
	})
	return s
}

// Names is kms.
func (*Service) Names() []string { return []string{"kms"} }

type none = struct{}

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
		if a == nil && managedAlias.MatchString(name) {
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

// managedAlias matches the aliases of AWS managed keys, which exist from their first use.
var managedAlias = regexp.MustCompile(`^alias/aws/[a-z0-9-]+$`)

func (s *Service) managed(r *region, c *sim.Call, name string) *alias {
	k := s.add(r, c, "AWS", false)
	k.Description = "Default key that protects my " + strings.TrimPrefix(name, "alias/aws/") + " resources when no other key is defined"
	k.Rotation, k.RotationSet = 365, k.Created
	return s.addAlias(r, name, k.ID)
}

func (k *key) arn(c *sim.Call) string { return c.ARN("kms", "key/"+k.ID) }
