package image

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
)

// jobs is how many layers, and how many manifests, travel at the same time. Each holds a buffer of some 32 KB.
const jobs = 8

// RepositoryAPI finds and makes repositories. *ecr.Client does.
type RepositoryAPI interface {
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
	CreateRepository(context.Context, *ecr.CreateRepositoryInput, ...func(*ecr.Options)) (*ecr.CreateRepositoryOutput, error)
	GetAuthorizationToken(context.Context, *ecr.GetAuthorizationTokenInput, ...func(*ecr.Options)) (*ecr.GetAuthorizationTokenOutput, error)
}

// API are the operations on ECR itself; images travel by the registry's own protocol. *ecr.Client has them.
type API interface {
	RepositoryAPI
	SettingsAPI
}

var _ API = (*ecr.Client)(nil)

// repository is one that exists in a site's ECR, logged in to.
type repository struct {
	*pulling
	api  API
	have types.Repository
	kept settings // lifecycle and repository policy, read with the rest
	sent *meter
}

// pulling reads from a repository anywhere.
type pulling struct {
	repo   name.Repository
	wire   http.RoundTripper
	puller *remote.Puller
	open   chan struct{} // a place for each layer that is being read
}

// openRepository gives a repository of the site, or nil when it does not exist.
func openRepository(ctx context.Context, c *awscloud.Clients, repo string) (*repository, error) {
	api := API(c.ECR)
	out, err := api.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{repo}})
	if awscloud.Code(err) == "RepositoryNotFoundException" {
		return nil, nil //nolint:nilnil // no repository is an answer
	}
	if err != nil {
		return nil, awscloud.Explain(err, "repository "+repo+" cannot be looked at", c.Site)
	}
	if len(out.Repositories) != 1 {
		return nil, awscloud.Explain(fmt.Errorf("ECR described %d repositories of this name", len(out.Repositories)), "repository "+repo+" cannot be looked at", c.Site)
	}
	return loginTo(ctx, c, out.Repositories[0])
}

// loginTo opens the registry of a repository that was described.
func loginTo(ctx context.Context, c *awscloud.Clients, have types.Repository) (*repository, error) {
	r := &repository{api: c.ECR, have: have}
	what := "repository " + aws.ToString(have.RepositoryName)
	if err := r.readSettings(ctx); err != nil {
		return nil, awscloud.Explain(err, "the settings of "+what+" cannot be looked at", c.Site)
	}
	out, err := r.api.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return nil, awscloud.Explain(err, "there is no login to the registry", c.Site)
	}
	r.sent = &meter{next: c.Registry}
	repo, auth, err := login(have, out)
	if err == nil {
		r.pulling, err = openPulling(ctx, repo, auth, r.sent)
	}
	if err != nil {
		return nil, explain(ctx, err, "there is no login to the registry", c.Site)
	}
	return r, nil
}

// login reads an authorization. The registry is where its endpoint says: at AWS that is the repository's own host, in a drill it is not.
func login(have types.Repository, out *ecr.GetAuthorizationTokenOutput) (name.Repository, authn.Authenticator, error) {
	if len(out.AuthorizationData) == 0 {
		return name.Repository{}, nil, errors.New("ECR gave no authorization")
	}
	data := out.AuthorizationData[0]
	token, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	user, password, ok := strings.Cut(string(token), ":")
	if err != nil || !ok {
		return name.Repository{}, nil, errors.New("ECR gave an authorization that is no user and password")
	}
	endpoint, err := url.Parse(aws.ToString(data.ProxyEndpoint))
	if err != nil || endpoint.Host == "" {
		return name.Repository{}, nil, fmt.Errorf("ECR gave the registry's address as %q", aws.ToString(data.ProxyEndpoint))
	}
	var opts []name.Option
	if endpoint.Scheme == "http" {
		opts = append(opts, name.Insecure)
	}
	_, path, _ := strings.Cut(aws.ToString(have.RepositoryUri), "/")
	repo, err := name.NewRepository(endpoint.Host+"/"+path, opts...)
	return repo, authn.FromConfig(authn.AuthConfig{Username: user, Password: password}), err
}

// backoff is short enough for a step to end within a second of its context, which the library does not look at when it sleeps.
func backoff() remote.Backoff {
	return remote.Backoff{Duration: 150 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 4}
}

// openPulling shakes hands with a registry once, for reading and writing.
func openPulling(ctx context.Context, repo name.Repository, auth authn.Authenticator, base http.RoundTripper) (*pulling, error) {
	retrying := transport.NewRetry(base, transport.WithRetryBackoff(backoff()), transport.WithRetryStatusCodes(
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout))
	wire, err := transport.NewWithContext(ctx, repo.Registry, auth, retrying, []string{repo.Scope(transport.PushScope)})
	if err != nil {
		return nil, err
	}
	p := &pulling{repo: repo, wire: wire, open: make(chan struct{}, jobs)}
	p.puller, err = remote.NewPuller(remote.WithTransport(wire), remote.WithJobs(jobs))
	return p, err
}

func (p *pulling) reference(ref string) name.Reference {
	if isDigest(ref) {
		return p.repo.Digest(ref)
	}
	return p.repo.Tag(ref)
}

// digest is what a reference points to.
func (p *pulling) digest(ctx context.Context, ref string) (string, error) {
	d, err := p.puller.Head(ctx, p.reference(ref))
	if err != nil {
		return "", err
	}
	return d.Digest.String(), nil
}
