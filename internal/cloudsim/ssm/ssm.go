// Package ssm is the drill cloud's Systems Manager Parameter Store: parameters with versions, tiers, paths, filters and tags.
//
// Promise: a parameter is overwritten only when the caller says so; each value is kept as a version that can still be read; a
// SecureString is shown only to who asks for decryption. Simplified: no labels, parameter policies or public
// parameters; a SecureString's key encrypts nothing, but while it is disabled or waits for its deletion the value can be neither read nor written.
package ssm

import (
	"net/http"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is Parameter Store for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world *sim.World
	keys  sim.Keys
}

type region struct{ Parameters map[string]*parameter }

type parameter struct {
	Name     string
	Versions []version // the oldest first; never empty
	Tags     map[string]string
}

type version struct {
	Number                                                           int
	Value, Type, Description, Key, Pattern, Tier, DataType, Modifier string
	Modified                                                         time.Time
}

func (p *parameter) last() *version { return &p.Versions[len(p.Versions)-1] }

// New makes an empty Parameter Store. Nil keys takes every key for a good one.
func New(w *sim.World, keys sim.Keys) *Service {
	s := &Service{world: w, keys: keys}
	st := &s.Store
	s.Handler = sim.JSONHandler("SSM", "1.1", map[string]sim.JSONOp{
		"AddTagsToResource":      sim.Locked(st, s.tag),
		"DeleteParameter":        sim.Locked(st, s.remove),
		"DeleteParameters":       sim.Locked(st, s.removeMany),
		"DescribeParameters":     sim.Locked(st, s.describe),
		"GetParameter":           sim.Locked(st, s.get),
		"GetParameterHistory":    sim.Locked(st, s.history),
		"GetParameters":          sim.Locked(st, s.getMany),
		"GetParametersByPath":    sim.Locked(st, s.getByPath),
		"ListTagsForResource":    sim.Locked(st, s.listTags),
		"PutParameter":           sim.Locked(st, s.put),
		"RemoveTagsFromResource": sim.Locked(st, s.untag),
	})
	return s
}

// Names is ssm.
func (*Service) Names() []string { return []string{"ssm"} }

type none = struct{}

func arn(c *sim.Call, name string) string {
	return c.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
}

func notFound(name string) error {
	return sim.Errorf("ParameterNotFound", "Parameter %s not found.", name)
}

// find resolves a name or an ARN.
func find(r *region, c *sim.Call, id string) (*parameter, error) {
	if p := r.Parameters[id]; p != nil {
		return p, nil
	}
	if rest, own := strings.CutPrefix(id, c.ARN("ssm", "parameter/")); own {
		for _, name := range []string{"/" + rest, rest} {
			if p := r.Parameters[name]; p != nil && arn(c, name) == id {
				return p, nil
			}
		}
	}
	return nil, notFound(id)
}
