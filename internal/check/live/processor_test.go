package live_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// TestProcessors keeps the promise that an image is compared with the function that runs it: its configuration says what it is built for, and an
// index is nothing that a function could run.
func TestProcessors(t *testing.T) {
	t.Parallel()
	image := func(processor string) v1.Image {
		img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{Architecture: processor, OS: "linux"})
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	both := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image("arm64"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}})
	both = mutate.AppendManifests(both, mutate.IndexAddendum{Add: image("amd64"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}})
	for title, c := range map[string]struct {
		image remote.Taggable
		want  string
	}{
		"the function's": {image("amd64"), ""},
		"another":        {image("arm64"), "LB552: orders/worker:1.4.2 at primary is built for arm64, and aws_lambda_function.worker runs on x86_64"},
		"several":        {both, "LB552: orders/worker:1.4.2 at primary is an index of images, which Lambda does not take for aws_lambda_function.worker"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			cloud := cloudtest.New(t)
			api, do := cloud.Open(t, cloudtest.Primary()).ECR, ok(t)
			do(api.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("orders/worker")}))
			out, err := api.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
			do(out, err)
			token, err := base64.StdEncoding.DecodeString(aws.ToString(out.AuthorizationData[0].AuthorizationToken))
			do(token, err)
			ref, err := name.ParseReference(strings.TrimPrefix(cloud.URL, "http://") + "/orders/worker:1.4.2")
			do(ref, err)
			auth := authn.FromConfig(authn.AuthConfig{Username: "AWS", Password: strings.TrimPrefix(string(token), "AWS:")})
			do(nil, remote.Push(ref, c.image, remote.WithAuth(auth), remote.WithContext(t.Context())))
			got := checked(t, cloud.URL, "orders")
			got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "LB552") })
			if strings.Join(got, "\n") != c.want {
				t.Errorf("found:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}
