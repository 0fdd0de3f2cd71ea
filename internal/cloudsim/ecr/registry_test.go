package ecr_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// status is the HTTP status of a registry's refusal, 0 of none.
func status(err error) int {
	if e, ok := errors.AsType[*transport.Error](err); ok {
		return e.StatusCode
	}
	return 0
}

// same tells whether a reference gives an image, byte by byte: the client verifies each digest.
func same(t *testing.T, s *site, ref string, img v1.Image) bool {
	t.Helper()
	got, err := remote.Image(s.ref(t, ref), s.login())
	must(t)(got, err)
	layers, err := got.Layers()
	must(t)(layers, err)
	for _, l := range layers {
		r, err := l.Compressed()
		must(t)(nil, err)
		_, err = io.Copy(io.Discard, r)
		must(t)(nil, err)
		r.Close()
	}
	wantDigest, err := img.Digest()
	must(t)(wantDigest, err)
	gotDigest, err := got.Digest()
	must(t)(gotDigest, err)
	return gotDigest == wantDigest
}

// Each login reaches the registry of its own account and region; host names of AWS's form, in the Host header or in the
// repository's name, reach the one that they name.
func TestAddressing(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	west, east := c.site(t, primary, "eu-west-2"), c.site(t, primary, "eu-west-1")
	west.create(t, "team/app")
	img, err := random.Image(100, 2)
	must(t)(img, err)
	if err := remote.Write(east.ref(t, "team/app:1"), img, east.login()); status(err) != http.StatusNotFound || !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Errorf("push to the other region, which lacks the repository: %v", err)
	}
	must(t)(nil, remote.Write(west.ref(t, "team/app:1"), img, west.login()))
	if !same(t, east, primary+".dkr.ecr.eu-west-2.amazonaws.com/team/app:1", img) {
		t.Error("by the repository's name: another image")
	}
	must(t)(nil, remote.Write(east.ref(t, primary+".dkr.ecr.eu-west-2.amazonaws.com/team/app:2"), img, east.login()))
	scope := sim.Scope{Account: primary, Region: "eu-west-2"}
	if !c.has(scope, "team/app", "2") || c.has(scope, "team/app", "3") || c.has(sim.Scope{Account: primary, Region: "eu-west-1"}, "team/app", "1") {
		t.Error("Lambda does not see what is there, or what is not")
	}

	r := httptest.NewRequest(http.MethodGet, "/v2/team/app/manifests/1", nil)
	if _, ok := c.service.RegistryScope(r); ok {
		t.Error("a request that tells nothing has a scope")
	}
	r.SetBasicAuth(east.auth.Username, east.auth.Password)
	if got, ok := c.service.RegistryScope(r); !ok || got.Region != "eu-west-1" {
		t.Errorf("scope by the login: %v", got)
	}
	r.Host = primary + ".dkr.ecr.eu-west-2.amazonaws.com"
	if got, ok := c.service.RegistryScope(r); !ok || got != scope {
		t.Errorf("scope by the host: %v", got)
	}
	w := httptest.NewRecorder()
	c.service.ServeRegistry(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("pull by the host: %d %s", w.Code, w.Body)
	}
}

// Nobody gets in without a login that this cloud issued, or after its 12 hours.
func TestLogin(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	s := c.site(t, primary, "eu-west-2")
	ping := func(user, password string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v2/", nil)
		must(t)(r, err)
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		resp, err := http.DefaultClient.Do(r)
		must(t)(resp, err)
		resp.Body.Close()
		if resp.StatusCode == http.StatusUnauthorized && !strings.HasPrefix(resp.Header.Get("Www-Authenticate"), "Basic ") {
			t.Error("401 without a challenge")
		}
		return resp.StatusCode
	}
	forged := strings.Split(s.auth.Password, ".")[0] + "." + strings.Split(c.site(t, standby, "eu-west-2").auth.Password, ".")[1]
	for _, test := range []struct {
		what, user, password string
		want                 int
	}{
		{"the login", "AWS", s.auth.Password, 200},
		{"no login", "", "", 401},
		{"another user", "me", s.auth.Password, 401},
		{"a guess", "AWS", "guess", 401},
		{"another login's signature", "AWS", forged, 401},
	} {
		if got := ping(test.user, test.password); got != test.want {
			t.Errorf("%s: %d, want %d", test.what, got, test.want)
		}
	}
	c.now.t = c.now.t.Add(12*time.Hour + time.Second)
	if got := ping("AWS", s.auth.Password); got != 401 {
		t.Errorf("after 12 hours: %d, want 401", got)
	}
}

