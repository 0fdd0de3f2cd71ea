package check

import (
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func keyPolicyRules() []*Rule {
	return []*Rule{{
		ID: "LB706", Title: "A key's policy leaves its own account out", Weights: all(Medium), find: (*tree).keyPolicies,
		Why:    "Permissions that IAM gives do not count for this key: only those may use it whom its policy names, and whoever recovers is somebody else. A backup job succeeded, and the objects were not backed up. A role that is deleted and made again is another one, too.",
		Fix:    "Allow arn:aws:iam::ACCOUNT:root kms:* in the policy, as the default policy does, and give the permissions by IAM.",
		Source: "field notes D5 (AWS Backup, encryption); KMS Developer Guide, Default key policy", Links: []string{"https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html", "https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html"},
	}}
}

// policyTexts are what a resource's policy says: in place, and in the documents that it refers to.
func (t *tree) policyTexts(s *survey.Stack, r *survey.Resource) []*survey.Value {
	policy := r.Body.Get("policy")
	out := []*survey.Value{policy}
	for _, ref := range refs(policy) {
		if d := t.resource(s.Name, referred(r.Module, ref, "data.aws_iam_policy_document")); d != nil {
			out = append(out, d.Body)
		}
	}
	return out
}

func (t *tree) keyPolicies() {
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		says, root := false, false
		for _, v := range t.policyTexts(s, r) {
			for p := range v.Written() {
				says = says || strings.Contains(p.Text, "kms:")
				root = root || strings.Contains(p.Text, ":root")
			}
			for _, ref := range refs(v) {
				root = root || !named(ref) // it may be: nobody knows
			}
			for _, statement := range v.Get("statement").All() {
				for _, who := range statement.Get("principals").All() {
					root = root || who.Get("identifiers").IsNull() // likewise
				}
			}
		}
		if says && !root {
			t.add(atKey(s, r, "policy"))
		}
	}, "aws_kms_key", "aws_kms_replica_key", "aws_kms_key_policy")
}

// named tells whether a reference in a policy leads to something that is not a whole account: a role, who applies, a place, a document.
func named(ref string) bool {
	for _, word := range []string{"aws_iam_", "aws_caller_identity.", "aws_region.", "aws_partition.", "aws_kms_", "var.region", "var.aws_region", "var.account_id"} {
		if strings.Contains(ref, word) {
			return true
		}
	}
	return false
}
