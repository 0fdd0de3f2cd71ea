package check

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func nameRules() []*Rule {
	return []*Rule{
		{
			ID: "LB301", Title: "A bucket's name is the same everywhere", Weights: away(High), find: (*tree).bucketNames,
			Why:    "Bucket names are global. The lost account still holds this one, or it was deleted and is held back for an hour or more: apply retried for more than twenty minutes.",
			Fix:    "Make the account and the region part of the name, or use bucket_prefix.",
			Source: "field notes T6 (aws-cli#2593), and section 5", Links: []string{"https://github.com/aws/aws-cli/issues/2593", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"},
		},
		{
			ID: "LB302", Title: "An IAM name is the same in every region", Weights: region(Medium), find: (*tree).iamNames,
			Why:    "IAM knows no regions: in the same account the second region's role collides with the first's, or takes it over. 21 fixed role names blocked a second region for one team, 11 for another.",
			Fix:    "Make the region part of the name, or use name_prefix.",
			Source: "field notes N1 (aws/res#117), N9 and section 5", Links: []string{"https://github.com/aws/res/issues/117"},
		},
		{
			ID: "LB303", Title: "A custom domain is bound to where it is", Weights: away(Medium), find: (*tree).domains,
			Why:    "A domain name can be claimed once. The lost account or region still holds it, so that the new one is refused.",
			Fix:    "Write into the plan how the domain moves: released by whom, or a second name that DNS can point to.",
			Source: "field notes N5 (serverless-domain-manager#497)", Links: []string{"https://github.com/amplify-education/serverless-domain-manager/issues/497"},
		},
		{
			ID: "LB304", Title: "A service makes this log group too", Weights: inPlace(Low), find: (*tree).logGroups,
			Why:    "A late call of the function makes its log group again by itself. The apply then fails: the log group exists.",
			Fix:    "Have the plan adopt it (an import block), and write logs to a group that only Terraform makes.",
			Source: "field notes N2 (terraform-aws-lambda#342)", Links: []string{"https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/342"},
		},
		{
			ID: "LB305", Title: "A deleted secret keeps its name", Weights: inPlace(Medium), find: (*tree).secretNames,
			Why:    "After a deletion the secret is scheduled for deletion for 7 to 30 days, and its name cannot be used: the apply fails.",
			Fix:    "Restore it and import it; or use name_prefix, so that a new one can be made beside it.",
			Source: "field notes N3 (tpa#10259, tpa#4467)", Links: []string{issue("tpa#10259"), issue("tpa#4467")},
		},
	}
}

// bySite are the words by which code says that a name differs from site to site.
func bySite() []string { return []string{"account", "region", "random_", "suffix", "uuid"} }

func (t *tree) bucketNames() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if v := r.Body.Get("bucket"); !v.IsNull() && !differs(v, bySite()...) {
			t.add(atKey(s, r, "bucket"))
		}
	}, "aws_s3_bucket")
}

func (t *tree) iamNames() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if v := r.Body.Get("name"); !v.IsNull() && !differs(v, "region", "random_", "suffix", "uuid") {
			h := atKey(s, r, "name")
			if len(t.planned[s.Name]) > 0 && !t.sameAccount() {
				w := region(Low)
				h.weights = &w
			}
			t.add(h)
		}
	}, "aws_iam_role", "aws_iam_policy", "aws_iam_user", "aws_iam_group", "aws_iam_instance_profile")
}

// sameAccount tells whether the plan recovers to another region of the lost account.
func (t *tree) sameAccount() bool {
	for _, sc := range t.Plan.Scenarios {
		if to, lost := t.Plan.Site(sc.RecoverTo), t.Plan.Site(sc.Lost.Site); to != nil && lost != nil && to.Account == lost.Account {
			return true
		}
	}
	return false
}

func (t *tree) domains() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if r.Type != "aws_cloudfront_distribution" || len(r.Body.Get("aliases").All()) > 0 || r.Body.Get("aliases").Show() != "null" && r.Body.Get("aliases").Kind == survey.Unknown {
			t.add(at(s, r))
		}
	}, "aws_api_gateway_domain_name", "aws_apigatewayv2_domain_name", "aws_cognito_user_pool_domain", "aws_appsync_domain_name", "aws_cloudfront_distribution")
}

func (t *tree) logGroups() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		name := r.Body.Get("name").Show()
		if strings.HasPrefix(name, "/aws/") && !strings.HasPrefix(name, "/aws/apigateway/") && !strings.HasPrefix(name, "/aws/vendedlogs/") { // these are written to, and made by nobody else
			t.add(atKey(s, r, "name"))
		}
	}, "aws_cloudwatch_log_group")
}

func (t *tree) secretNames() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if days, known := r.Body.Get("recovery_window_in_days").Int(); !r.Body.Get("name").IsNull() && (!known || days > 0) {
			t.add(atKey(s, r, "name"))
		}
	}, "aws_secretsmanager_secret")
}
