package stage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// defaultRegions are the regions that every account has without asking (AWS Account Management Reference Guide, "Enable or disable AWS
// Regions in your account").
func defaultRegions() []string {
	return []string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	}
}

// strikeAccount is an intruder with an account's credentials: resources, images, states and data in every region are deleted, keys are
// scheduled for deletion, values that the intruder made travel to where copies are kept, as replication would carry them, and at last all
// credentials of the account are revoked.
func (s *Stage) strikeAccount(ctx context.Context, p *plan.Plan, sc *plan.Scenario) (string, error) {
	home := p.Site(sc.Lost.Site)
	revoked := control.Disaster{Kind: control.CredentialsRevoked, Account: home.Account}
	over, err := s.control().Disasters(ctx)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(over, func(d control.Disaster) bool { return d.Kind == revoked.Kind && d.Account == revoked.Account }) {
		return "the credentials are revoked", nil // an earlier try came to its end
	}
	l := &loot{}
	places, err := s.loot(ctx, p, home, l)
	if err != nil {
		return "", err
	}
	// Some dates of AWS are whole seconds: what the intruder writes must be younger than the disaster even then.
	if err := clock.Sleep(ctx, time.Second); err != nil {
		return "", err
	}
	forged, err := s.forge(ctx, p, sc)
	if err != nil {
		return "", err
	}
	words := "gone"
	if taken := l.sorted().words(); taken != "" {
		words += ": " + taken + " in " + strings.Join(places, ", ")
	}
	if forged > 0 {
		words += "; " + many(forged, "copy of values") + " replaced by the intruder's"
	}
	return words + "; the credentials are revoked", s.control().Strike(ctx, revoked)
}

// loot deletes what an account has, in every region, and names the regions in which there was something.
func (s *Stage) loot(ctx context.Context, p *plan.Plan, home *plan.Site, all *loot) ([]string, error) {
	regions := defaultRegions()
	for _, x := range p.Sites {
		if x.Account == home.Account {
			regions = append(regions, x.Region)
		}
	}
	slices.Sort(regions)
	regions = slices.Compact(regions)
	found := make([]bool, len(regions))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(6)
	for i, r := range regions {
		g.Go(func() error {
			site := *home
			site.Region = r
			c, err := s.Sites.At(gctx, &site)
			if err != nil {
				return err
			}
			l := &loot{}
			if err := (taker{c, l}).all(gctx); err != nil {
				return fmt.Errorf("account %s, %s: %w", site.Account, r, err)
			}
			found[i] = len(l.n) > 0
			for kind, n := range l.n {
				all.add(kind, n)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var places []string
	for i, r := range regions {
		if found[i] {
			places = append(places, r)
		}
	}
	return places, nil
}

func (t taker) all(ctx context.Context) error {
	for _, f := range []func(context.Context) error{t.apis, t.mappings, t.functions, t.queues, t.tables, t.repositories, t.buckets, t.logGroups, t.secrets, t.keys} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return nil
}

// forge writes the intruder's values where copies of the plan's secrets, parameters and keys of consumers are kept, and counts them.
func (s *Stage) forge(ctx context.Context, p *plan.Plan, sc *plan.Scenario) (n int, err error) {
	secrets := slices.Clone(p.Secrets)
	for _, k := range p.APIKeys {
		if k.Secret == "" {
			continue
		}
		kept := &plan.Secret{Block: k.Block, Secret: k.Secret, From: k.From}
		for _, c := range k.Consumers {
			kept.Keys = append(kept.Keys, c.Name)
		}
		secrets = append(secrets, kept)
	}
	for _, x := range secrets {
		did, err := s.forgeAt(ctx, p, sc, x.From, func(c *awscloud.Clients) error { return forgeSecret(ctx, c, x) })
		if err != nil {
			return 0, fmt.Errorf("secret %q: %w", x.Name, err)
		}
		n += did
	}
	for _, x := range p.Parameters {
		did, err := s.forgeAt(ctx, p, sc, x.From, func(c *awscloud.Clients) error { return forgeParameter(ctx, c, x) })
		if err != nil {
			return 0, fmt.Errorf("parameter %q: %w", x.Name, err)
		}
		n += did
	}
	return n, nil
}

// forgeAt calls f with the clients of each site among the sources that the disaster leaves, and counts where there was something to forge.
func (s *Stage) forgeAt(ctx context.Context, p *plan.Plan, sc *plan.Scenario, from []plan.Source, f func(*awscloud.Clients) error) (n int, err error) {
	for _, src := range from {
		if src.Site == "" || !sc.Reaches(p, src.Site) {
			continue
		}
		c, err := s.Sites.At(ctx, p.Site(src.Site))
		if err == nil {
			err = f(c)
		}
		switch {
		case err == nil:
			n++
		case !gone(err):
			return 0, fmt.Errorf("at site %q: %w", src.Site, err)
		}
	}
	return n, nil
}

func forgeSecret(ctx context.Context, c *awscloud.Clients, x *plan.Secret) error {
	value := "intruder-" + rand.Text()
	if len(x.Keys) > 0 {
		doc := map[string]string{}
		for _, k := range x.Keys {
			doc[k] = "intruder-" + rand.Text()
		}
		b, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		value = string(b)
	}
	_, err := c.SecretsManager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &x.Secret, SecretString: &value})
	return err
}

func forgeParameter(ctx context.Context, c *awscloud.Clients, x *plan.Parameter) error {
	old, err := c.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: &x.Parameter})
	if err != nil {
		return err
	}
	if old.Parameter == nil {
		return errors.New("the answer has no parameter")
	}
	in := &ssm.PutParameterInput{Name: &x.Parameter, Value: aws.String("https://intruder.example.org/" + rand.Text()), Overwrite: aws.Bool(true)}
	if old.Parameter.Type == ssmtypes.ParameterTypeSecureString {
		in.Type = ssmtypes.ParameterTypeSecureString
	}
	_, err = c.SSM.PutParameter(ctx, in)
	return err
}
