package iam

import (
	"net/url"
	"slices"
	"strings"
)

// attachedPerRole is how many managed policies a role takes (IAM and STS quotas, default value).
const attachedPerRole = 10

func (s *Service) attachmentOps() map[string]op {
	return map[string]op{
		"AttachRolePolicy":            changeRole(attach),
		"DetachRolePolicy":            changeRole(detach),
		"ListAttachedRolePolicies":    onRole(listAttached),
		"ListEntitiesForPolicy":       onPolicy(listEntities),
		"ListInstanceProfilesForRole": onRole(listInstanceProfiles),
	}
}

func attach(a *account, r *role, in url.Values) (any, error) {
	arn := in.Get("PolicyArn")
	switch {
	case !strings.HasPrefix(arn, "arn:"):
		return nil, invalid("ARN %s is not valid.", arn)
	case !a.hasPolicy(arn):
		return nil, missing("Policy %s does not exist or is not attachable.", arn)
	case slices.Contains(r.Attached, arn):
		return nil, nil
	case len(r.Attached) >= attachedPerRole:
		return nil, limit("PoliciesPerRole", attachedPerRole)
	}
	r.Attached = append(r.Attached, arn)
	return nil, nil
}

func detach(_ *account, r *role, in url.Values) (any, error) {
	arn := in.Get("PolicyArn")
	i := slices.Index(r.Attached, arn)
	if i < 0 {
		return nil, missing("Policy %s was not found.", arn)
	}
	r.Attached = slices.Delete(r.Attached, i, i+1)
	return nil, nil
}

type attachedXML struct{ PolicyName, PolicyArn string }

func listAttached(a *account, r *role, in url.Values) (any, error) {
	var found []attachedXML
	for _, arn := range r.Attached {
		if p, ok := a.policy(arn); ok && strings.HasPrefix(p.Path, in.Get("PathPrefix")) {
			found = append(found, attachedXML{p.Name, arn})
		}
	}
	policies, info, err := page(in, found, func(x attachedXML) string { return x.PolicyName + x.PolicyArn })
	return struct {
		AttachedPolicies list[attachedXML]
		pageInfo
	}{policies, info}, err
}

type entityXML struct {
	RoleName string
	RoleId   string
}

// listEntities answers with roles only: the drill cloud has no users or groups that a policy could be attached to.
func listEntities(a *account, p *policy, in url.Values) (any, error) {
	kind, usage := in.Get("EntityFilter"), in.Get("PolicyUsageFilter")
	var found []entityXML
	for _, r := range a.Roles {
		uses := slices.Contains(r.Attached, p.ARN) && usage != "PermissionsBoundary" || r.Boundary == p.ARN && usage != "PermissionsPolicy"
		if uses && (kind == "" || kind == "Role") && strings.HasPrefix(r.Path, in.Get("PathPrefix")) {
			found = append(found, entityXML{r.Name, r.ID})
		}
	}
	roles, info, err := page(in, found, func(x entityXML) string { return x.RoleName })
	return struct {
		PolicyGroups, PolicyUsers list[string]
		PolicyRoles               list[entityXML]
		pageInfo
	}{PolicyRoles: roles, pageInfo: info}, err
}

// listInstanceProfiles is empty for every role: the drill cloud has no instances.
func listInstanceProfiles(_ *account, _ *role, in url.Values) (any, error) {
	none, info, err := page(in, nil, func(s string) string { return s })
	return struct {
		InstanceProfiles list[string]
		pageInfo
	}{none, info}, err
}
