package iam

import (
	"strings"
	"time"
)

// Role gives the unique id and the longest session of a role, for STS.
func (s *Service) Role(account, name string) (id string, longest time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[account]
	if a == nil {
		return "", 0, false
	}
	r := a.Roles[strings.ToLower(name)]
	if r == nil {
		return "", 0, false
	}
	return r.ID, time.Duration(r.MaxSession) * time.Second, true
}
