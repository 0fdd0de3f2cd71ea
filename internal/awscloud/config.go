package awscloud

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

const (
	// roleDuration is the longest that a chained role may be assumed for (IAM User Guide, "Roles terms and concepts", role chaining).
	roleDuration = time.Hour
	// roleMargin is how long before their end credentials are renewed.
	roleMargin = 5 * time.Minute
	// metadataTimeout bounds the search for an instance role, which outside EC2 nobody answers.
	metadataTimeout = 2 * time.Second
)

// config is the site's configuration without guard and limits, and the connection below it.
func (c *Cloud) config(ctx context.Context, site *plan.Site) (aws.Config, *http.Transport, error) {
	cfg, err := c.base(ctx, site)
	if err != nil {
		return aws.Config{}, nil, Explain(&credentialsError{site: site, err: err}, "the AWS configuration cannot be read", site)
	}
	transport := buildable().GetTransport()
	if b, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		transport = b.GetTransport() // with the certificates of AWS_CA_BUNDLE
	}
	cfg.HTTPClient = c.client(transport)
	cfg.Retryer = retryer
	cfg.Credentials = &keyring{site: site, next: cfg.Credentials}
	if site.AssumeRole != "" {
		cfg.Credentials = &keyring{site: site, next: c.role(cfg, site)}
	}
	return cfg, transport, nil
}

// base is the configuration with the credentials that are at hand.
func (c *Cloud) base(ctx context.Context, site *plan.Site) (aws.Config, error) {
	if c.cfg.Endpoint != "" {
		if c.cfg.Credentials == nil {
			return aws.Config{}, fmt.Errorf("an endpoint %s without credentials for it", c.cfg.Endpoint)
		}
		return aws.Config{Region: site.Region, BaseEndpoint: aws.String(c.cfg.Endpoint), HTTPClient: buildable(), Credentials: static(c.cfg.Credentials(site))}, nil
	}
	opts := []func(*config.LoadOptions) error{
		config.WithRegion(site.Region), config.WithHTTPClient(buildable()),
		config.WithLogger(logging.Nop{}), // the SDK would write to standard error, between the lines of progress
	}
	if site.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(site.Profile))
	}
	if keys := c.keys(site); keys.ID != "" {
		opts = append(opts, config.WithCredentialsProvider(static(keys)))
	}
	if url := c.cfg.Env["AWS_ENDPOINT_URL"]; url != "" {
		opts = append(opts, config.WithBaseEndpoint(url))
	}
	return config.LoadDefaultConfig(ctx, opts...)
}

// keys are those that we were given; a site's profile goes before the environment's keys.
func (c *Cloud) keys(site *plan.Site) Keys {
	if c.cfg.Credentials != nil {
		return c.cfg.Credentials(site)
	}
	if site.Profile != "" {
		return Keys{}
	}
	return environmentKeys(c.cfg.Env)
}

func static(k Keys) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(k.ID, k.Secret.Reveal(), k.Session.Reveal())
}

// role assumes the site's role with the credentials of base.
func (c *Cloud) role(base aws.Config, site *plan.Site) aws.CredentialsProvider {
	p := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(base), site.AssumeRole, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = sessionName(c.cfg.Run)
		o.Duration = roleDuration
	})
	return aws.NewCredentialsCache(p, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = roleMargin })
}

// sessionName is what CloudTrail shows: 2 to 64 characters of [\w+=,.@-] (STS AssumeRole, RoleSessionName).
func sessionName(run string) string {
	name := "lifeboat-" + regexp.MustCompile(`[^\w+=,.@-]+`).ReplaceAllString(run, "-")
	return name[:min(len(name), 64)]
}
