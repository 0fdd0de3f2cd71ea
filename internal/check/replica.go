package check

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func replicaRules() []*Rule {
	replication := "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html"
	return []*Rule{
		{
			ID: "LB506", Title: "An image is for another processor than its function", Weights: all(Medium), find: (*tree).processors,
			Why:    "A function's image is built for one processor: Lambda takes no image of several. On the other one the function is made, and fails at its first call.",
			Fix:    "Build an image for each processor, with a tag of its own, or give all functions of the image the same architectures.",
			Source: "field notes I5; Lambda Developer Guide, Create a Lambda function using a container image", Links: []string{"https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"},
		},
		{
			ID: "LB507", Title: "Replication does not take a repository's policies along", Weights: away(Medium), find: (*tree).policies,
			Why:    "Replication makes the repository at its destination without policies, and with the settings of a new one. Who pulls from it by the repository's policy is refused there, and a stack that makes the repository finds that it exists.",
			Fix:    "Give the destination an aws_ecr_repository_creation_template for REPLICATION, or the plan an image block: it brings the policies with the images.",
			Source: "field notes I3 (cr#1202), I2 (cr#140)", Links: []string{issue("cr#1202"), "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html"},
		},
		{
			ID: "LB508", Title: "Nothing allows the replication to another account", Weights: away(Medium), find: (*tree).destinations,
			Why:    "The other registry's policy has to allow ecr:ReplicateImage, and ecr:CreateRepository for repositories that are not there yet. Without it nothing is copied, and nothing says so where images are pushed. Copies are not copied further either.",
			Fix:    "Have the other account's stack make an aws_ecr_registry_policy for this account; `lifeboat check --live` sees which images arrived.",
			Source: "field notes I4; Amazon ECR User Guide, Private image replication", Links: []string{replication, "https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html"},
		},
	}
}

func (t *tree) policies() {
	if !t.made("aws_ecr_replication_configuration", nil) || t.made("aws_ecr_repository_creation_template", nil) {
		return
	}
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		if t.planImage(r.Body.Get("repository")) {
			return
		}
		h := at(s, r)
		if r.Type == "aws_ecr_lifecycle_policy" {
			w := away(Low) // it costs, and nothing fails
			h.weights = &w
		}
		t.add(h)
	}, "aws_ecr_repository_policy", "aws_ecr_lifecycle_policy")
}

func (t *tree) destinations() {
	allowed := false
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) { allowed = allowed || t.replicates(s, r) }, "aws_ecr_registry_policy")
	if allowed {
		return
	}
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		for p, leaf := range r.Body.Leaves() {
			if p.Last() == "registry_id" && !own(leaf) {
				t.add(at(s, r))
				return
			}
		}
	}, "aws_ecr_replication_configuration")
}

// own tells whether an account's number is that of the account that is worked in.
func own(account *survey.Value) bool {
	return slices.ContainsFunc(refs(account), func(ref string) bool {
		return strings.Contains(ref, "caller_identity") || slices.Contains([]string{"account_id", "aws_account_id"}, ref[strings.LastIndexByte(ref, '.')+1:])
	})
}

// replicates tells whether a registry's policy allows all that a replication does.
func (t *tree) replicates(s *survey.Stack, r *survey.Resource) bool {
	image, repository, known := false, false, false
	for _, v := range t.policyTexts(s, r) {
		for p := range v.Written() {
			known = known || strings.Contains(p.Text, "ecr:")
			every := strings.Contains(p.Text, "ecr:*")
			image = image || every || strings.Contains(p.Text, "ecr:ReplicateImage")
			repository = repository || every || strings.Contains(p.Text, "ecr:CreateRepository")
		}
	}
	return !known || image && repository
}