// An index is copied whole, between two accounts, and its digest stays; its images cannot be deleted from under it.
func TestIndexCopy(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	from, to := c.site(t, primary, "eu-west-2"), c.site(t, standby, "eu-west-1")
	from.create(t, "app")
	to.create(t, "app")
	index, err := random.Index(500, 2, 3)
	must(t)(index, err)
	must(t)(nil, remote.WriteIndex(from.ref(t, "app:multi"), index, from.login()))
	got, err := remote.Index(from.ref(t, "app:multi"), from.login())
	must(t)(got, err)
	must(t)(nil, remote.WriteIndex(to.ref(t, "app:multi"), got, to.login()))
	digest, err := index.Digest()
	must(t)(digest, err)
	if !c.has(sim.Scope{Account: standby, Region: "eu-west-1"}, "app", digest.String()) {
		t.Error("the copy has another digest")
	}
	manifest, err := index.IndexManifest()
	must(t)(manifest, err)
	child := manifest.Manifests[0].Digest.String()
	if err := remote.Delete(to.ref(t, "app@"+child), to.login()); status(err) != http.StatusConflict {
		t.Errorf("delete an index's image: %v", err)
	}
	out, err := to.api.BatchDeleteImage(t.Context(), &awsecr.BatchDeleteImageInput{RepositoryName: aws.String("app"), ImageIds: []types.ImageIdentifier{{ImageDigest: &child}}})
	if err != nil || len(out.Failures) != 1 || out.Failures[0].FailureCode != types.ImageFailureCodeImageReferencedByManifestList {
		t.Errorf("BatchDeleteImage of an index's image: %+v, %v", out, err)
	}
	must(t)(nil, remote.Delete(to.ref(t, "app@"+digest.String()), to.login()))
	if tags, err := remote.List(to.ref(t, "app").Context(), to.login()); err != nil || len(tags) != 0 {
		t.Errorf("a tag outlived its image: %v, %v", tags, err)
	}

	missing, err := random.Index(10, 1, 1)
	must(t)(missing, err)
	raw, err := missing.RawManifest()
	must(t)(raw, err)
	_, err = to.api.PutImage(t.Context(), &awsecr.PutImageInput{RepositoryName: aws.String("app"), ImageManifest: aws.String(string(raw))})
	want(t, "an index whose images are not there", err, "ReferencedImagesNotFoundException")
}

// An immutable tag does not move, whichever way one pushes; pushing the same again is no error.
func TestImmutableTags(t *testing.T) {
	t.Parallel()
	s := newCloud(t).site(t, primary, "eu-west-2")
	s.create(t, "app")
	first, err := random.Image(10, 1)
	must(t)(first, err)
	second, err := random.Image(10, 1)
	must(t)(second, err)
	must(t)(s.api.PutImageTagMutability(t.Context(), &awsecr.PutImageTagMutabilityInput{
		RepositoryName: aws.String("app"), ImageTagMutability: types.ImageTagMutabilityImmutableWithExclusion,
		ImageTagMutabilityExclusionFilters: []types.ImageTagMutabilityExclusionFilter{{Filter: aws.String("dev*"), FilterType: types.ImageTagMutabilityExclusionFilterTypeWildcard}},
	}))
	push := func(tag string, img v1.Image) error { return remote.Write(s.ref(t, "app:"+tag), img, s.login()) }
	must(t)(nil, push("1", first))
	must(t)(nil, push("1", first))
	if err := push("1", second); status(err) != http.StatusBadRequest || !strings.Contains(err.Error(), "immutable") {
		t.Errorf("push over an immutable tag: %v", err)
	}
	must(t)(nil, push("dev-1", first))
	must(t)(nil, push("dev-1", second))
	raw, err := second.RawManifest()
	must(t)(raw, err)
	_, err = s.api.PutImage(t.Context(), &awsecr.PutImageInput{RepositoryName: aws.String("app"), ImageManifest: aws.String(string(raw)), ImageTag: aws.String("1")})
	want(t, "PutImage over an immutable tag", err, "ImageTagAlreadyExistsException")
	if !same(t, s, "app:1", first) {
		t.Error("the tag moved")
	}
}

