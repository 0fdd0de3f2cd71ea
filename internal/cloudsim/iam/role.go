package iam

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Quotas of an account (IAM and STS quotas, default values).
const (
	rolesPerAccount = 1000
	trustPolicySize = 2048
	defaultSession  = 3600  // seconds
	longestSession  = 43200 // seconds
	longestRoleName = 64
)

// role is a role with its policies.
type role struct {
	Name        string            `json:"name"`
	Path        string            `json:"path"`
	ID          string            `json:"id"`
	ARN         string            `json:"arn"`
	Created     time.Time         `json:"created"`
	Trust       string            `json:"trust"`
	Description string            `json:"description,omitempty"`
	MaxSession  int               `json:"max_session_s"`
	Boundary    string            `json:"boundary,omitempty"` // ARN of the permissions boundary
	Tags        []tag             `json:"tags,omitempty"`
	Inline      map[string]string `json:"inline,omitempty"`   // policy name to document
	Attached    []string          `json:"attached,omitempty"` // ARNs of managed policies
}

// roleXML is the Role structure of the API.
type roleXML struct {
	Path                     string
	RoleName                 string
	RoleId                   string
	Arn                      string
	CreateDate               time.Time
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
	PermissionsBoundary      *boundaryXML `xml:",omitempty"`
	Tags                     *list[tag]   `xml:",omitempty"`
	RoleLastUsed             *struct{}    `xml:",omitempty"`
}

type boundaryXML struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

type roleResult struct{ Role roleXML }

// listed is a role as ListRoles shows it: without boundary, tags and last use.
func (r *role) listed() roleXML {
	return roleXML{
		Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: r.ARN, CreateDate: r.Created, AssumeRolePolicyDocument: encoded(r.Trust),
		Description: r.Description, MaxSessionDuration: r.MaxSession,
	}
}

// whole is a role as GetRole shows it.
func (r *role) whole() roleXML {
	x := r.listed()
	x.RoleLastUsed = &struct{}{}
	if r.Boundary != "" {
		x.PermissionsBoundary = &boundaryXML{"Policy", r.Boundary}
	}
	if len(r.Tags) > 0 {
		x.Tags = &list[tag]{r.Tags}
	}
	return x
}

func (s *Service) roleOps() map[string]op {
	return map[string]op{
		"CreateRole":                    s.createRole,
		"GetRole":                       onRole(func(_ *account, r *role, _ url.Values) (any, error) { return roleResult{r.whole()}, nil }),
		"ListRoles":                     listRoles,
		"DeleteRole":                    changeRole(deleteRole),
		"UpdateRole":                    changeRole(updateRole),
		"UpdateRoleDescription":         changeRole(updateRoleDescription),
		"UpdateAssumeRolePolicy":        changeRole(updateTrust),
		"PutRolePermissionsBoundary":    changeRole(putBoundary),
		"DeleteRolePermissionsBoundary": changeRole(func(_ *account, r *role, _ url.Values) (any, error) { r.Boundary = ""; return nil, nil }),
		"TagRole":                       changeRole(tagRole),
		"UntagRole":                     changeRole(func(_ *account, r *role, in url.Values) (any, error) { r.Tags = without(r.Tags, in); return nil, nil }),
		"ListRoleTags":                  onRole(listRoleTags),
	}
}

// onRole makes an op of a function of the role that RoleName names.
func onRole(f func(*account, *role, url.Values) (any, error)) op {
	return func(a *account, _ *sim.Call, in url.Values) (any, error) {
		r, err := a.role(in)
		if err != nil {
			return nil, err
		}
		return f(a, r, in)
	}
}

