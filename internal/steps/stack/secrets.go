package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// SecretsAt reads secrets from Secrets Manager and SSM at the sites of p.
func SecretsAt(sites Sites, p *plan.Plan) Secrets { return siteSecrets{sites, p} }

type siteSecrets struct {
	sites Sites
	plan  *plan.Plan
}

// Get reads the secret or parameter.
func (s siteSecrets) Get(ctx context.Context, site *plan.Site, ref plan.SecretRef) (secret.Value, error) {
	if ref.Site != "" {
		if site = s.plan.Site(ref.Site); site == nil {
			return secret.Value{}, fmt.Errorf("site %q does not exist", ref.Site)
		}
	}
	c, err := s.sites.At(ctx, site)
	if err != nil {
		return secret.Value{}, err
	}
	if ref.Parameter != "" {
		out, err := c.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: &ref.Parameter, WithDecryption: aws.Bool(true)})
		if err != nil {
			return secret.Value{}, awscloud.Explain(err, "parameter "+ref.Parameter+" cannot be read", site)
		}
		return secret.New(aws.ToString(out.Parameter.Value)), nil
	}
	out, err := c.SecretsManager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &ref.Secret})
	if err != nil {
		return secret.Value{}, awscloud.Explain(err, "secret "+ref.Secret+" cannot be read", site)
	}
	if ref.Key == "" {
		return secret.New(aws.ToString(out.SecretString)), nil
	}
	return keyOf(aws.ToString(out.SecretString), ref, site)
}

// keyOf takes one key out of a secret's JSON object. Its errors do not show the content.
func keyOf(text string, ref plan.SecretRef, site *plan.Site) (secret.Value, error) {
	var doc map[string]any
	wrong := &step.Error{Class: step.Permanent, What: "secret " + ref.Secret + " is not a JSON object", Site: site.Name, Why: fmt.Sprintf("the plan reads its key %q", ref.Key)}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // as it was written
	if d.Decode(&doc) != nil {
		return secret.Value{}, wrong
	}
	v, ok := doc[ref.Key]
	if !ok {
		wrong.What = fmt.Sprintf("secret %s has no key %q", ref.Secret, ref.Key)
		return secret.Value{}, wrong
	}
	value, err := plan.OfSecret(v).Text()
	if err != nil {
		return secret.Value{}, fmt.Errorf("secret %s, key %q: %w", ref.Secret, ref.Key, err)
	}
	return value, nil
}
