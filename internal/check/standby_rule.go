package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// standbyRules judge whether a site has room and the things around an application that an apply takes for granted.
func standbyRules() []*Rule {
	return live([]*Rule{
		{
			ID: "LB452", Title: "A quota is too small for what the stacks make", Weights: away(High), asks: AskQuota, find: (*tree).room,
			Why:    "A region of an account begins with five VPCs and five elastic addresses. The apply stops where the quota is reached, and an increase takes hours or days.",
			Fix:    "Ask for an increase at the standby today (Service Quotas), or delete there what nobody needs.",
			Source: "field notes Q2; Service Quotas of DynamoDB, KMS, VPC and EC2", Links: []string{"https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html", "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"},
		},
		{
			ID: "LB453", Title: "The account has no role for API Gateway's logs", Weights: away(High), asks: AskAPIRole, find: (*tree).roleless,
			Why:    "Logging was switched on for an API whose new account has no CloudWatch role. AWS refuses that; emulators do not. It is a setting of the account and region that no stack of the application owned.",
			Fix:    "Have one stack own aws_api_gateway_account for the account and region, or set it once by hand: apigateway update-account.",
			Source: "field notes section 5; API Gateway Developer Guide, Set up CloudWatch logging", Links: []string{"https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"},
		},
		{
			ID: "LB552", Title: "An image is none that its function can run", Weights: all(High), asks: AskProcessor, find: (*tree).misbuilt,
			Why:    "An image for another processor makes a function that fails at its first call. An index of several images, as docker buildx writes one for an attestation too, is refused: the image manifest is not supported.",
			Fix:    "Set the function's architectures to what the image is built for, or build the image anew; with docker buildx, for one platform and with --provenance=false.",
			Source: "field notes I5; Lambda Developer Guide, Create a Lambda function using a container image", Links: []string{"https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"},
		},
		{
			ID: "LB653", Title: "A table is set otherwise than its code says", Weights: all(Medium), asks: AskSettings, find: (*tree).unwritten,
			Why:    "Somebody set it by hand. A restore brings back neither time to live nor the stream, deletion protection or auto scaling, and the code does not know them: data piles up, readers of the stream starve, or writes are throttled.",
			Fix:    "Write it into the resource.",
			Source: "field notes D3; DynamoDB API Reference, RestoreTableToPointInTime", Links: []string{"https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html"},
		},
		{
			ID: "LB851", Title: "A certificate is not issued", Weights: away(High), asks: AskCertificate, find: (*tree).unissued,
			Why:    "What uses it cannot be made before it is validated. An apply hung on that for 45 minutes; one that only looks it up fails at once.",
			Fix:    "Request and validate it at the standby today. CloudFront takes its certificates from us-east-1.",
			Source: "field notes N7 (tpa#9338)", Links: []string{issue("tpa#9338"), "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"},
		},
		{
			ID: "LB852", Title: "The DNS zone is not in the account", Weights: away(High), asks: AskZone, find: (*tree).zoneless,
			Why:    "The code looks the zone up and writes records into it. The recovery account has none of that name: the lookup fails, and the names of the application keep pointing to the lost site.",
			Fix:    "Give the provider of these records a role in the zone's account, which must not be the lost one, or move the records into a manual step.",
			Source: "field notes N6 (terraform-aws-apigateway-v2#106)", Links: []string{"https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/106"},
		},
	})
}

// room compares what there may be with what there is and what the stacks make. Things with names that are there already are the stacks' own.
func (t *tree) room() {
	t.facts(AskQuota, func(f Fact) {
		wanted := 0
		t.applied(func(s *survey.Stack, r *survey.Resource, p *plan.Stack) {
			name, known := t.name(r.Body.Get("name"), f.Site, p)
			if len(r.Instances) != 1 || !known || !slices.Contains(f.Names, name) {
				wanted += len(r.Instances)
			}
		}, quotaType(f.Name))
		if wanted == 0 || f.Used+wanted <= f.Limit {
			return
		}
		w, but := t.rule.Weights, ""
		if wanted <= f.Limit && f.Name != QuotaTables {
			w, but = away(Medium), ", unless some of those are theirs from before"
		}
		if in := t.away(f.Site); len(in) > 0 {
			t.add(hit{rng: f.at, address: f.address, steps: f.steps, inPlan: in, weights: &w, title: fmt.Sprintf("Site %s has %d of %d %s, and the stacks make %d more%s", f.Site.Name, f.Used, f.Limit, f.Name, wanted, but)})
		}
	})
}

func (t *tree) roleless() {
	t.facts(AskAPIRole, func(f Fact) {
		if !f.There {
			t.fact(f, t.away(f.Site), fmt.Sprintf("%s logs, and the account of site %s has no role for API Gateway's logs in %s", f.address, f.Site.Name, f.Site.Region))
		}
	})
}

// unwritten compares a table with its resource.
func (t *tree) unwritten() {
	scaled := t.scaled()
	t.facts(AskSettings, func(f Fact) {
		r := t.resource(f.stack, f.address)
		if r == nil || !f.There {
			return
		}
		var set []string
		for _, x := range []struct {
			is   bool
			name string
			code *survey.Value
		}{
			{f.TimeLimit != "", "time to live (" + f.TimeLimit + ")", r.Body.Get("ttl", "enabled")},
			{f.Stream, "a stream", r.Body.Get("stream_enabled")},
			{f.Protected, "deletion protection", r.Body.Get("deletion_protection_enabled")},
		} {
			if on, known := x.code.Bool(); x.is && !on && (known || x.code.IsNull()) {
				set = append(set, x.name)
			}
		}
		if f.Scaled && !scaled(r) {
			set = append(set, "auto scaling")
		}
		if len(set) > 0 {
			t.fact(f, t.concerned(f.Site, t.rule), fmt.Sprintf("Table %s at %s has what its code does not give it: %s", f.Name, f.Site.Name, strings.Join(set, ", ")))
		}
	})
}

func (t *tree) unissued() {
	t.facts(AskCertificate, func(f Fact) {
		where := f.Site.Name
		if f.Area != "" && f.Area != f.Site.Region {
			where += " (" + f.Area + ")"
		}
		switch {
		case f.Status == "ISSUED":
		case f.Status != "":
			t.fact(f, t.away(f.Site), fmt.Sprintf("The certificate of %s at %s is %s", f.Name, where, f.Status))
		case f.Looked:
			t.fact(f, t.away(f.Site), fmt.Sprintf("There is no certificate of %s at %s, and the code looks one up", f.Name, where))
		default:
			w := away(Medium)
			t.add(hit{rng: f.at, stack: f.stack, address: f.address, steps: f.steps, inPlan: t.away(f.Site), weights: &w, title: fmt.Sprintf("There is no certificate of %s at %s: the recovery waits for its validation", f.Name, where)})
		}
	})
}

func (t *tree) zoneless() {
	t.facts(AskZone, func(f Fact) {
		if !f.There {
			t.fact(f, t.away(f.Site), fmt.Sprintf("Account %s of site %s has no zone %s, and the code looks it up there", f.Site.Account, f.Site.Name, f.Name))
		}
	})
}
