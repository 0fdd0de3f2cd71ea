// Package apigateway is the drill cloud's API Gateway V1 (Amazon API Gateway V1 API Reference, 2015-07-09): REST APIs, their
// deployments and stages, usage plans and API keys, and the invoke URL that answers for a deployed stage.
//
// Promise: a stage answers what was deployed to it, not what was changed since; a method that requires a key answers nobody without an
// enabled key of a usage plan that covers the stage, and no faster or more often than the plan says; a key's value is 20 to 128
// characters and taken once in an account's region; errors are AWS's. Simplified: MOCK templates are not evaluated, any other
// integration answers that it is simulated, AWS_IAM takes any signature, resource policies, caches and logs are stored.
// Absent: imports of OpenAPI, authorizers, request validators, models but AWS's own two, domain names, canaries.
package apigateway

import (
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Roles is what API Gateway asks of IAM.
type Roles interface {
	// Role gives the unique id and the longest session of a role, and whether it exists.
	Role(account, name string) (id string, longest time.Duration, ok bool)
}

// Service is API Gateway for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world *sim.World
	roles Roles
}

type region struct {
	APIs           map[string]*api
	Keys           map[string]*apiKey
	Plans          map[string]*plan
	CloudWatchRole string // of the account settings; stages log only with one
}

// New makes an API Gateway without APIs. Nil roles takes every role for existing.
func New(w *sim.World, roles Roles) *Service {
	s := &Service{world: w, roles: roles}
	s.Handler = s.routes()
	return s
}

// Names is apigateway.
func (*Service) Names() []string { return []string{"apigateway"} }

// id gives n characters as API Gateway makes its ids.
func (s *Service) id(n int) string { return s.world.Text(n, "abcdefghijklmnopqrstuvwxyz0123456789") }
