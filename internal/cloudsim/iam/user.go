package iam

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Quotas of users (IAM and STS quotas).
const (
	usersPerAccount = 5000
	keysPerUser     = 2
	longestUserName = 64
)

// user is an IAM user with access keys, which select the account while they are active.
type user struct {
	Name    string      `json:"name"`
	Path    string      `json:"path"`
	ID      string      `json:"id"`
	ARN     string      `json:"arn"`
	Created time.Time   `json:"created"`
	Keys    []accessKey `json:"keys,omitempty"`
	Tags    []tag       `json:"tags,omitempty"`
}

// accessKey is an access key without its secret, which is told once and not kept.
type accessKey struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"` // Active or Inactive
	Created time.Time `json:"created"`
}

// userXML is the User structure of the API.
type userXML struct {
	Path       string `xml:",omitempty"`
	UserName   string `xml:",omitempty"`
	UserId     string
	Arn        string
	CreateDate *time.Time
	Tags       *list[tag] `xml:",omitempty"`
}

type userResult struct{ User userXML }

// keyXML is the AccessKey or AccessKeyMetadata structure of the API.
type keyXML struct {
	UserName        string
	AccessKeyId     string
	Status          string
	SecretAccessKey string `xml:",omitempty"`
	CreateDate      time.Time
}

func (u *user) xml() userXML {
	return userXML{Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: u.ARN, CreateDate: &u.Created}
}

// whole is the user with its tags, which lists leave out.
func (u *user) whole() userXML {
	x := u.xml()
	if len(u.Tags) > 0 {
		x.Tags = &list[tag]{u.Tags}
	}
	return x
}

// Key tells of an access key that CreateAccessKey made: the ARN of the user that it is of, and whether it was switched off or deleted.
func (s *Service) Key(account, id string) (userARN string, off bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[account]
	if a == nil {
		return "", false
	}
	for _, u := range a.Users {
		for _, k := range u.Keys {
			if k.ID == id {
				return u.ARN, k.Status == "Inactive"
			}
		}
	}
	return "", slices.Contains(a.DeadKeys, id)
}

func (s *Service) userOps() map[string]op {
	return map[string]op{
		"CreateUser":      s.createUser,
		"DeleteUser":      onUser(deleteUser),
		"GetUser":         getUser,
		"ListUsers":       listUsers,
		"CreateAccessKey": func(a *account, c *sim.Call, in url.Values) (any, error) { return s.createKey(a, c, in) },
		"DeleteAccessKey": onUser(deleteKey),
		"ListAccessKeys":  onUser(listKeys),
		"UpdateAccessKey": onUser(updateKey),
		"TagUser":         onUser(tagUser),
		"UntagUser":       onUser(func(_ *account, u *user, in url.Values) (any, error) { u.Tags = without(u.Tags, in); return nil, nil }),
		"ListUserTags":    onUser(func(_ *account, u *user, in url.Values) (any, error) { return tagPage(in, u.Tags) }),
	}
}

// onUser makes an op of a function of the user that UserName names.
func onUser(f func(*account, *user, url.Values) (any, error)) op {
	return func(a *account, _ *sim.Call, in url.Values) (any, error) {
		u, err := a.user(in)
		if err != nil {
			return nil, err
		}
		return f(a, u, in)
	}
}

func (a *account) user(in url.Values) (*user, error) {
	name := in.Get("UserName")
	if err := checkName("userName", name, longestUserName); err != nil {
		return nil, err
	}
	if u := a.Users[strings.ToLower(name)]; u != nil {
		return u, nil
	}
	return nil, missing("The user with name %s cannot be found.", name)
}

func (s *Service) createUser(a *account, c *sim.Call, in url.Values) (any, error) {
	path, err := pathOf(in)
	if err != nil {
		return nil, err
	}
	u := &user{Name: in.Get("UserName"), Path: path, Created: s.world.Now().Truncate(time.Second)}
	if err := checkName("userName", u.Name, longestUserName); err != nil {
		return nil, err
	}
	key := strings.ToLower(u.Name)
	switch {
	case a.Users[key] != nil:
		return nil, conflict("EntityAlreadyExists", "User with name %s already exists.", u.Name)
	case len(a.Users) >= usersPerAccount:
		return nil, limit("UsersPerAccount", usersPerAccount)
	case in.Has("PermissionsBoundary"):
		return nil, invalid("the drill cloud's users have no permissions boundaries")
	}
	if u.Tags, err = tags(in); err != nil {
		return nil, err
	}
	u.ID, u.ARN = "AIDA"+s.world.Key(17), "arn:aws:iam::"+c.Account+":user"+path+u.Name
	if a.Users == nil {
		a.Users = map[string]*user{}
	}
	a.Users[key] = u
	return userResult{u.whole()}, nil
}

