package terraform_test

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

func goPlatform() string { return runtime.GOOS + "_" + runtime.GOARCH }

const tiny = `
terraform {
  required_providers {
    tiny = { source = "acme/tiny" }
  }
}
`

func mirrored(t *testing.T, product, mirror string) *terraform.Tool {
	t.Helper()
	return open(t, product, func(s *terraform.Setup) { s.Env[terraform.EnvMirror] = mirror })
}

// Providers of an unpacked mirror are linked and not copied, verified once, and given to every stack in the same version.
func TestWarmLinksAMirrorsProviders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		ctx := context.Background()
		mirror := t.TempDir()
		provider(t, mirror, "registry.terraform.io", "1.2.3")
		tool := mirrored(t, product, mirror)
		root := tree(t, map[string]string{"a/main.tf": tiny, "b/main.tf": tiny, "plain/main.tf": `output "x" { value = 1 }`})
		var told []string
		sources := []terraform.Source{{Root: root, Path: "a"}, {Root: root, Path: "b"}, {Root: root, Path: "plain"}}
		if err := tool.Warm(ctx, sources, func(s string) { told = append(told, s) }); err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 {
			t.Errorf("inits: %q, want one for both stacks and none for the third", told)
		}
		provider(t, mirror, "registry.terraform.io", "1.3.0") // too late for this run
		dir := layAndInit(t, tool, sources[1])
		lock := string(must(os.ReadFile(filepath.Join(dir, ".terraform.lock.hcl")))(t))
		if !strings.Contains(lock, `"1.2.3"`) || strings.Contains(lock, "hashes") {
			t.Errorf("lock file, want version 1.2.3, verified once:\n%s", lock)
		}
		links, err := filepath.Glob(filepath.Join(dir, ".terraform", "providers", "*", "acme", "tiny", "1.2.3", goPlatform()))
		if err != nil || len(links) != 1 {
			t.Fatalf("installed: %v, %v", links, err)
		}
		if _, err := os.Readlink(links[0]); err != nil {
			t.Errorf("the provider was copied: %v", err)
		}
	})
}

// layAndInit gives the stack's folder in a fresh working copy.
func layAndInit(t *testing.T, tool *terraform.Tool, src terraform.Source) string {
	t.Helper()
	dir := t.TempDir()
	w := hold(t, tool, dir)
	if err := w.Lay(src, local(filepath.Join(t.TempDir(), "x.tfstate"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Init(context.Background(), terraform.Options{Env: tool.Environ(nil, nil)}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "work", src.Path)
}

// A zipped package is unpacked once, into the cache, from where every stack links it.
func TestWarmUnpacksOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		mirror := t.TempDir()
		host := map[string]string{terraform.Terraform: "registry.terraform.io", terraform.OpenTofu: "registry.opentofu.org"}[product]
		dir := filepath.Join(mirror, host, "acme", "tiny")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		f := must(os.Create(filepath.Join(dir, "terraform-provider-tiny_1.2.3_"+goPlatform()+".zip")))(t)
		z := zip.NewWriter(f)
		if _, err := must(z.Create("terraform-provider-tiny_v1.2.3"))(t).Write([]byte("not really a program")); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		cache := t.TempDir()
		tool := open(t, product, func(s *terraform.Setup) { s.Env[terraform.EnvMirror], s.Cache = mirror, cache })
		src := terraform.Source{Root: tree(t, map[string]string{"a/main.tf": tiny}), Path: "a"}
		if err := tool.Warm(context.Background(), []terraform.Source{src}, nil); err != nil {
			t.Fatal(err)
		}
		stack := layAndInit(t, tool, src)
		link := filepath.Join(stack, ".terraform", "providers", host, "acme", "tiny", "1.2.3", goPlatform())
		if real, err := filepath.EvalSymlinks(link); err != nil || !strings.HasPrefix(real, must(filepath.EvalSymlinks(cache))(t)) {
			t.Errorf("the stack uses %s (%v), want a link into the cache", real, err)
		}
	})
}

// What cannot be had is told at the start, each with its own advice.
func TestWarmTellsWhatCannotBeHad(t *testing.T) {
	t.Parallel()
	lock := `provider "registry.terraform.io/acme/tiny" {
  version = "1.2.3"
  hashes  = ["h1:fdXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0="]
}
`
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"another version", map[string]string{"a/main.tf": strings.Replace(tiny, `"acme/tiny"`, `"acme/tiny", version = "~> 9.0"`, 1)}, []string{"neither in the mirror nor at the registry", terraform.EnvMirror}},
		{"no mirror, no registry", map[string]string{"a/main.tf": strings.Replace(tiny, "acme/tiny", "registry.invalid/acme/tiny", 1)}, []string{"in no mirror", "registry", terraform.EnvMirror}},
		{"another checksum", map[string]string{"a/main.tf": tiny, "a/.terraform.lock.hcl": lock}, []string{"not the one that .terraform.lock.hcl was written for", "providers lock -platform=" + goPlatform()}},
		{"no code", map[string]string{"a/readme.md": ""}, []string{"has no .tf file"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			mirror := t.TempDir()
			provider(t, mirror, "registry.terraform.io", "1.2.3")
			tool := mirrored(t, products(t)[0], mirror)
			err := tool.Warm(context.Background(), []terraform.Source{{Root: tree(t, tc.files), Path: "a"}}, nil)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}
