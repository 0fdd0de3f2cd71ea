package iam

import (
	"slices"
	"time"
)

// policyXML is the Policy structure of the API.
type policyXML struct {
	PolicyName                    string
	PolicyId                      string
	Arn                           string
	Path                          string
	DefaultVersionId              string
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `xml:",omitempty"`
	CreateDate                    time.Time
	UpdateDate                    time.Time
	Tags                          *list[tag] `xml:",omitempty"`
}

type policyResult struct{ Policy policyXML }

// listed is a policy as ListPolicies shows it: without description and tags.
func (a *account) listed(p *policy) policyXML {
	x := policyXML{
		PolicyName: p.Name, PolicyId: p.ID, Arn: p.ARN, Path: p.Path, DefaultVersionId: p.Default, IsAttachable: true,
		CreateDate: p.Created, UpdateDate: p.Updated,
	}
	for _, r := range a.Roles {
		if slices.Contains(r.Attached, p.ARN) {
			x.AttachmentCount++
		}
		if r.Boundary == p.ARN {
			x.PermissionsBoundaryUsageCount++
		}
	}
	return x
}

// whole is a policy as GetPolicy shows it.
func (a *account) whole(p *policy) policyXML {
	x := a.listed(p)
	x.Description = p.Description
	if len(p.Tags) > 0 {
		x.Tags = &list[tag]{p.Tags}
	}
	return x
}
