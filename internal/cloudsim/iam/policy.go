package iam

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Quotas of managed policies (IAM and STS quotas, default values).
const (
	policiesPerAccount = 1500
	policySize         = 6144
	versionsPerPolicy  = 5
)

// policy is a managed policy. One of AWS's own has no versions here.
type policy struct {
	Name        string    `json:"name"`
	Path        string    `json:"path"`
	ID          string    `json:"id"`
	ARN         string    `json:"arn"`
	Description string    `json:"description,omitempty"`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Default     string    `json:"default"` // id of the version in force
	Versions    []version `json:"versions"`
	Made        int       `json:"made"` // versions ever made: an id is never used twice
	Tags        []tag     `json:"tags,omitempty"`
}

func (s *Service) policyOps() map[string]op {
	return map[string]op{
		"CreatePolicy":   s.createPolicy,
		"GetPolicy":      onPolicy(func(a *account, p *policy, _ url.Values) (any, error) { return policyResult{a.whole(p)}, nil }),
		"ListPolicies":   listPolicies,
		"DeletePolicy":   changePolicy(deletePolicy),
		"TagPolicy":      changePolicy(tagPolicy),
		"UntagPolicy":    changePolicy(func(_ *account, p *policy, in url.Values) (any, error) { p.Tags = without(p.Tags, in); return nil, nil }),
		"ListPolicyTags": onPolicy(func(_ *account, p *policy, in url.Values) (any, error) { return tagPage(in, p.Tags) }),
	}
}

// onPolicy makes an op of a function of the policy that PolicyArn names.
func onPolicy(f func(*account, *policy, url.Values) (any, error)) op {
	return func(a *account, _ *sim.Call, in url.Values) (any, error) {
		arn := in.Get("PolicyArn")
		p, ok := a.policy(arn)
		if !ok {
			return nil, missing("Policy %s does not exist or is not attachable.", arn)
		}
		return f(a, p, in)
	}
}

// changePolicy is onPolicy for what changes a policy: AWS's own cannot be changed.
func changePolicy(f func(*account, *policy, url.Values) (any, error)) op {
	return onPolicy(func(a *account, p *policy, in url.Values) (any, error) {
		if strings.HasPrefix(p.ARN, managedPrefix) {
			return nil, sim.Errorf("AccessDenied", "%s is managed by AWS and cannot be changed", p.ARN).WithStatus(http.StatusForbidden)
		}
		return f(a, p, in)
	})
}

func (a *account) policy(arn string) (*policy, bool) {
	if p := a.Policies[arn]; p != nil {
		return p, true
	}
	return managed(arn)
}

func (a *account) hasPolicy(arn string) bool {
	_, ok := a.policy(arn)
	return ok
}

func (s *Service) createPolicy(a *account, c *sim.Call, in url.Values) (any, error) {
	now := s.world.Now().Truncate(time.Second)
	p := &policy{Name: in.Get("PolicyName"), Description: in.Get("Description"), Created: now}
	if err := checkName("policyName", p.Name, 128); err != nil {
		return nil, err
	}
	var err error
	if p.Path, err = pathOf(in); err != nil {
		return nil, err
	}
	if p.Tags, err = tags(in); err != nil {
		return nil, err
	}
	for _, other := range a.Policies {
		if strings.EqualFold(other.Name, p.Name) {
			return nil, conflict("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", p.Name)
		}
	}
	if len(a.Policies) >= policiesPerAccount {
		return nil, limit("PoliciesPerAccount", policiesPerAccount)
	}
	if err := p.add(in.Get("PolicyDocument"), true, now); err != nil {
		return nil, err
	}
	p.ID = "ANPA" + s.world.Key(17)
	p.ARN = "arn:aws:iam::" + c.Account + ":policy" + p.Path + p.Name
	a.Policies[p.ARN] = p
	return policyResult{a.whole(p)}, nil
}

func listPolicies(a *account, _ *sim.Call, in url.Values) (any, error) {
	var all []*policy
	scope := in.Get("Scope")
	if scope != "AWS" {
		all = slices.AppendSeq(all, maps.Values(a.Policies))
	}
	if scope != "Local" {
		all = slices.AppendSeq(all, allManaged())
	}
	var found []policyXML
	for _, p := range all {
		x := a.listed(p)
		if strings.HasPrefix(p.Path, in.Get("PathPrefix")) && (in.Get("OnlyAttached") != "true" || x.AttachmentCount > 0) {
			found = append(found, x)
		}
	}
	policies, info, err := page(in, found, func(p policyXML) string { return p.Arn })
	return struct {
		Policies list[policyXML]
		pageInfo
	}{policies, info}, err
}

func deletePolicy(a *account, p *policy, _ url.Values) (any, error) {
	if x := a.listed(p); x.AttachmentCount+x.PermissionsBoundaryUsageCount > 0 {
		return nil, conflict("DeleteConflict", "Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		return nil, conflict("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	delete(a.Policies, p.ARN)
	return nil, nil
}

func tagPolicy(_ *account, p *policy, in url.Values) (any, error) {
	more, err := tags(in)
	if err != nil {
		return nil, err
	}
	merged, err := merge(p.Tags, more)
	if err != nil {
		return nil, err
	}
	p.Tags = merged
	return nil, nil
}