// changeRole is onRole for what changes a role: a service-linked one belongs to its service.
func changeRole(f func(*account, *role, url.Values) (any, error)) op {
	return onRole(func(a *account, r *role, in url.Values) (any, error) {
		if strings.HasPrefix(r.Path, serviceRolePath) {
			return nil, sim.Errorf("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
		}
		return f(a, r, in)
	})
}

func (a *account) role(in url.Values) (*role, error) {
	name := in.Get("RoleName")
	if err := checkName("roleName", name, longestRoleName); err != nil {
		return nil, err
	}
	r := a.Roles[strings.ToLower(name)]
	if r == nil {
		return nil, missing("The role with name %s cannot be found.", name)
	}
	return r, nil
}

func (s *Service) createRole(a *account, c *sim.Call, in url.Values) (any, error) {
	r := &role{Name: in.Get("RoleName"), Trust: in.Get("AssumeRolePolicyDocument"), Description: in.Get("Description"), MaxSession: defaultSession}
	path, err := pathOf(in)
	if err != nil {
		return nil, err
	}
	r.Path = path
	if err := checkName("roleName", r.Name, longestRoleName); err != nil {
		return nil, err
	}
	if err := r.setSession(in.Get("MaxSessionDuration")); err != nil {
		return nil, err
	}
	if err := checkTrust(r.Trust); err != nil {
		return nil, err
	}
	if r.Tags, err = tags(in); err != nil {
		return nil, err
	}
	if r.Boundary = in.Get("PermissionsBoundary"); r.Boundary != "" && !a.hasPolicy(r.Boundary) {
		return nil, missing("Scope ARN: %s does not exist or is not attachable.", r.Boundary)
	}
	if err := s.addRole(a, c.Account, r); err != nil {
		return nil, err
	}
	return roleResult{r.whole()}, nil
}

// addRole gives a role its identity and its place in the account.
func (s *Service) addRole(a *account, account string, r *role) error {
	key := strings.ToLower(r.Name)
	if a.Roles[key] != nil {
		return conflict("EntityAlreadyExists", "Role with name %s already exists.", r.Name)
	}
	if len(a.Roles) >= rolesPerAccount {
		return limit("RolesPerAccount", rolesPerAccount)
	}
	r.ID = "AROA" + s.world.Key(17)
	r.ARN = "arn:aws:iam::" + account + ":role" + r.Path + r.Name
	r.Created = s.world.Now().Truncate(time.Second)
	a.Roles[key] = r
	return nil
}

func checkTrust(doc string) error {
	if size(doc) > trustPolicySize {
		return limit("ACLSizePerRole", trustPolicySize)
	}
	return checkDocument(doc, true)
}

func (r *role) setSession(seconds string) error {
	if seconds == "" {
		return nil
	}
	n, err := strconv.Atoi(seconds)
	if err != nil || n < defaultSession || n > longestSession {
		return invalid("MaxSessionDuration is %d to %d seconds, not %q", defaultSession, longestSession, seconds)
	}
	r.MaxSession = n
	return nil
}

func listRoles(a *account, _ *sim.Call, in url.Values) (any, error) {
	var found []roleXML
	for r := range maps.Values(a.Roles) {
		if strings.HasPrefix(r.Path, in.Get("PathPrefix")) {
			found = append(found, r.listed())
		}
	}
	roles, info, err := page(in, found, func(r roleXML) string { return r.RoleName })
	return struct {
		Roles list[roleXML]
		pageInfo
	}{roles, info}, err
}

func deleteRole(a *account, r *role, _ url.Values) (any, error) {
	switch {
	case len(r.Attached) > 0:
		return nil, conflict("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(r.Inline) > 0:
		return nil, conflict("DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	delete(a.Roles, strings.ToLower(r.Name))
	return nil, nil
}

func updateRole(_ *account, r *role, in url.Values) (any, error) {
	if err := r.setSession(in.Get("MaxSessionDuration")); err != nil {
		return nil, err
	}
	if in.Has("Description") {
		r.Description = in.Get("Description")
	}
	return struct{}{}, nil
}

func updateRoleDescription(_ *account, r *role, in url.Values) (any, error) {
	r.Description = in.Get("Description")
	return roleResult{r.whole()}, nil
}

func updateTrust(_ *account, r *role, in url.Values) (any, error) {
	doc := in.Get("PolicyDocument")
	if err := checkTrust(doc); err != nil {
		return nil, err
	}
	r.Trust = doc
	return nil, nil
}

func putBoundary(a *account, r *role, in url.Values) (any, error) {
	arn := in.Get("PermissionsBoundary")
	if !a.hasPolicy(arn) {
		return nil, missing("Scope ARN: %s does not exist or is not attachable.", arn)
	}
	r.Boundary = arn
	return nil, nil
}

func tagRole(_ *account, r *role, in url.Values) (any, error) {
	more, err := tags(in)
	if err != nil {
		return nil, err
	}
	merged, err := merge(r.Tags, more)
	if err != nil {
		return nil, err
	}
	r.Tags = merged
	return nil, nil
}

func listRoleTags(_ *account, r *role, in url.Values) (any, error) {
	return tagPage(in, r.Tags)
}

func tagPage(in url.Values, all []tag) (any, error) {
	ts, info, err := page(in, slices.Clone(all), func(t tag) string { return t.Key })
	return struct {
		Tags list[tag]
		pageInfo
	}{ts, info}, err
}
