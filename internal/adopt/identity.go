package adopt

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// role finds a role by its name, which is one for all paths of the account.
func role(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("name", "path")
	if err != nil {
		return Found{}, err
	}
	out, err := c.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &w[0]})
	if err != nil {
		return unless(err, "NoSuchEntity")
	}
	if got := aws.ToString(out.Role.Path); w[1] != "" && got != w[1] {
		return held("role %s has the path %s, the code wants %s", w[0], got, w[1]), nil
	}
	return present(w[0], map[string]string{"name": w[0], "arn": aws.ToString(out.Role.Arn), "unique_id": aws.ToString(out.Role.RoleId)}), nil
}

// rolePolicy finds an inline policy of a role.
func rolePolicy(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("role", "name")
	if err != nil {
		return Found{}, err
	}
	if _, err := c.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &w[0], PolicyName: &w[1]}); err != nil {
		return unless(err, "NoSuchEntity")
	}
	return present(w[0]+":"+w[1], map[string]string{"name": w[1], "role": w[0]}), nil
}

// policy finds a policy of the account by its path and name.
func policy(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("path", "name")
	if err != nil {
		return Found{}, err
	}
	arn := fmt.Sprintf("arn:%s:iam::%s:policy%s%s", partition(c.Site.Region), c.Site.Account, w[0], w[1])
	if _, err := c.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn}); err != nil {
		return unless(err, "NoSuchEntity")
	}
	return present(arn, map[string]string{"arn": arn, "name": w[1]}), nil
}

// attachment finds a policy that is attached to a role.
func attachment(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	w, err := r.Texts("role", "policy_arn")
	if err != nil {
		return Found{}, err
	}
	for p := iam.NewListAttachedRolePoliciesPaginator(c.IAM, &iam.ListAttachedRolePoliciesInput{RoleName: &w[0]}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return unless(err, "NoSuchEntity")
		}
		for _, a := range page.AttachedPolicies {
			if aws.ToString(a.PolicyArn) == w[1] {
				return present(w[0]+"/"+w[1], nil), nil
			}
		}
	}
	return missing(), nil
}

// partition is that of a region (AWS General Reference, "Amazon Resource Names").
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
