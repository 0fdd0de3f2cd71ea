package image_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
)

const lifecycle = `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":100},"action":{"type":"expire"}}]}`

// The promise: image keeps the contract of steps: an index with its children by tag, an image by digest alone, and the settings of the source.
func TestConformance(t *testing.T) {
	t.Parallel()
	index, err := random.Index(256, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	loose := randomImage(t, 256)
	steptest.Run(t, steptest.Kit{Calls: 10, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		c := cloudtest.New(tb)
		vault, standby := open(tb, c, cloudtest.Vault()), open(tb, c, cloudtest.Standby())
		vault.furnish(tb, types.ImageTagMutabilityImmutable)
		vault.push(tb, "1.4.2", index)
		vault.push(tb, "loose", loose)
		if _, err := vault.ecr.PutLifecyclePolicy(tb.Context(), &ecr.PutLifecyclePolicyInput{RepositoryName: aws.String(repo), LifecyclePolicyText: aws.String(lifecycle)}); err != nil {
			tb.Fatal(err)
		}
		want := &plan.Image{Repository: repo, Tags: []string{"1.4.2"}, Digests: []string{digestOf(tb, loose)}, From: from("vault")}
		return steptest.World{
			Step: func() (step.Step, error) { return image.New(c.Clients(f), cloudtest.Plan())(spec(want)) },
			Call: cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error {
				ctx := tb.Context()
				return errors.Join(
					same(ctx, standby, "1.4.2", digestOf(tb, index)), same(ctx, standby, digestOf(tb, loose), digestOf(tb, loose)), settled(tb, standby))
			},
		}
	}})
}

// settled tells whether a repository has the settings of furnish and the lifecycle policy.
func settled(tb testing.TB, s *shelf) error {
	tb.Helper()
	out, err := s.ecr.DescribeRepositories(tb.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{repo}})
	if err != nil {
		return err
	}
	if r := out.Repositories[0]; r.ImageTagMutability != types.ImageTagMutabilityImmutable || !r.ImageScanningConfiguration.ScanOnPush {
		return fmt.Errorf("the settings are %s, scan %v", r.ImageTagMutability, r.ImageScanningConfiguration.ScanOnPush)
	}
	_, err = s.ecr.GetLifecyclePolicy(tb.Context(), &ecr.GetLifecyclePolicyInput{RepositoryName: aws.String(repo)})
	return err
}

// The promise: each image comes from the first source that has it; a source that has no repository is passed over.
func TestSourcesAreAskedForEachImage(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	one, two := randomImage(t, 100), randomImage(t, 100)
	dir := filepath.Join(t.TempDir(), "oci")
	path, err := layout.Write(dir, empty.Index)
	if err == nil {
		err = path.AppendImage(two, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "2"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	vault := open(t, c, cloudtest.Vault())
	vault.furnish(t, types.ImageTagMutabilityMutable)
	vault.push(t, "1", one)
	want := &plan.Image{Repository: repo, Tags: []string{"1", "2"}, From: append(from("primary", "vault"), plan.Source{Layout: dir})}
	out, err := ensure(t, c, want, nil)
	if err != nil || !strings.Contains(out.Summary, `2 images copied from layout `+dir+` and site "vault"`) {
		t.Fatalf("%+v, %v", out, err)
	}
	standby := open(t, c, cloudtest.Standby())
	if err := errors.Join(same(t.Context(), standby, "1", digestOf(t, one)), same(t.Context(), standby, "2", digestOf(t, two))); err != nil {
		t.Error(err)
	}
	want.Tags = []string{"3"}
	if _, err := ensure(t, c, want, nil); err == nil || !strings.Contains(err.Error(), "has no source that can be read") || !strings.Contains(err.Error(), `Site "primary": it has no repository`) {
		t.Errorf("%v", err)
	}
}

// The promise: a tag that points elsewhere is never moved by itself: an immutable one is explained, for a mutable one a person decides.
func TestTagsAreNotMoved(t *testing.T) {
	t.Parallel()
	for _, m := range []types.ImageTagMutability{types.ImageTagMutabilityImmutable, types.ImageTagMutabilityMutable} {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			c := cloudtest.New(t)
			here, there := randomImage(t, 100), randomImage(t, 100)
			vault, standby := open(t, c, cloudtest.Vault()), open(t, c, cloudtest.Standby())
			vault.furnish(t, types.ImageTagMutabilityMutable)
			standby.furnish(t, m)
			vault.push(t, "1", there)
			standby.push(t, "1", here)
			want := &plan.Image{Repository: repo, Tags: []string{"1"}, From: from("vault")}
			_, err := ensure(t, c, want, nil)
			if m == types.ImageTagMutabilityImmutable {
				if err == nil || !strings.Contains(err.Error(), "tags are immutable") || !strings.Contains(err.Error(), digestOf(t, here)) {
					t.Errorf("%v", err)
				}
				return
			}
			var ask *step.Ask
			if !errors.As(err, &ask) || ask.Key != "tag 1" || !strings.Contains(ask.Detail, digestOf(t, there)) {
				t.Fatalf("%v", err)
			}
			if out, err := ensure(t, c, want, map[string]step.Answer{"tag 1": {Decision: step.Confirm}}); err != nil || out.Changed {
				t.Errorf("left as it is: %+v, %v", out, err)
			}
			if err := same(t.Context(), standby, "1", digestOf(t, here)); err != nil {
				t.Error(err)
			}
			if out, err := ensure(t, c, want, map[string]step.Answer{"tag 1": {Decision: step.Approve}}); err != nil || !out.Changed {
				t.Errorf("moved: %+v, %v", out, err)
			}
			if err := same(t.Context(), standby, "1", digestOf(t, there)); err != nil {
				t.Error(err)
			}
		})
	}
}

