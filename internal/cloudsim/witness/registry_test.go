package witness

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// repositories makes repositories, and gives the password that `aws ecr get-login-password` prints.
func (m *machine) repositories(names ...string) string {
	m.t.Helper()
	c := ecr.New(ecr.Options{Region: region, BaseEndpoint: &m.url, Credentials: credentials.NewStaticCredentialsProvider(account, account, "")})
	for _, n := range names {
		if _, err := c.CreateRepository(m.t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &n}); err != nil {
			m.t.Fatal(err)
		}
	}
	out, err := c.GetAuthorizationToken(m.t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		m.t.Fatal(err)
	}
	login, err := base64.StdEncoding.DecodeString(aws.ToString(out.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		m.t.Fatal(err)
	}
	return strings.TrimPrefix(string(login), "AWS:")
}

// image writes an OCI image of three layers, 1.4.2, into a folder, and gives its digest.
func (m *machine) image(folder string) string {
	m.t.Helper()
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for range 3 {
		layer, err := random.Layer(100_000, types.OCILayer)
		if err == nil {
			img, err = mutate.AppendLayers(img, layer)
		}
		if err != nil {
			m.t.Fatal(err)
		}
	}
	out, err := layout.Write(m.path(folder), empty.Index)
	if err == nil {
		err = out.AppendImage(img, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "1.4.2"}))
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return m.digest(folder)
}

// digest gives the digest of the one image in a folder.
func (m *machine) digest(folder string) string {
	m.t.Helper()
	index, err := layout.ImageIndexFromPath(m.path(folder))
	if err != nil {
		m.t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		m.t.Fatalf("%s holds %+v: %v", folder, manifest, err)
	}
	return manifest.Manifests[0].Digest.String()
}

// TestCrane: crane logs in, pushes, lists, copies to another repository, and pulls the same image.
func TestCrane(t *testing.T) {
	t.Parallel()
	crane := find(t, "crane", "make bin/crane")
	m := newMachine(t)
	secret := m.repositories("app", "vault/app")
	if out, err := m.try("", crane, "ls", m.host+"/app"); err == nil {
		t.Errorf("without a login crane lists %s", out)
	}
	if out, err := m.try(secret, crane, "auth", "login", m.host, "-u", "AWS", "--password-stdin"); err != nil {
		t.Fatal(out, err)
	}
	digest := m.image("out")
	m.run(crane, "push", m.path("out"), m.host+"/app:1.4.2")
	m.run(crane, "copy", m.host+"/app:1.4.2", m.host+"/vault/app:1.4.2")
	if got := m.run(crane, "digest", m.host+"/vault/app:1.4.2"); got != digest {
		t.Errorf("the copy is %s, not %s", got, digest)
	}
	if got := m.run(crane, "ls", m.host+"/vault/app"); got != "1.4.2" {
		t.Errorf("the repository has the tags %q", got)
	}
	m.run(crane, "pull", "--format", "oci", m.host+"/vault/app@"+digest, m.path("back"))
	if got := m.digest("back"); got != digest {
		t.Errorf("pulled the image %s, not %s", got, digest)
	}
	if out, err := m.try("", crane, "push", m.path("out"), m.host+"/none:1"); err == nil || !strings.Contains(out, "NAME_UNKNOWN") {
		t.Errorf("to a repository that does not exist: %v %s", err, out)
	}
}

// TestSkopeo: skopeo copies an image from a folder to the registry, inspects it there, and copies the same image back.
func TestSkopeo(t *testing.T) {
	t.Parallel()
	skopeo := find(t, "skopeo", "apt-get install skopeo")
	m := newMachine(t)
	secret := m.repositories("app")
	digest := m.image("out")
	if out, err := m.try(secret, skopeo, "login", "--tls-verify=false", "--username", "AWS", "--password-stdin", m.host); err != nil {
		t.Fatal(out, err)
	}
	there := "docker://" + m.host + "/app:1.4.2"
	m.run(skopeo, "--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", "oci:"+m.path("out")+":1.4.2", there)
	if got := m.run(skopeo, "inspect", "--tls-verify=false", "--format", "{{.Digest}}", there); got != digest {
		t.Errorf("the registry has %s, not %s", got, digest)
	}
	m.run(skopeo, "--insecure-policy", "copy", "--preserve-digests", "--src-tls-verify=false", there, "oci:"+m.path("back")+":1.4.2")
	if got := m.digest("back"); got != digest {
		t.Errorf("came back as %s, not %s", got, digest)
	}
	m.run(skopeo, "delete", "--tls-verify=false", there)
	if out, err := m.try("", skopeo, "inspect", "--tls-verify=false", there); err == nil || !strings.Contains(out, "manifest unknown") {
		t.Errorf("after its deletion: %v %s", err, out)
	}
}
