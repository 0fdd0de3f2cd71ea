package image_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
)

const repo = "pharmacy/change-event"

// shelf is a site's repository as a test sees it: over a clear line, with the library's own client.
type shelf struct {
	ecr  *ecr.Client
	repo name.Repository
	auth remote.Option
}

func open(tb testing.TB, c *cloudtest.Cloud, site *plan.Site) *shelf {
	tb.Helper()
	api := c.Open(tb, site).ECR
	out, err := api.GetAuthorizationToken(tb.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		tb.Fatal(err)
	}
	token, err := base64.StdEncoding.DecodeString(aws.ToString(out.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		tb.Fatal(err)
	}
	_, password, _ := strings.Cut(string(token), ":")
	r, err := name.NewRepository(strings.TrimPrefix(c.URL, "http://") + "/" + repo)
	if err != nil {
		tb.Fatal(err)
	}
	return &shelf{ecr: api, repo: r, auth: remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: "AWS", Password: password}))}
}

// furnish creates the repository.
func (s *shelf) furnish(tb testing.TB, mutability types.ImageTagMutability) {
	tb.Helper()
	_, err := s.ecr.CreateRepository(tb.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: aws.String(repo), ImageTagMutability: mutability, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func (s *shelf) push(tb testing.TB, tag string, t remote.Taggable) {
	tb.Helper()
	if err := remote.Push(s.repo.Tag(tag), t, s.auth, remote.WithContext(tb.Context())); err != nil {
		tb.Fatal(err)
	}
}

// digest is what a reference points to, complete with all that it needs.
func (s *shelf) digest(ctx context.Context, ref string) (string, error) {
	var r name.Reference = s.repo.Tag(ref)
	if strings.Contains(ref, ":") {
		r = s.repo.Digest(ref)
	}
	d, err := remote.Get(r, s.auth, remote.WithContext(ctx))
	if err != nil {
		return "", err
	}
	if d.MediaType.IsIndex() {
		index, err := d.ImageIndex()
		if err != nil {
			return "", err
		}
		return d.Digest.String(), validate.Index(index)
	}
	img, err := d.Image()
	if err != nil {
		return "", err
	}
	return d.Digest.String(), validate.Image(img)
}

func randomImage(tb testing.TB, bytes int64) v1.Image {
	tb.Helper()
	img, err := random.Image(bytes, 2)
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

func digestOf(tb testing.TB, t interface{ Digest() (v1.Hash, error) }) string {
	tb.Helper()
	h, err := t.Digest()
	if err != nil {
		tb.Fatal(err)
	}
	return h.String()
}

func spec(w *plan.Image) step.Spec { return step.Spec{ID: "image/change-event", Config: w} }

// ensure brings what the plan wants to the standby, over a clear line.
func ensure(t *testing.T, c *cloudtest.Cloud, w *plan.Image, answers map[string]step.Answer) (step.Outcome, error) {
	t.Helper()
	s, err := image.New(c.Clients(nil), cloudtest.Plan())(spec(w))
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	call.Answers = answers
	return s.Ensure(t.Context(), &call)
}

func from(sites ...string) []plan.Source {
	var out []plan.Source
	for _, s := range sites {
		out = append(out, plan.Source{Site: s})
	}
	return out
}

func same(ctx context.Context, s *shelf, ref, want string) error {
	got, err := s.digest(ctx, ref)
	if err != nil {
		return fmt.Errorf("%s: %w", ref, err)
	}
	if got != want {
		return fmt.Errorf("%s is %s, not %s", ref, got, want)
	}
	return nil
}
