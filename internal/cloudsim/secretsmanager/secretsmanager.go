// Package secretsmanager is the drill cloud's Secrets Manager: secrets with versions and staging labels, recovery windows,
// tags, resource policies and random passwords.
//
// Promise: a secret that is scheduled for deletion keeps its name until the window is over, as in AWS, where that breaks a
// re-creation; versions follow AWS's rules for client tokens and AWSCURRENT/AWSPREVIOUS. Simplified: no rotation, no
// replication (refused), policies are stored and not evaluated; keys encrypt nothing, but a
// value cannot be read or written while its key is disabled or waits for its deletion.
package secretsmanager

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is Secrets Manager for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world *sim.World
	keys  sim.Keys
}

type region struct{ Secrets map[string]*secret }

type secret struct {
	Name, ARN, Description, Key, Policy string
	Created, Changed, Accessed          time.Time
	Deletion                            time.Time // when it goes; zero unless scheduled for deletion
	Versions                            map[string]*version
	Tags                                map[string]string
}

// New makes a Secrets Manager without secrets. Nil keys takes every key for a good one.
func New(w *sim.World, keys sim.Keys) *Service {
	s := &Service{world: w, keys: keys}
	st := &s.Store
	s.Handler = sim.JSONHandler("Secrets Manager", "1.1", map[string]sim.JSONOp{
		"CreateSecret":             sim.Locked(st, s.create),
		"DeleteResourcePolicy":     sim.Locked(st, s.deletePolicy),
		"DeleteSecret":             sim.Locked(st, s.remove),
		"DescribeSecret":           sim.Locked(st, s.describe),
		"GetRandomPassword":        sim.Op(s.randomPassword),
		"GetResourcePolicy":        sim.Locked(st, s.getPolicy),
		"GetSecretValue":           sim.Locked(st, s.get),
		"ListSecrets":              sim.Locked(st, s.list),
		"ListSecretVersionIds":     sim.Locked(st, s.listVersions),
		"PutResourcePolicy":        sim.Locked(st, s.putPolicy),
		"PutSecretValue":           sim.Locked(st, s.put),
		"ReplicateSecretToRegions": sim.Op(func(*sim.Call, *none) (none, error) { return none{}, noReplicas() }),
		"RestoreSecret":            sim.Locked(st, s.restore),
		"TagResource":              sim.Locked(st, s.tag),
		"UntagResource":            sim.Locked(st, s.untag),
		"UpdateSecret":             sim.Locked(st, s.update),
		"UpdateSecretVersionStage": sim.Locked(st, s.moveStage),
	})
	return s
}

// Names is secretsmanager.
func (*Service) Names() []string { return []string{"secretsmanager"} }

type none = struct{}

type ref struct{ SecretID string }

func noReplicas() error {
	return sim.Errorf("InvalidParameterException", "the drill cloud does not replicate secrets to other regions")
}

var suffix = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// find resolves a name, a full ARN, or an ARN without its six-character suffix; also what is scheduled for deletion.
func (s *Service) find(r *region, c *sim.Call, id string) (*secret, error) {
	s.expire(r)
	name := id
	if strings.HasPrefix(id, "arn:") {
		rest, own := strings.CutPrefix(id, c.ARN("secretsmanager", "secret:"))
		if name = suffix.ReplaceAllString(rest, ""); !own {
			name = ""
		}
		if sec := r.Secrets[name]; sec != nil && sec.ARN != id { // another secret's ARN, or a partial ARN that looks complete
			name = ""
		}
		if sec := r.Secrets[rest]; own && sec != nil {
			name = rest
		}
	}
	if sec := r.Secrets[name]; sec != nil {
		return sec, nil
	}
	return nil, sim.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// live finds a secret that is not scheduled for deletion.
func (s *Service) live(r *region, c *sim.Call, id string) (*secret, error) {
	sec, err := s.find(r, c, id)
	if err == nil && !sec.Deletion.IsZero() {
		return nil, sim.Errorf("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.")
	}
	return sec, err
}

// expire removes the secrets whose recovery window is over.
func (s *Service) expire(r *region) {
	now := s.world.Now()
	for name, sec := range r.Secrets {
		if !sec.Deletion.IsZero() && !now.Before(sec.Deletion) {
			delete(r.Secrets, name)
		}
	}
}
