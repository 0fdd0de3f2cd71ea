package iam

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// version is one document of a managed policy.
type version struct {
	ID       string    `json:"id"` // v1, v2...
	Document string    `json:"document"`
	Created  time.Time `json:"created"`
}

// versionXML is the PolicyVersion structure of the API.
type versionXML struct {
	Document         string `xml:",omitempty"`
	VersionId        string
	IsDefaultVersion bool
	CreateDate       time.Time
}

type versionResult struct{ PolicyVersion versionXML }

// xml is a version as lists and CreatePolicyVersion show it: without its document.
func (v *version) xml(p *policy) versionXML {
	return versionXML{VersionId: v.ID, IsDefaultVersion: v.ID == p.Default, CreateDate: v.Created}
}

// add makes a document the newest version of the policy.
func (p *policy) add(doc string, inForce bool, now time.Time) error {
	if size(doc) > policySize {
		return limit("PolicySize", policySize)
	}
	if err := checkDocument(doc, false); err != nil {
		return err
	}
	if len(p.Versions) >= versionsPerPolicy {
		return conflict("LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", versionsPerPolicy)
	}
	p.Made++
	v := version{ID: "v" + strconv.Itoa(p.Made), Document: doc, Created: now}
	p.Versions = append(p.Versions, v)
	p.Updated = now
	if inForce {
		p.Default = v.ID
	}
	return nil
}

// version finds the version that VersionId names.
func (p *policy) version(in url.Values) (*version, error) {
	id := in.Get("VersionId")
	i := slices.IndexFunc(p.Versions, func(v version) bool { return v.ID == id })
	switch {
	case i >= 0:
		return &p.Versions[i], nil
	case strings.HasPrefix(p.ARN, managedPrefix) && id == p.Default:
		return nil, sim.Errorf("UnknownOperationException", "the drill cloud does not hold the documents of AWS-managed policies such as %s", p.ARN)
	}
	return nil, missing("Policy %s version %s does not exist or is not attachable.", p.ARN, id)
}

func (s *Service) versionOps() map[string]op {
	return map[string]op{
		"CreatePolicyVersion":     changePolicy(s.createVersion),
		"GetPolicyVersion":        onPolicy(getVersion),
		"ListPolicyVersions":      onPolicy(listVersions),
		"DeletePolicyVersion":     changePolicy(deleteVersion),
		"SetDefaultPolicyVersion": changePolicy(s.setDefaultVersion),
	}
}

func (s *Service) createVersion(_ *account, p *policy, in url.Values) (any, error) {
	if err := p.add(in.Get("PolicyDocument"), in.Get("SetAsDefault") == "true", s.world.Now().Truncate(time.Second)); err != nil {
		return nil, err
	}
	return versionResult{p.Versions[len(p.Versions)-1].xml(p)}, nil
}

func getVersion(_ *account, p *policy, in url.Values) (any, error) {
	v, err := p.version(in)
	if err != nil {
		return nil, err
	}
	x := v.xml(p)
	x.Document = encoded(v.Document)
	return versionResult{x}, nil
}

func listVersions(_ *account, p *policy, in url.Values) (any, error) {
	var all []versionXML
	for i := range p.Versions {
		all = append(all, p.Versions[i].xml(p))
	}
	if len(all) == 0 { // one of AWS's own
		all = append(all, versionXML{VersionId: p.Default, IsDefaultVersion: true, CreateDate: p.Updated})
	}
	versions, info, err := page(in, all, func(v versionXML) string { return v.CreateDate.Format(time.RFC3339) + v.VersionId })
	return struct {
		Versions list[versionXML]
		pageInfo
	}{versions, info}, err
}

func deleteVersion(_ *account, p *policy, in url.Values) (any, error) {
	v, err := p.version(in)
	if err != nil {
		return nil, err
	}
	if v.ID == p.Default {
		return nil, conflict("DeleteConflict", "Cannot delete the default version of a policy.")
	}
	id := v.ID
	p.Versions = slices.DeleteFunc(p.Versions, func(v version) bool { return v.ID == id })
	return nil, nil
}

func (s *Service) setDefaultVersion(_ *account, p *policy, in url.Values) (any, error) {
	v, err := p.version(in)
	if err != nil {
		return nil, err
	}
	p.Default = v.ID
	p.Updated = s.world.Now().Truncate(time.Second)
	return nil, nil
}
