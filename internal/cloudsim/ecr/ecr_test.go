package ecr_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/smithy-go"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/ecr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const (
	primary = "111111111111"
	standby = "222222222222"
)

// cloud is a drill cloud that has ECR only: signed calls go to the API, all others to the registry.
type cloud struct {
	service *ecr.Service
	url     string
	now     *stopped
}

// stopped is a clock that a test sets.
type stopped struct{ t time.Time }

func (s *stopped) Now() time.Time { return s.t }

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{now: &stopped{clock.System{}.Now()}}
	c.service = ecr.New(sim.NewWorld(1, c.now))
	scope := regexp.MustCompile(`Credential=(\d{12})/\d+/([^/]+)/ecr/`)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := scope.FindStringSubmatch(r.Header.Get("Authorization"))
		if m == nil {
			c.service.ServeRegistry(w, r)
			return
		}
		call := &sim.Call{Scope: sim.Scope{Account: m[1], Region: m[2]}, CallerARN: "arn:aws:iam::" + m[1] + ":root", Host: r.Host}
		c.service.ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), call)))
	}))
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

func (c *cloud) client(account, region string) *awsecr.Client {
	return awsecr.New(awsecr.Options{
		Region: region, BaseEndpoint: aws.String(c.url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "any", ""),
	})
}

// site is an account's registry in a region, as an operator has it: the API, and a login at the endpoint that came with it.
type site struct {
	api  *awsecr.Client
	host string
	auth authn.AuthConfig
}

func (c *cloud) site(t *testing.T, account, region string) *site {
	t.Helper()
	api := c.client(account, region)
	out, err := api.GetAuthorizationToken(t.Context(), &awsecr.GetAuthorizationTokenInput{})
	must(t)(out, err)
	data := out.AuthorizationData[0]
	login, err := base64.StdEncoding.DecodeString(*data.AuthorizationToken)
	must(t)(nil, err)
	user, password, _ := strings.Cut(string(login), ":")
	return &site{api, strings.TrimPrefix(*data.ProxyEndpoint, "http://"), authn.AuthConfig{Username: user, Password: password}}
}

func (s *site) ref(t *testing.T, text string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(s.host + "/" + text)
	must(t)(nil, err)
	return ref
}

func (s *site) login() remote.Option { return remote.WithAuth(authn.FromConfig(s.auth)) }

func (s *site) create(t *testing.T, repository string) {
	t.Helper()
	must(t)(s.api.CreateRepository(t.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &repository}))
}

func must(t *testing.T) func(any, error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func want(t *testing.T, what string, err error, expected string) {
	t.Helper()
	got := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		got = api.ErrorCode()
	} else if err != nil {
		got = err.Error()
	}
	if got != expected {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, expected)
	}
}

// has tells whether Lambda, called by the registry's owner, finds an image.
func (c *cloud) has(registry sim.Scope, repository, reference string) bool {
	_, err := c.service.ImageDigest(&sim.Call{Scope: registry}, registry, repository, reference)
	return err == nil
}