// The promise: the plan's settings hold on a repository that exists, a source's only make it stricter; only missing layers travel.
func TestSettingsAndLayers(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	img := randomImage(t, 100<<10)
	vault, standby := open(t, c, cloudtest.Vault()), open(t, c, cloudtest.Standby())
	vault.furnish(t, types.ImageTagMutabilityMutable)
	standby.furnish(t, types.ImageTagMutabilityImmutable)
	vault.push(t, "1", img)
	standby.push(t, "other-name", img)
	off := false
	want := &plan.Image{Repository: repo, Tags: []string{"1"}, From: from("vault"), Settings: &plan.RepositorySettings{ScanOnPush: &off, LifecyclePolicy: lifecycle}}
	out, err := ensure(t, c, want, nil)
	if err != nil || out.Summary != `scan on push set, lifecycle policy set, 1 image copied from site "vault" (its layers were there)` {
		t.Fatalf("%+v, %v", out, err)
	}
	d, err := standby.ecr.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{repo}})
	if err != nil || d.Repositories[0].ImageTagMutability != types.ImageTagMutabilityImmutable || d.Repositories[0].ImageScanningConfiguration.ScanOnPush {
		t.Errorf("%+v, %v", d, err)
	}
	if out, err := ensure(t, c, want, nil); err != nil || out.Changed {
		t.Errorf("again: %+v, %v", out, err)
	}
}

// The promise: without any source that answers, what is there counts, and the outcome says that nothing was compared.
func TestPresentWithoutSource(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	standby := open(t, c, cloudtest.Standby())
	standby.furnish(t, types.ImageTagMutabilityMutable)
	standby.push(t, "1", randomImage(t, 100))
	out, err := ensure(t, c, &plan.Image{Repository: repo, Tags: []string{"1"}, From: from("vault")}, nil)
	if err != nil || out.Changed || !strings.Contains(out.Summary, "no source was there to compare tags with") {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: progress is told in bytes, and never counts more than travels.
func TestProgressIsInBytes(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	vault := open(t, c, cloudtest.Vault())
	vault.furnish(t, types.ImageTagMutabilityMutable)
	vault.push(t, "1", randomImage(t, 1<<20))
	s, err := image.New(c.Clients(nil), cloudtest.Plan())(spec(&plan.Image{Repository: repo, Tags: []string{"1"}, From: from("vault")}))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var told []step.Progress
	call := cloudtest.Call(t, cloudtest.Standby())
	call.Report = func(p step.Progress) { mu.Lock(); defer mu.Unlock(); told = append(told, p) }
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || !strings.Contains(out.Summary, "(2.0 MB)") {
		t.Errorf("%+v, %v", out, err)
	}
	bytes := slices.DeleteFunc(told, func(p step.Progress) bool { return p.Unit != "bytes" })
	if len(bytes) == 0 || slices.ContainsFunc(bytes, func(p step.Progress) bool { return p.Done <= 0 || p.Done > p.Total }) {
		t.Errorf("%+v", bytes)
	}
}