func tagUser(_ *account, u *user, in url.Values) (any, error) {
	more, err := tags(in)
	if err != nil {
		return nil, err
	}
	merged, err := merge(u.Tags, more)
	if err == nil {
		u.Tags = merged
	}
	return nil, err
}

func deleteUser(a *account, u *user, _ url.Values) (any, error) {
	if len(u.Keys) > 0 {
		return nil, conflict("DeleteConflict", "Cannot delete entity, must delete access keys first.")
	}
	delete(a.Users, strings.ToLower(u.Name))
	return nil, nil
}

// getUser finds a user, or without a name the root user, who is who calls.
func getUser(a *account, c *sim.Call, in url.Values) (any, error) {
	if in.Get("UserName") != "" {
		return onUser(func(_ *account, u *user, _ url.Values) (any, error) { return userResult{u.whole()}, nil })(a, c, in)
	}
	if !strings.HasSuffix(c.CallerARN, ":root") {
		return nil, invalid("Must specify userName when calling with non-User credentials")
	}
	return userResult{userXML{UserId: c.Account, Arn: c.CallerARN}}, nil
}

func listUsers(a *account, _ *sim.Call, in url.Values) (any, error) {
	var found []userXML
	for u := range maps.Values(a.Users) {
		if strings.HasPrefix(u.Path, in.Get("PathPrefix")) {
			found = append(found, u.xml())
		}
	}
	part, info, err := page(in, found, func(u userXML) string { return u.UserName })
	return struct {
		Users list[userXML]
		pageInfo
	}{part, info}, err
}

func (s *Service) createKey(a *account, c *sim.Call, in url.Values) (any, error) {
	u, err := a.user(in)
	if err != nil {
		return nil, err
	}
	if len(u.Keys) >= keysPerUser {
		return nil, limit("AccessKeysPerUser", keysPerUser)
	}
	k := accessKey{ID: "AKIA" + s.world.Key(4) + c.Account, Status: "Active", Created: s.world.Now().Truncate(time.Second)}
	u.Keys = append(u.Keys, k)
	return struct{ AccessKey keyXML }{keyXML{u.Name, k.ID, k.Status, k.ID, k.Created}}, nil // a key's secret is its id: see cloudsim
}

func listKeys(_ *account, u *user, in url.Values) (any, error) {
	var found []keyXML
	for _, k := range u.Keys {
		found = append(found, keyXML{UserName: u.Name, AccessKeyId: k.ID, Status: k.Status, CreateDate: k.Created})
	}
	part, info, err := page(in, found, func(k keyXML) string { return k.AccessKeyId })
	return struct {
		AccessKeyMetadata list[keyXML]
		pageInfo
	}{part, info}, err
}

// key is the place of the key that AccessKeyId names.
func (u *user) key(in url.Values) (int, error) {
	i := slices.IndexFunc(u.Keys, func(k accessKey) bool { return k.ID == in.Get("AccessKeyId") })
	if i < 0 {
		return 0, missing("The Access Key with id %s cannot be found.", in.Get("AccessKeyId"))
	}
	return i, nil
}

func updateKey(_ *account, u *user, in url.Values) (any, error) {
	i, err := u.key(in)
	status := in.Get("Status")
	if err == nil && status != "Active" && status != "Inactive" {
		err = invalid("Status is Active or Inactive, not %q", status)
	}
	if err == nil {
		u.Keys[i].Status = status
	}
	return nil, err
}

func deleteKey(a *account, u *user, in url.Values) (any, error) {
	i, err := u.key(in)
	if err == nil {
		a.DeadKeys = append(a.DeadKeys, u.Keys[i].ID)
		u.Keys = slices.Delete(u.Keys, i, i+1)
	}
	return nil, err
}
