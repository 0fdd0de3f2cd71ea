package stage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// Stage is the world of one drill.
type Stage struct {
	*Cloud
	Sites *awscloud.Cloud
	Dir   string       // of the drill, for what its writer wrote
	Tell  func(string) // says what goes on
}

// Furnish puts invented content at every site that the plan takes something from. What is there already stays.
func (s *Stage) Furnish(ctx context.Context, p *plan.Plan) error {
	for _, x := range p.Secrets {
		if err := s.at(ctx, p, x.From, func(c *awscloud.Clients) error { return furnishSecret(ctx, c, x) }); err != nil {
			return fmt.Errorf("secret %q: %w", x.Name, err)
		}
	}
	for _, x := range p.Parameters {
		if err := s.at(ctx, p, x.From, func(c *awscloud.Clients) error { return furnishParameter(ctx, c, x) }); err != nil {
			return fmt.Errorf("parameter %q: %w", x.Name, err)
		}
	}
	for _, x := range p.APIKeys {
		if err := s.at(ctx, p, x.From, func(c *awscloud.Clients) error { return furnishKeys(ctx, c, x) }); err != nil {
			return fmt.Errorf("kept values of API key %q: %w", x.Name, err)
		}
	}
	for _, x := range p.Images {
		if err := s.at(ctx, p, x.From, func(c *awscloud.Clients) error { return s.furnishImage(ctx, p, c.Site, x) }); err != nil {
			return fmt.Errorf("image %q: %w", x.Name, err)
		}
	}
	return nil
}

// at calls f with the clients of every site among the sources. Other sources are the user's own, and used as they are.
func (s *Stage) at(ctx context.Context, p *plan.Plan, from []plan.Source, f func(*awscloud.Clients) error) error {
	for _, src := range from {
		if src.Site == "" {
			continue
		}
		c, err := s.Sites.At(ctx, p.Site(src.Site))
		if err == nil {
			err = f(c)
		}
		if err != nil {
			return fmt.Errorf("at site %q: %w", src.Site, err)
		}
	}
	return nil
}

func furnishSecret(ctx context.Context, c *awscloud.Clients, x *plan.Secret) error {
	value := rand.Text()
	if len(x.Keys) > 0 {
		doc := map[string]string{}
		for _, k := range x.Keys {
			doc[k] = rand.Text()
		}
		b, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		value = string(b)
	}
	_, err := c.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &x.Secret, SecretString: &value})
	if _, there := errors.AsType[*smtypes.ResourceExistsException](err); there {
		return nil
	}
	return err
}

func furnishParameter(ctx context.Context, c *awscloud.Clients, x *plan.Parameter) error {
	value := "https://" + x.Name + ".example.org/" + rand.Text()
	_, err := c.SSM.PutParameter(ctx, &ssm.PutParameterInput{Name: &x.Parameter, Value: &value, Type: ssmtypes.ParameterTypeString})
	if _, there := errors.AsType[*ssmtypes.ParameterAlreadyExists](err); there {
		return nil
	}
	return err
}
