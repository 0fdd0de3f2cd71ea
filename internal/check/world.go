package check

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func worldRules() []*Rule {
	faultIsolation := "https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html"
	return []*Rule{
		{
			ID: "LB801", Title: "A certificate is made during the recovery", Weights: away(Medium), find: (*tree).certificates,
			Why:    "It must be validated before anything can use it. An apply hung on that for 45 minutes.",
			Fix:    "Have certificates issued at the standby today, in a stack of their own that the recovery only reads.",
			Source: "field notes N7 (tpa#9338)", Links: []string{issue("tpa#9338"), "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"},
		},
		{
			ID: "LB802", Title: "Health checks and their alarms live in us-east-1", Weights: region(Low), find: (*tree).health,
			Why:    "Their metrics are in us-east-1 only, whatever the application's region is: an alarm was overwritten by the recovery of another region, and an outage there blinds it.",
			Fix:    "Keep them in a stack of their own, with names that differ by site, outside of the recovery's critical path.",
			Source: "field notes section 5 and N8; Route 53 Developer Guide, Monitoring health checks", Links: []string{"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html"},
		},
		{
			ID: "LB803", Title: "A stack writes to a control plane in us-east-1", Weights: region(Low), find: (*tree).controlPlanes,
			Why:    "IAM, Route 53 and CloudFront are changed in us-east-1, from everywhere. That region was impaired for about 15 hours in October 2025; what must be changed there waits.",
			Fix:    "Have roles, zones and distributions of the standby made before: apply a stack of them there today.",
			Source: "field notes N8; AWS Fault Isolation Boundaries, Global services", Links: []string{faultIsolation},
		},
		{
			ID: "LB804", Title: "A record is written into a zone that this code only reads", Weights: away(Medium), find: (*tree).records,
			Why:    "The zone may be in another account, which the recovery account cannot write. Where it can, the record moved traffic in the first step, before anything worked.",
			Fix:    "Move the record into a stack that comes last, after a verify step, and make sure that the recovery account may write the zone.",
			Source: "field notes N6 (terraform-aws-apigateway-v2#106), and section 5", Links: []string{"https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/106"},
		},
	}
}

func (t *tree) certificates() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if r.Body.Get("private_key").IsNull() {
			t.add(at(s, r))
		}
	}, "aws_acm_certificate")
}

func (t *tree) health() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		switch ns, _ := r.Body.Get("namespace").Str(); {
		case r.Type == "aws_route53_health_check", ns == "AWS/Route53", ns == "AWS/CloudFront", ns == "AWS/Billing":
			t.add(at(s, r))
		}
	}, "aws_route53_health_check", "aws_cloudwatch_metric_alarm")
}

// global tells whether resources of the type are changed through a control plane in us-east-1 (AWS Fault Isolation Boundaries, appendix A).
func global(typ string) bool {
	for _, prefix := range []string{"aws_iam_", "aws_route53_", "aws_cloudfront_", "aws_globalaccelerator_", "aws_organizations_", "aws_shield_"} {
		if strings.HasPrefix(typ, prefix) {
			return !strings.HasPrefix(typ, "aws_route53_resolver_") && !strings.HasPrefix(typ, "aws_route53_profiles_")
		}
	}
	return false
}

func (t *tree) controlPlanes() {
	for _, s := range t.inv.Stacks {
		var own, inner hit
		for _, r := range s.Resources {
			if r.Mode != survey.Managed || !global(r.Type) {
				continue
			}
			if r.Module == "" {
				own.first(r.At, r.Address)
			} else {
				inner.first(r.At, r.Address)
			}
		}
		if own.at.File == nil {
			own = inner
		}
		if own.stack = s.Name; own.at.File != nil {
			t.add(own)
		}
	}
}

func (t *tree) records() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if differs(r.Body.Get("zone_id"), "data.aws_route53_zone.") {
			t.add(at(s, r))
		}
	}, "aws_route53_record")
}
