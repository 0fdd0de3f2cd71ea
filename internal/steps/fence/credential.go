package fence

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// apiKeys are what lets consumers call.
func (f *fence) apiKeys() *sort {
	quick := func(o *apigateway.Options) { o.RetryMaxAttempts = attempts }
	region := f.site.Region
	return &sort{
		what: "API keys", patterns: f.want.APIKeys, region: region,
		by: fmt.Sprintf("`aws apigateway get-api-keys --region %[1]s`, then for each `aws apigateway update-api-key --region %[1]s --api-key ID --patch-operations op=replace,path=/enabled,value=false`", region),
		list: func(ctx context.Context, c *awscloud.Clients) ([]thing, error) {
			var out []thing
			in := &apigateway.GetApiKeysInput{Limit: aws.Int32(500)}
			for {
				page, err := brief(ctx, func(ctx context.Context) (*apigateway.GetApiKeysOutput, error) {
					return c.APIGateway.GetApiKeys(ctx, in, quick)
				})
				if err != nil {
					return nil, err
				}
				for _, k := range page.Items {
					if name := aws.ToString(k.Name); matches(f.want.APIKeys, name) {
						out = append(out, thing{id: aws.ToString(k.Id), name: fmt.Sprintf("API key %s (%s)", name, aws.ToString(k.Id)), on: k.Enabled})
					}
				}
				if in.Position = page.Position; aws.ToString(in.Position) == "" {
					return out, nil
				}
			}
		},
		off: func(ctx context.Context, c *awscloud.Clients, x thing) error {
			_, err := brief(ctx, func(ctx context.Context) (*apigateway.UpdateApiKeyOutput, error) {
				return c.APIGateway.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: &x.id, PatchOperations: []gatewaytypes.PatchOperation{
					{Op: gatewaytypes.OpReplace, Path: aws.String("/enabled"), Value: aws.String("false")},
				}}, quick)
			})
			return err
		},
	}
}

// accessKeys are those of users. IAM is global: it answers elsewhere than in the lost region, unless that is IAM's own.
func (f *fence) accessKeys() *sort {
	quick := func(o *iam.Options) { o.RetryMaxAttempts = attempts }
	return &sort{
		what: "access keys of users", patterns: f.want.Users, region: globalRegion(f.site.Region),
		by: "`aws iam list-access-keys --user-name USER`, then for each `aws iam update-access-key --user-name USER --access-key-id ID --status Inactive`",
		list: func(ctx context.Context, c *awscloud.Clients) ([]thing, error) {
			var out []thing
			users := &iam.ListUsersInput{}
			for {
				page, err := brief(ctx, func(ctx context.Context) (*iam.ListUsersOutput, error) { return c.IAM.ListUsers(ctx, users, quick) })
				if err != nil {
					return nil, err
				}
				for _, u := range page.Users {
					if !matches(f.want.Users, aws.ToString(u.UserName)) {
						continue
					}
					// A user has two keys at most (IAM and STS quotas): one page.
					keys, err := brief(ctx, func(ctx context.Context) (*iam.ListAccessKeysOutput, error) {
						return c.IAM.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u.UserName}, quick)
					})
					if err != nil {
						return nil, err
					}
					for _, k := range keys.AccessKeyMetadata {
						id, user := aws.ToString(k.AccessKeyId), aws.ToString(k.UserName)
						out = append(out, thing{id: user + "/" + id, name: fmt.Sprintf("access key %s of %s", id, user), on: k.Status == iamtypes.StatusTypeActive})
					}
				}
				if users.Marker = page.Marker; !page.IsTruncated {
					return out, nil
				}
			}
		},
		off: func(ctx context.Context, c *awscloud.Clients, x thing) error {
			user, id, _ := strings.Cut(x.id, "/")
			_, err := brief(ctx, func(ctx context.Context) (*iam.UpdateAccessKeyOutput, error) {
				return c.IAM.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &id, Status: iamtypes.StatusTypeInactive}, quick)
			})
			return err
		},
	}
}

// globalRegion is where IAM of a region's partition answers (AWS General Reference, "AWS Identity and Access Management endpoints and quotas").
func globalRegion(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "cn-north-1"
	case strings.HasPrefix(region, "us-gov-"):
		return "us-gov-west-1"
	default:
		return "us-east-1"
	}
}
