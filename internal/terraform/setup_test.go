package terraform_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// answers is a Runner whose programs answer `version` with a text.
type answers map[string]string // by the program's base name

func (a answers) Run(_ context.Context, c proc.Cmd) error {
	_, err := fmt.Fprintln(c.Stdout, a[filepath.Base(c.Path)])
	return err
}

// programs makes a PATH with executables of these names.
func programs(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The binary is the first that is wanted and new enough; otherwise it is said what is missing.
func TestFindsABinaryThatIsNewEnough(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		says     answers
		wanted   string
		lockfile bool
		product  string
		version  string
		want     string // in the error
	}{
		{name: "terraform first", says: answers{"terraform": "Terraform v1.11.4\non linux_amd64", "tofu": "OpenTofu v1.12.6"}, product: "terraform", version: "1.11.4"},
		{name: "tofu when terraform is too old", says: answers{"terraform": "Terraform v1.5.7", "tofu": "OpenTofu v1.12.6"}, product: "tofu", version: "1.12.6"},
		{name: "tofu by name", says: answers{"terraform": "Terraform v1.11.4", "tofu": "OpenTofu v1.12.6"}, wanted: "tofu", product: "tofu", version: "1.12.6"},
		{name: "tofu under the name of terraform", says: answers{"terraform": "OpenTofu v1.10.0-rc1"}, product: "tofu", version: "1.10.0-rc1"},
		{name: "too old", says: answers{"terraform": "Terraform v1.5.7"}, want: "is terraform 1.5.7, too old"},
		{name: "too old for a lockfile", says: answers{"terraform": "Terraform v1.9.8"}, lockfile: true, want: "1.10.0 or newer"},
		{name: "none", says: answers{}, want: "no terraform or tofu on PATH"},
		{name: "not the wanted one", says: answers{"terraform": "Terraform v1.11.4"}, wanted: "tofu", want: "no tofu on PATH"},
		{name: "something else", says: answers{"terraform": "hello"}, want: "does not answer as terraform or tofu"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var names []string
			for n := range tc.says {
				names = append(names, n)
			}
			tool, err := terraform.Open(context.Background(), terraform.Setup{
				Env: proc.Env{"PATH": programs(t, names...)}, Runner: tc.says, Wanted: tc.wanted, Lockfile: tc.lockfile, Dir: t.TempDir(),
			})
			if tc.want != "" {
				var e *step.Error
				if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.want) || e.Next == "" {
					t.Fatalf("error %v, want %q with advice", err, tc.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tool.Product != tc.product || tool.Version != tc.version {
				t.Errorf("found %+v, want %s %s", tool.Binary, tc.product, tc.version)
			}
		})
	}
}

// A package of a provider that only init looks at.
func provider(t *testing.T, dir, host, version string) {
	t.Helper()
	name := filepath.Join(dir, host, "acme", "tiny", version, goPlatform(), "terraform-provider-tiny_v"+version)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("not really a program"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func config(t *testing.T, tool *terraform.Tool) string {
	t.Helper()
	b, err := os.ReadFile(tool.Environ(nil, nil)["TF_CLI_CONFIG_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The configuration points to mirrors that are there, keeps what the user's own says, and leaves out what is not safe in parallel.
func TestConfigurationIsGenerated(t *testing.T) {
	t.Parallel()
	says := answers{"terraform": "Terraform v1.11.4", "tofu": "OpenTofu v1.12.6"}
	path := programs(t, "terraform", "tofu")
	setup := func(t *testing.T, env proc.Env) terraform.Setup {
		t.Helper()
		env["PATH"] = path
		return terraform.Setup{Env: env, Runner: says, Dir: t.TempDir(), Project: t.TempDir()}
	}
	open := func(t *testing.T, s terraform.Setup) *terraform.Tool {
		t.Helper()
		return must(terraform.Open(context.Background(), s))(t)
	}
	t.Run("a named mirror, or its registry folder", func(t *testing.T) {
		t.Parallel()
		mirror := t.TempDir()
		provider(t, mirror, "registry.terraform.io", "1.2.3")
		for _, named := range []string{mirror, filepath.Join(mirror, "registry.terraform.io")} {
			s := setup(t, proc.Env{terraform.EnvMirror: named})
			got := config(t, open(t, s))
			if !strings.Contains(got, `include = ["registry.terraform.io/acme/tiny"`) || !strings.Contains(got, `exclude = ["registry.terraform.io/acme/tiny"`) {
				t.Errorf("configuration:\n%s", got)
			}
			link := filepath.Join(s.Dir, "mirror", "registry.terraform.io", "acme", "tiny", "1.2.3", goPlatform())
			if target, err := os.Readlink(link); err != nil || !strings.HasPrefix(target, mirror) {
				t.Errorf("link to the package: %s, %v", target, err)
			}
		}
	})
	t.Run("tofu finds it under its own registry's name", func(t *testing.T) {
		t.Parallel()
		mirror := t.TempDir()
		provider(t, mirror, "registry.terraform.io", "1.2.3")
		s := setup(t, proc.Env{terraform.EnvMirror: mirror})
		s.Wanted = "tofu"
		if got := config(t, open(t, s)); !strings.Contains(got, `"registry.opentofu.org/acme/tiny"`) {
			t.Errorf("configuration:\n%s", got)
		}
	})
	t.Run("implied directories", func(t *testing.T) {
		t.Parallel()
		home, data := t.TempDir(), t.TempDir()
		provider(t, filepath.Join(home, ".terraform.d", "plugins"), "one.example.org", "1.0.0")
		provider(t, filepath.Join(data, "terraform", "plugins"), "two.example.org", "1.0.0")
		s := setup(t, proc.Env{"HOME": home, "XDG_DATA_DIRS": data})
		provider(t, filepath.Join(s.Project, "terraform.d", "plugins"), "three.example.org", "1.0.0")
		got := config(t, open(t, s))
		for _, host := range []string{"one", "two", "three"} {
			if !strings.Contains(got, host+".example.org/acme/tiny") {
				t.Errorf("the mirror of %s was not found:\n%s", host, got)
			}
		}
	})
	t.Run("a mirror without providers is refused", func(t *testing.T) {
		t.Parallel()
		_, err := terraform.Open(context.Background(), setup(t, proc.Env{terraform.EnvMirror: t.TempDir()}))
		if err == nil || !strings.Contains(err.Error(), terraform.EnvMirror) {
			t.Errorf("error %v, want one that names %s", err, terraform.EnvMirror)
		}
	})
	t.Run("the user's configuration", func(t *testing.T) {
		t.Parallel()
		name := filepath.Join(t.TempDir(), "rc")
		text := "plugin_cache_dir = \"/shared\"\ncredentials \"app.example.org\" {}\n"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := config(t, open(t, setup(t, proc.Env{"TF_CLI_CONFIG_FILE": name})))
		if strings.Contains(got, "plugin_cache_dir") || !strings.Contains(got, "app.example.org") || !strings.Contains(got, "provider_installation") {
			t.Errorf("configuration:\n%s", got)
		}
		if err := os.WriteFile(name, []byte("provider_installation {\n  direct {}\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := config(t, open(t, setup(t, proc.Env{"TF_CLI_CONFIG_FILE": name}))); strings.Count(got, "provider_installation") != 1 {
			t.Errorf("the user's provider_installation does not stand alone:\n%s", got)
		}
	})
	t.Run("a configuration that is named but missing is told, not obeyed", func(t *testing.T) {
		t.Parallel()
		missing := filepath.Join(t.TempDir(), "missing")
		tool := open(t, setup(t, proc.Env{"TF_CLI_CONFIG_FILE": missing}))
		if len(tool.Notices) != 1 || !strings.Contains(tool.Notices[0], missing) {
			t.Errorf("notices %q, want one about %s", tool.Notices, missing)
		}
	})
}

// Only what was asked for reaches the program.
func TestEnvironmentIsClean(t *testing.T) {
	t.Parallel()
	tool := must(terraform.Open(context.Background(), terraform.Setup{
		Env:    proc.Env{"PATH": programs(t, "terraform"), "TF_LOG": "trace", "TF_CLI_ARGS_apply": "-auto-approve", "TF_VAR_x": "1", "TF_TOKEN_app_example_org": "t"},
		Runner: answers{"terraform": "Terraform v1.11.4"}, Dir: t.TempDir(),
	}))(t)
	got := tool.Environ(nil, nil)
	for _, name := range []string{"TF_LOG", "TF_CLI_ARGS_apply", "TF_VAR_x"} {
		if _, ok := got[name]; ok {
			t.Errorf("%s reaches terraform unasked", name)
		}
	}
	if got["TF_TOKEN_app_example_org"] == "" {
		t.Error("the token of a private registry is lost")
	}
	got = tool.Environ(proc.Env{"AWS_REGION": "eu-west-1", "TF_LOG": "trace"}, proc.Env{"TF_LOG": "info"})
	if got["AWS_REGION"] != "eu-west-1" || got["TF_LOG"] != "info" || got["PATH"] != "" {
		t.Errorf("environment %v, want the site's and what the plan names", got)
	}
}
