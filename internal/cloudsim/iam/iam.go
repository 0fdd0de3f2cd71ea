// Package iam is the drill cloud's Identity and Access Management: roles, their policies, managed policies, and users with access keys.
//
// Promise: what Terraform and the SDKs create, read, change and delete here is answered as IAM documents it: the same
// errors, identifiers, quotas, paging and URL-encoded policy documents. Policies are stored and checked for form; they are
// not evaluated: the drill cloud refuses nobody for lack of a permission. IAM is global: one set of names an account,
// whatever region the call was signed for. Changes are visible at once; the real IAM takes some seconds.
package iam

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const namespace = "https://iam.amazonaws.com/doc/2010-05-08/"

// Service is IAM for all accounts.
type Service struct {
	world   *sim.World
	handler http.Handler

	mu       sync.Mutex
	accounts map[string]*account
}

var _ sim.Service = (*Service)(nil)

// account is what one AWS account holds. Roles are keyed by lower-case name ("names are not distinguished by case",
// IAM User Guide, "IAM object identifiers"), policies by ARN.
type account struct {
	Roles    map[string]*role   `json:"roles"`
	Policies map[string]*policy `json:"policies"`
	Users    map[string]*user   `json:"users,omitempty"`     // by lower-case name
	DeadKeys []string           `json:"dead_keys,omitempty"` // access keys that were deleted: they open nothing any more
}

// op answers one IAM action on the caller's account, with the service locked.
type op func(a *account, c *sim.Call, in url.Values) (any, error)

// New makes an IAM in which no account has anything yet.
func New(w *sim.World) *Service {
	s := &Service{world: w, accounts: map[string]*account{}}
	ops := map[string]sim.QueryOp{}
	for _, group := range []map[string]op{s.roleOps(), s.inlineOps(), s.policyOps(), s.versionOps(), s.attachmentOps(), s.linkedOps(), s.userOps(), accountOps()} {
		for name, f := range group {
			ops[name] = func(c *sim.Call, in url.Values) (any, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				return f(s.account(c.Account), c, in)
			}
		}
	}
	s.handler = sim.QueryHandler("iam", namespace, ops)
	return s
}

// Names is iam.
func (s *Service) Names() []string { return []string{"iam"} }

// ServeHTTP answers an IAM call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Save gives every account's roles and policies.
func (s *Service) Save() (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.accounts)
}

// Load replaces everything by what Save gave.
func (s *Service) Load(state json.RawMessage) error {
	accounts := map[string]*account{}
	if err := json.Unmarshal(state, &accounts); err != nil {
		return err
	}
	for id, a := range accounts {
		if a == nil || a.Roles == nil || a.Policies == nil {
			return fmt.Errorf("iam state: account %s lacks roles or policies", id)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts = accounts
	return nil
}

func (s *Service) account(id string) *account {
	a := s.accounts[id]
	if a == nil {
		a = &account{Roles: map[string]*role{}, Policies: map[string]*policy{}}
		s.accounts[id] = a
	}
	return a
}
