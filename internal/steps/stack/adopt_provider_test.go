package stack_test

import (
	"errors"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// With the real AWS provider: a stack whose state is lost is adopted as a whole, nothing is created, changed in AWS's eyes or made twice; the
// state that comes of it gives the same outputs, and a plan is empty.
func TestRealAdoption(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a provider of 700 MB, several times")
	}
	r := newRealm(t, terraform.Terraform)
	r.env[terraform.EnvMirror] = proc.OS().Env[terraform.EnvMirror]
	cfg, call := r.stack(t, "", false)
	if err := os.Remove(cfg.Dir + "/main.tf"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(cfg.Dir, os.DirFS("testdata/adopt")); err != nil {
		t.Fatal(err)
	}
	tool, err := terraform.Open(t.Context(), terraform.Setup{Env: r.env, Runner: proc.Programs{}, Who: r.who, Wanted: r.want, Dir: r.run, Project: cfg.Dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Warm(t.Context(), []terraform.Source{stack.Source(cfg)}, nil); err != nil {
		t.Skipf("hashicorp/aws 5 is in no mirror here: %v", err)
	}
	make := stack.New(stack.Deps{Tool: tool, Env: r.cloud.Clients(nil).Environment, Sites: r.cloud.Clients(nil)})
	s, err := make(step.Spec{ID: "stack/blue", Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Ensure(t.Context(), &call)
	if err != nil || first.Summary != "22 added, 0 changed, 0 destroyed" {
		t.Fatal(first, err)
	}
	before := r.live(t)
	_, err = r.cloud.Open(t, r.site).S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("state"), Key: aws.String("blue.tfstate")})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Adopt = true
	s, err = make(step.Spec{ID: "stack/blue", Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	call = cloudtest.Call(t, r.site)
	_, err = s.Ensure(t.Context(), &call)
	call.Answers = approved(t, err, "0 destroyed, 0 replaced, 22 adopted, 0 created, 2 changed; do it?", `module.logs["a"].aws_cloudwatch_log_group.group[0] = /aws/group-0`,
		`aws_iam_role_policy.function["read"] = read:inline`, "aws_kms_key.data: bypass_policy_lockout_safety_check, deletion_window_in_days")
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || out.Summary != "lock digest of state state/blue.tfstate repaired, an empty plan proves it; 22 imported, 0 added, 2 changed, 0 destroyed" {
		t.Fatal(out, err)
	}
	if was, is := first.Outputs["api"].Reveal(), out.Outputs["api"].Reveal(); was != is || is == "" {
		t.Errorf("the API was %v and is %v", was, is)
	}
	if after := r.live(t); after != before {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Done {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}

// live counts what AWS would make twice without a word.
func (r *realm) live(t *testing.T) (n struct{ apis, deployments, keys, plans, near, far int }) {
	t.Helper()
	c := r.cloud.Open(t, r.site)
	far := r.cloud.Open(t, &plan.Site{Name: "standby", Account: r.site.Account, Region: "us-east-1"})
	apis, err := c.APIGateway.GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
	if err != nil || len(apis.Items) == 0 {
		t.Fatal(apis, err)
	}
	deployments, err1 := c.APIGateway.GetDeployments(t.Context(), &apigateway.GetDeploymentsInput{RestApiId: apis.Items[0].Id})
	keys, err2 := c.APIGateway.GetApiKeys(t.Context(), &apigateway.GetApiKeysInput{})
	plans, err3 := c.APIGateway.GetUsagePlans(t.Context(), &apigateway.GetUsagePlansInput{})
	near, err4 := c.KMS.ListKeys(t.Context(), &kms.ListKeysInput{})
	there, err5 := far.KMS.ListKeys(t.Context(), &kms.ListKeysInput{})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	n.apis, n.deployments, n.keys, n.plans, n.near, n.far = len(apis.Items), len(deployments.Items), len(keys.Items), len(plans.Items), len(near.Keys), len(there.Keys)
	return n
}
