package live

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// processor asks what an image is built for, as its configuration says. An index is no image that a function could run.
func processor(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	out, err := c.ECR.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return check.Fact{}, err
	}
	repo, auth, err := login(out, q.Name)
	if err != nil {
		return check.Fact{}, err
	}
	var ref name.Reference = repo.Tag(q.Tag)
	if strings.HasPrefix(q.Tag, "sha256:") {
		ref = repo.Digest(q.Tag)
	}
	d, err := remote.Get(ref, remote.WithAuth(auth), remote.WithTransport(c.Registry), remote.WithContext(ctx))
	if refused, ok := errors.AsType[*transport.Error](err); ok && refused.StatusCode == http.StatusNotFound {
		return check.Fact{}, nil
	}
	if err != nil {
		return check.Fact{}, err
	}
	f := check.Fact{There: true, Index: d.MediaType.IsIndex()}
	if f.Index {
		return f, nil
	}
	img, err := d.Image()
	if err != nil {
		return f, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return f, err
	}
	f.Processor = config.Architecture
	return f, nil
}

// login reads an authorization for a repository of the site's registry, which is where the authorization says.
func login(out *ecr.GetAuthorizationTokenOutput, repository string) (name.Repository, authn.Authenticator, error) {
	if len(out.AuthorizationData) == 0 {
		return name.Repository{}, nil, errors.New("ECR gave no authorization")
	}
	data := out.AuthorizationData[0]
	token, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	user, password, ok := strings.Cut(string(token), ":")
	endpoint, bad := url.Parse(aws.ToString(data.ProxyEndpoint))
	if err != nil || !ok || bad != nil || endpoint.Host == "" {
		return name.Repository{}, nil, fmt.Errorf("ECR gave an authorization for %q that is no user and password of a host", aws.ToString(data.ProxyEndpoint))
	}
	var opts []name.Option
	if endpoint.Scheme == "http" {
		opts = append(opts, name.Insecure)
	}
	repo, err := name.NewRepository(endpoint.Host+"/"+repository, opts...)
	return repo, authn.FromConfig(authn.AuthConfig{Username: user, Password: password}), err
}
