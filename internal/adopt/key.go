package adopt

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// key finds a key, which has no name: by an alias of the same plan that points to it, else by its description and tags.
func key(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	for _, a := range r.Referrers("aws_kms_alias", "target_key_id") {
		name, err := a.Text("name")
		if err != nil {
			return Found{}, err
		}
		out, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
		if awscloud.Code(err) == "NotFoundException" {
			continue
		}
		if err != nil {
			return Found{}, err
		}
		return asKey(c, out.KeyMetadata), nil
	}
	description, err := r.Text("description")
	if err != nil {
		return Found{}, err
	}
	if description == "" {
		return blind("a key without an alias in the plan and without a description cannot be told from others"), nil
	}
	all, err := keys(ctx, c, description)
	if err != nil {
		return Found{}, err
	}
	if len(all) > 1 {
		if all, err = withTags(ctx, c, all, r); err != nil {
			return Found{}, err
		}
	}
	return among("keys with this description", all, func(k *types.KeyMetadata) string { return aws.ToString(k.KeyId) },
		func(k *types.KeyMetadata) Found { return asKey(c, k) }), nil
}

func asKey(c *awscloud.Clients, k *types.KeyMetadata) Found {
	id, arn := aws.ToString(k.KeyId), aws.ToString(k.Arn)
	f := present(id, map[string]string{"key_id": id, "arn": arn})
	if k.KeyState != types.KeyStatePendingDeletion {
		return f
	}
	f.State, f.Why = Dying, "it is pending deletion"
	if k.DeletionDate != nil {
		f.Why += " until " + k.DeletionDate.UTC().Format("2006-01-02")
	}
	f.Back = func(ctx context.Context) error {
		_, err := c.KMS.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: &id})
		if err == nil || awscloud.Code(err) == "KMSInvalidStateException" { // our own request, whose first answer was lost
			_, err = c.KMS.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &id}) // a key comes back disabled (KMS API, CancelKeyDeletion)
		}
		if err != nil {
			return awscloud.Explain(err, "key "+id+" cannot be taken back from its deletion", c.Site)
		}
		return nil
	}
	return f
}

// keys are the account's own keys with a description, multi-Region replicas excepted.
func keys(ctx context.Context, c *awscloud.Clients, description string) (out []*types.KeyMetadata, err error) {
	for p := kms.NewListKeysPaginator(c.KMS, &kms.ListKeysInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, k := range page.Keys {
			d, err := c.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: k.KeyId})
			if err != nil {
				return nil, err
			}
			if m := d.KeyMetadata; m.KeyManager == types.KeyManagerTypeCustomer && aws.ToString(m.Description) == description {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// withTags keeps those keys whose tags are as planned.
func withTags(ctx context.Context, c *awscloud.Clients, all []*types.KeyMetadata, r Resource) (out []*types.KeyMetadata, err error) {
	planned, _ := r.After["tags_all"].(map[string]any)
	for _, k := range all {
		has := map[string]any{}
		for p := kms.NewListResourceTagsPaginator(c.KMS, &kms.ListResourceTagsInput{KeyId: k.KeyId}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, t := range page.Tags {
				has[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
			}
		}
		if maps.Equal(has, planned) {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return all, nil // nothing tells them apart
	}
	return out, nil
}

// alias finds an alias by its name.
func alias(ctx context.Context, c *awscloud.Clients, r Resource) (Found, error) {
	name, err := r.Text("name")
	if err != nil {
		return Found{}, err
	}
	for p := kms.NewListAliasesPaginator(c.KMS, &kms.ListAliasesInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return Found{}, err
		}
		for _, a := range page.Aliases {
			if aws.ToString(a.AliasName) == name {
				arn := aws.ToString(a.AliasArn)
				return present(name, map[string]string{"name": name, "arn": arn, "target_key_arn": strings.Replace(arn, ":"+name, fmt.Sprintf(":key/%s", aws.ToString(a.TargetKeyId)), 1)}), nil
			}
		}
	}
	return missing(), nil
}
