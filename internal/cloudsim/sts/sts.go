// Package sts is the drill cloud's Security Token Service: who is calling, and temporary keys for roles of any account.
//
// Promise: keys that AssumeRole and GetSessionToken give out work at every service of the drill cloud, stand for the role's
// account and session ARN, expire when they say, and survive a save and load.
//
// Which roles can be assumed: every well-formed role ARN, by anybody. A drill cloud starts empty, and the role that an
// organisation hands over (OrganizationAccountAccessRole, recovery) was not made by the code that recovers; policies are
// not evaluated. When IAM knows the role, its unique id and its longest session hold. An account whose credentials were
// revoked can be entered by no role. Unlike AWS, the root user may assume roles: a bare account number is
// how a drill signs in.
package sts

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// Roles tells what IAM knows of a role: its unique id and its longest session.
type Roles interface {
	Role(account, name string) (id string, longest time.Duration, ok bool)
}

// Session is what a temporary key stands for.
type Session struct {
	Account string    `json:"account"`
	ARN     string    `json:"arn"`
	UserID  string    `json:"user_id"`
	Token   string    `json:"token"`  // the session token that must come with the key
	Secret  string    `json:"secret"` // what a strict cloud verifies signatures with
	Expires time.Time `json:"expires"`
}

// Service is STS for all accounts.
type Service struct {
	world   *sim.World
	roles   Roles
	handler http.Handler

	mu       sync.Mutex
	sessions map[string]Session // by access key id
}

var _ sim.Service = (*Service)(nil)

// New makes an STS that has given out no keys.
func New(w *sim.World, roles Roles) *Service {
	s := &Service{world: w, roles: roles, sessions: map[string]Session{}}
	s.handler = sim.QueryHandler("sts", namespace, map[string]sim.QueryOp{
		"GetCallerIdentity": s.getCallerIdentity,
		"AssumeRole":        s.assumeRole,
		"GetSessionToken":   s.getSessionToken,
		"GetAccessKeyInfo":  s.getAccessKeyInfo,
	})
	return s
}

// Names is sts.
func (s *Service) Names() []string { return []string{"sts"} }

// ServeHTTP answers an STS call.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Save gives the keys that have been given out.
func (s *Service) Save() (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.sessions) //nolint:gosec // the keys are invented, and a strict cloud that is loaded verifies with them
}

// Load replaces the keys by what Save gave.
func (s *Service) Load(state json.RawMessage) error {
	sessions := map[string]Session{}
	if err := json.Unmarshal(state, &sessions); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions = sessions
	return nil
}

// Session gives what a temporary key stands for, whether or not it has expired.
func (s *Service) Session(accessKey string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[accessKey]
	return session, ok
}

func (s *Service) getCallerIdentity(c *sim.Call, _ url.Values) (any, error) {
	id := c.Account
	if session, ok := s.Session(c.AccessKey); ok {
		id = session.UserID
	}
	return struct{ Arn, UserId, Account string }{c.CallerARN, id, c.Account}, nil
}

// getAccessKeyInfo answers for the keys of the drill cloud: account numbers, and those given out here.
func (s *Service) getAccessKeyInfo(_ *sim.Call, in url.Values) (any, error) {
	key := in.Get("AccessKeyId")
	if session, ok := s.Session(key); ok {
		return struct{ Account string }{session.Account}, nil
	}
	if account, ok := AccountOf(key); ok {
		return struct{ Account string }{account}, nil
	}
	return nil, sim.Errorf("ValidationError", "the access key id %s belongs to no account of the drill cloud", key)
}

// AccountOf gives the account that a long-term access key id selects: the 12 digits that it is, or ends in.
func AccountOf(accessKey string) (string, bool) {
	if len(accessKey) < 12 {
		return "", false
	}
	account := accessKey[len(accessKey)-12:]
	return account, sim.IsAccount(account)
}

// credentials is the Credentials structure of the API.
type credentials struct {
	AccessKeyId, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
}

// issue makes a temporary key for a session and remembers it.
func (s *Service) issue(session Session, lasts time.Duration) credentials {
	now := s.world.Wall()
	session.Expires = now.Add(lasts).Truncate(time.Second)
	session.Token = s.world.Key(120)
	key := "ASIA" + s.world.Key(16)
	session.Secret = s.world.Key(40)
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, old := range s.sessions {
		if now.Sub(old.Expires) > 24*time.Hour { // long forgotten by its owner
			delete(s.sessions, k)
		}
	}
	s.sessions[key] = session
	return credentials{AccessKeyId: key, SecretAccessKey: session.Secret, SessionToken: session.Token, Expiration: session.Expires}
}

// duration reads DurationSeconds.
func duration(in url.Values, byDefault, longest time.Duration) (time.Duration, error) {
	text := in.Get("DurationSeconds")
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	d := time.Duration(n) * time.Second
	if err != nil || n > int(longest/time.Second) || d < 15*time.Minute {
		return 0, sim.Errorf("ValidationError", "The requested DurationSeconds %s is not between 900 and the longest session of %d seconds", text, int(longest/time.Second))
	}
	return d, nil
}

// temporary tells whether a caller came with a session's key.
func temporary(c *sim.Call) bool { return strings.HasPrefix(c.AccessKey, "ASIA") }
