package check

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func codeRules() []*Rule {
	return []*Rule{{
		ID: "LB411", Title: "A function's code is made by a build", Weights: away(Medium), find: (*tree).builtCode,
		Why: "Somebody had to upload packages into a new region's bucket before Terraform could make the functions there, in a recovery too, whose build system may be part of what is lost. " +
			"Without them the apply fails at the function, and at everything that refers to it.",
		Fix:    "Keep the package where the recovery can read it, and have it there first: an image block with functions from images, or a command block that the stack comes after.",
		Source: "terraform-provider-aws#5945: functions in a new region, during a disaster recovery", Links: []string{issue("tpa#5945"), "https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html"},
	}}
}

// builtCode looks for packages that are neither in the tree nor made by Terraform.
func (t *tree) builtCode() {
	for _, a := range t.inv.Absent {
		if !t.prepared(a.Stack) {
			t.add(hit{at: a.At, stack: a.Stack, address: a.Address, title: "Nothing in the tree makes the function's code: " + tail(a.Path)})
		}
	}
	t.resources(survey.Managed, func(s *survey.Stack, r *survey.Resource) {
		bucket := r.Body.Get("s3_bucket")
		if bucket.IsNull() || t.prepared(s.Name) {
			return
		}
		h := atKey(s, r, "s3_bucket")
		h.at = bucket.Span
		switch name, known := bucket.Str(); {
		case t.filled(s, r):
		case slices.ContainsFunc(refs(bucket), func(ref string) bool {
			return strings.Contains(ref, "aws_s3_bucket.") && !strings.Contains(ref, "data.")
		}):
			h.title = "The bucket with the function's code is made empty"
			t.add(h)
		case known && !t.made("aws_s3_bucket", func(b *survey.Resource) bool { return b.Body.Get("bucket").Show() == name }):
			h.title = "No stack makes the bucket with the function's code: " + shorten(name)
			t.add(h)
		}
	}, "aws_lambda_function", "aws_lambda_layer_version")
}

// tail is the end of a path, for a title.
func tail(p string) string {
	if len(p) > 60 {
		return "..." + p[len(p)-57:]
	}
	return p
}

// filled tells whether a stack puts into a bucket what a function is made from.
func (t *tree) filled(s *survey.Stack, function *survey.Resource) bool {
	key := function.Body.Get("s3_key")
	for _, typ := range []string{"aws_s3_object", "aws_s3_bucket_object"} {
		for _, o := range s.Of(survey.Managed, typ) {
			referred := slices.ContainsFunc(refs(key), func(ref string) bool { return strings.Contains(ref, typ+"."+o.Name) })
			if referred || o.Body.Get("key").Show() == key.Show() {
				return true
			}
		}
	}
	return false
}

// prepared tells whether the plan runs a command, or asks a person, before a stack.
func (t *tree) prepared(stack string) bool {
	return slices.ContainsFunc(t.planned[stack], func(s *plan.Stack) bool {
		return slices.ContainsFunc(s.After, func(r plan.Ref) bool { return r.Kind == "command" || r.Kind == "manual" })
	})
}
