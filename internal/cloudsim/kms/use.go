package kms

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

var _ sim.Keys = (*Service)(nil)

// Usable tells whether a key does cryptography for other services. An ARN may name another account's key: policies are not evaluated.
func (s *Service) Usable(at sim.Scope, id string) (err error) {
	home := at
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && sim.IsAccount(parts[4]) {
		home.Account = parts[4]
	}
	s.With(home, func(r *region) { _, err = s.usable(r, &sim.Call{Scope: home, Service: "kms"}, id) })
	return err
}