// Layers come in one piece, in chunks or from another repository, and only with the digest that was said; ranges are served.
func TestLayerUploads(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	s := c.site(t, primary, "eu-west-2")
	s.create(t, "app")
	s.create(t, "other")
	const hello, digest = "hello", "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	do := func(method, path, body string, header ...string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
		must(t)(r, err)
		r.SetBasicAuth(s.auth.Username, s.auth.Password)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		must(t)(resp, err)
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	expect := func(what string, resp *http.Response, code int) {
		t.Helper()
		if resp.StatusCode != code {
			b, _ := io.ReadAll(resp.Body)
			t.Errorf("%s: %d, want %d: %s", what, resp.StatusCode, code, b)
		}
	}
	expect("a layer that is not there", do("HEAD", "/v2/app/blobs/"+digest, ""), 404)
	up := do("POST", "/v2/app/blobs/uploads/", "").Header.Get("Location")
	expect("first chunk", do("PATCH", up, "he", "Content-Range", "0-1"), 202)
	expect("a chunk that leaves a gap", do("PATCH", up, "o", "Content-Range", "4-4"), 416)
	if got := do("GET", up, "").Header.Get("Range"); got != "0-1" {
		t.Errorf("the upload stands at %s", got)
	}
	expect("of another repository", do("PATCH", strings.Replace(up, "/app/", "/other/", 1), "x"), 404)
	expect("the rest, with its digest", do("PUT", up+"?digest="+digest, "llo"), 201)
	expect("the end of an upload", do("PUT", up+"?digest="+digest, ""), 404)
	expect("a wrong digest", do("POST", "/v2/app/blobs/uploads/?digest="+digest, "hullo"), 400)
	expect("in one piece", do("POST", "/v2/app/blobs/uploads/?digest="+digest, hello), 201)
	expect("the layers of another repository", do("HEAD", "/v2/other/blobs/"+digest, ""), 404)
	expect("mount of what is not there", do("POST", "/v2/app/blobs/uploads/?from=other&mount="+digest, ""), 202)
	expect("mount", do("POST", "/v2/other/blobs/uploads/?from=app&mount="+digest, ""), 201)
	resp := do("GET", "/v2/other/blobs/"+digest, "", "Range", "bytes=1-3")
	if b, _ := io.ReadAll(resp.Body); string(b) != "ell" || resp.StatusCode != http.StatusPartialContent {
		t.Errorf("a range: %d %q", resp.StatusCode, b)
	}
	expect("what the registry lacks", do("GET", "/v2/app/referrers/"+digest, ""), 404)
}

// crane, as people run it: tags, catalog, copy with a retag.
func TestCrane(t *testing.T) {
	t.Parallel()
	s := newCloud(t).site(t, primary, "eu-west-2")
	s.create(t, "app")
	s.create(t, "copy/app")
	img, err := random.Image(1<<20, 2)
	must(t)(img, err)
	auth := crane.WithAuth(authn.FromConfig(s.auth))
	must(t)(nil, crane.Push(img, s.host+"/app:1", auth))
	must(t)(nil, crane.Copy(s.host+"/app:1", s.host+"/copy/app:2", auth))
	must(t)(nil, crane.Tag(s.host+"/copy/app:2", "3", auth))
	if tags, err := crane.ListTags(s.host+"/copy/app", auth); err != nil || strings.Join(tags, " ") != "2 3" {
		t.Errorf("tags %v, %v", tags, err)
	}
	if repos, err := crane.Catalog(s.host, auth); err != nil || strings.Join(repos, " ") != "app copy/app" {
		t.Errorf("catalog %v, %v", repos, err)
	}
	one, err := crane.Manifest(s.host+"/app:1", auth)
	must(t)(one, err)
	if two, err := crane.Manifest(s.host+"/copy/app:3", auth); !bytes.Equal(one, two) {
		t.Errorf("the copy differs: %v", err)
	}
}
