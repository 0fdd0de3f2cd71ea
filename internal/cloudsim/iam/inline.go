package iam

import (
	"maps"
	"net/url"
	"slices"
)

// inlinePerRole bounds the inline policies of one role together (IAM and STS quotas), in characters without white space.
const inlinePerRole = 10240

func (s *Service) inlineOps() map[string]op {
	return map[string]op{
		"PutRolePolicy":    changeRole(putInline),
		"GetRolePolicy":    onRole(getInline),
		"ListRolePolicies": onRole(listInline),
		"DeleteRolePolicy": changeRole(deleteInline),
	}
}

func putInline(_ *account, r *role, in url.Values) (any, error) {
	name, doc := in.Get("PolicyName"), in.Get("PolicyDocument")
	if err := checkName("policyName", name, 128); err != nil {
		return nil, err
	}
	if err := checkDocument(doc, false); err != nil {
		return nil, err
	}
	total := size(doc)
	for other, d := range r.Inline {
		if other != name {
			total += size(d)
		}
	}
	if total > inlinePerRole {
		return nil, conflict("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", inlinePerRole, r.Name)
	}
	if r.Inline == nil {
		r.Inline = map[string]string{}
	}
	r.Inline[name] = doc
	return nil, nil
}

func (r *role) inline(in url.Values) (name, doc string, err error) {
	name = in.Get("PolicyName")
	doc, ok := r.Inline[name]
	if !ok {
		return "", "", missing("The role policy with name %s cannot be found.", name)
	}
	return name, doc, nil
}

func getInline(_ *account, r *role, in url.Values) (any, error) {
	name, doc, err := r.inline(in)
	return struct{ RoleName, PolicyName, PolicyDocument string }{r.Name, name, encoded(doc)}, err
}

func listInline(_ *account, r *role, in url.Values) (any, error) {
	names, info, err := page(in, slices.Collect(maps.Keys(r.Inline)), func(n string) string { return n })
	return struct {
		PolicyNames list[string]
		pageInfo
	}{names, info}, err
}

func deleteInline(_ *account, r *role, in url.Values) (any, error) {
	name, _, err := r.inline(in)
	if err != nil {
		return nil, err
	}
	delete(r.Inline, name)
	return nil, nil
}
