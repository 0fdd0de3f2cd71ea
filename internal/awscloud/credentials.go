package awscloud

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// credentialsError says that no credentials were found for a site, whatever the operation was that needed them.
type credentialsError struct {
	site *plan.Site
	err  error
}

func (e *credentialsError) Error() string {
	return fmt.Sprintf("no credentials for site %q: %v", e.site.Name, e.err)
}

func (e *credentialsError) Unwrap() error { return e.err }

// keyring marks the errors of a provider as what they are, and bounds the search for an instance role.
type keyring struct {
	site *plan.Site
	next aws.CredentialsProvider
}

var _ aws.CredentialsProvider = (*keyring)(nil)

// Retrieve gives the credentials, from the cache below while they are good.
func (k *keyring) Retrieve(ctx context.Context) (aws.Credentials, error) {
	wait := ctx
	if src, ok := k.next.(aws.CredentialProviderSource); ok && slices.Contains(src.ProviderSources(), aws.CredentialSourceIMDS) {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, metadataTimeout)
		defer cancel()
	}
	got, err := k.next.Retrieve(wait)
	switch {
	case err == nil:
		return got, nil
	case ctx.Err() == nil && wait.Err() != nil:
		err = fmt.Errorf("neither the environment nor the shared configuration has any, and no instance role answered within %s", metadataTimeout)
	case ctx.Err() != nil:
		return got, err // we were told to stop: that is all that is wrong
	}
	return got, &credentialsError{site: k.site, err: err}
}

// fresh forgets cached credentials, so that the next ones last as long as they can.
func (k *keyring) fresh() {
	if cache, ok := k.next.(*aws.CredentialsCache); ok {
		cache.Invalidate()
	}
}

func environmentKeys(env proc.Env) Keys {
	return Keys{ID: env["AWS_ACCESS_KEY_ID"], Secret: secret.New(env["AWS_SECRET_ACCESS_KEY"]), Session: secret.New(env["AWS_SESSION_TOKEN"])}
}

// Environment is the whole environment of a child process that works at the site, terraform for one: ours without any AWS settings that
// could lead elsewhere, with the site's credentials, region and endpoint. The site is verified first. Credentials of a role are
// new ones, good for an hour. The result holds secrets: it must not be printed.
func (c *Cloud) Environment(ctx context.Context, site *plan.Site) (proc.Env, error) {
	const what = "the environment for programs that work at the site cannot be made"
	s, err := c.At(ctx, site)
	if err != nil {
		return nil, err
	}
	if _, err := s.guard.verify(ctx); err != nil {
		return nil, err
	}
	if k, ok := s.cfg.Credentials.(*keyring); ok && site.AssumeRole != "" {
		k.fresh()
	}
	creds, err := s.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, Explain(err, what, site)
	}
	env := proc.Env{}
	for name, value := range c.cfg.Env {
		if !strings.HasPrefix(name, "AWS_") || c.passes(name) {
			env[name] = value
		}
	}
	env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = creds.AccessKeyID, creds.SecretAccessKey
	if creds.SessionToken != "" {
		env["AWS_SESSION_TOKEN"] = creds.SessionToken
	}
	env["AWS_REGION"], env["AWS_DEFAULT_REGION"] = site.Region, site.Region
	if s.cfg.BaseEndpoint != nil {
		env["AWS_ENDPOINT_URL"] = *s.cfg.BaseEndpoint
	}
	// The provider otherwise asks a dead endpoint up to 25 times, for minutes.
	env["AWS_MAX_ATTEMPTS"], env["AWS_EC2_METADATA_DISABLED"] = "8", "true"
	return env, nil
}

// passes tells which AWS_ settings of ours do not decide where a child works. In a drill no endpoint of the user's may be among them.
func (c *Cloud) passes(name string) bool {
	switch name {
	case "AWS_CA_BUNDLE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_STS_REGIONAL_ENDPOINTS":
		return true
	case "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE": // a Terraform provider may name a profile of its own
		return true
	}
	return c.cfg.Endpoint == "" && strings.HasPrefix(name, "AWS_ENDPOINT_URL")
}
