package check

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// quotaType is the type of resource that a quota counts.
func quotaType(name string) string {
	switch name {
	case QuotaTables:
		return "aws_dynamodb_table"
	case QuotaKeys:
		return "aws_kms_key"
	case QuotaNetworks:
		return "aws_vpc"
	case QuotaAddresses:
		return "aws_eip"
	}
	return ""
}

// quotaQuestions ask for room for what the stacks make. What modules make that are not in the tree is not known.
func (t *tree) quotaQuestions(site *plan.Site) []Question {
	var out []Question
	for _, name := range []string{QuotaTables, QuotaKeys, QuotaNetworks, QuotaAddresses} {
		wanted, steps := false, []string{}
		t.applied(func(_ *survey.Stack, _ *survey.Resource, p *plan.Stack) {
			wanted, steps = true, append(steps, "stack/"+p.Name)
		}, quotaType(name))
		if wanted {
			out = append(out, Question{Topic: AskQuota, Site: site, Name: name, address: "site." + site.Name, at: site.Range, steps: steps})
		}
	}
	return out
}

// certificateQuestions ask for what the code looks up or makes, where its provider works.
func (t *tree) certificateQuestions(site *plan.Site) []Question {
	var out []Question
	ask := func(key string) func(*survey.Stack, *survey.Resource) {
		return func(s *survey.Stack, r *survey.Resource) {
			for _, p := range t.planned[s.Name] {
				for _, q := range t.named(AskCertificate, site, s, r, p, r.Body.Get(key)) {
					if q.Area, _ = t.name(r.Region, site, p); q.Area == "" && r.Region != nil {
						q.cannot = "the region of its provider is not known before the recovery"
					}
					q.Looked = r.Mode == survey.Data
					out = append(out, q.foreign(s, r))
				}
			}
		}
	}
	t.resources(survey.Data, ask("domain"), "aws_acm_certificate")
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if r.Body.Get("private_key").IsNull() {
			ask("domain_name")(s, r)
		}
	}, "aws_acm_certificate")
	return out
}

// zoneQuestions ask for the zones that the code looks up by name.
func (t *tree) zoneQuestions(site *plan.Site) []Question {
	var out []Question
	t.resources(survey.Data, func(s *survey.Stack, r *survey.Resource) {
		for _, p := range t.planned[s.Name] {
			for _, q := range t.named(AskZone, site, s, r, p, r.Body.Get("name")) {
				out = append(out, q.foreign(s, r))
			}
		}
	}, "aws_route53_zone")
	return out
}

// foreign tells that a question cannot be asked with the site's credentials, where the resource's provider takes a role of its own.
func (q Question) foreign(s *survey.Stack, r *survey.Resource) Question {
	name, alias, _ := strings.Cut(r.Provider, ".")
	for _, p := range s.Providers {
		if p.Name == name && p.Alias == alias && p.Module == "" && p.Body.Get("assume_role") != nil {
			q.cannot = "provider " + r.Provider + " takes a role of its own, which the site's credentials are not asked to take"
		}
	}
	return q
}

// roleQuestion asks for API Gateway's role where the code logs and no stack gives the account one.
func (t *tree) roleQuestion(site *plan.Site) []Question {
	var out []Question
	t.logging(func(s *survey.Stack, r *survey.Resource) {
		if steps := t.steps(s.Name); len(out) == 0 && len(steps) > 0 {
			out = append(out, Question{Topic: AskAPIRole, Site: site, Name: "of API Gateway's logs", stack: s.Name, address: r.Address, at: r.At.Range(), steps: steps})
		}
	})
	return out
}
