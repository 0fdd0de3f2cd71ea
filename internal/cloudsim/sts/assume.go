package sts

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Session lengths (STS API reference, AssumeRole and GetSessionToken).
const (
	roleDefault  = time.Hour
	roleLongest  = 12 * time.Hour
	chainLongest = time.Hour // a role that assumes a role
	userDefault  = 12 * time.Hour
	userLongest  = 36 * time.Hour
	rootLongest  = time.Hour
)

func (s *Service) assumeRole(c *sim.Call, in url.Values) (any, error) {
	account, name, err := parseRole(in.Get("RoleArn"))
	if err != nil {
		return nil, err
	}
	sessionName := in.Get("RoleSessionName")
	if err := checkSessionName(sessionName); err != nil {
		return nil, err
	}
	if s.world.Revoked(account) {
		return nil, sim.Errorf("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.CallerARN, in.Get("RoleArn")).WithStatus(http.StatusForbidden)
	}
	id, longest, known := s.roles.Role(account, name)
	if !known {
		id, longest = s.idOf(account, name), roleLongest
	}
	if temporary(c) {
		longest = min(longest, chainLongest)
	}
	lasts, err := duration(in, roleDefault, longest)
	if err != nil {
		return nil, err
	}
	session := Session{Account: account, ARN: "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + sessionName, UserID: id + ":" + sessionName}
	return struct {
		Credentials     credentials
		AssumedRoleUser struct{ AssumedRoleId, Arn string }
		SourceIdentity  string `xml:",omitempty"`
	}{s.issue(session, lasts), struct{ AssumedRoleId, Arn string }{session.UserID, session.ARN}, in.Get("SourceIdentity")}, nil
}

// idOf gives a role that IAM does not know the unique id that its earlier sessions had, or a new one.
func (s *Service) idOf(account, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		if strings.HasPrefix(session.ARN, "arn:aws:sts::"+account+":assumed-role/"+name+"/") {
			id, _, _ := strings.Cut(session.UserID, ":")
			return id
		}
	}
	return "AROA" + s.world.Key(17)
}

// parseRole takes arn:aws:iam::ACCOUNT:role/PATH/NAME apart.
func parseRole(arn string) (account, name string, err error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" && sim.IsAccount(parts[4]) {
		if path, ok := strings.CutPrefix(parts[5], "role/"); ok {
			if name = path[strings.LastIndexByte(path, '/')+1:]; name != "" {
				return parts[4], name, nil
			}
		}
	}
	return "", "", sim.Errorf("ValidationError", "%s is invalid", arn)
}

// checkSessionName checks 2 to 64 of [\w+=,.@-].
func checkSessionName(name string) error {
	if !sim.IsName(name) || len(name) < 2 || len(name) > 64 {
		return sim.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}", name)
	}
	return nil
}

func (s *Service) getSessionToken(c *sim.Call, in url.Values) (any, error) {
	if temporary(c) {
		return nil, sim.Errorf("AccessDenied", "Cannot call GetSessionToken with session credentials").WithStatus(http.StatusForbidden)
	}
	byDefault, longest := userDefault, userLongest
	if strings.HasSuffix(c.CallerARN, ":root") {
		byDefault, longest = rootLongest, rootLongest
	}
	lasts, err := duration(in, byDefault, longest)
	if err != nil {
		return nil, err
	}
	return struct{ Credentials credentials }{s.issue(Session{Account: c.Account, ARN: c.CallerARN, UserID: c.Account}, lasts)}, nil
}
