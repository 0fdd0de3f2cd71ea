package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// EnvMirror names a folder of providers, laid out as `terraform providers mirror` or a filesystem mirror does.
const EnvMirror = "LIFEBOAT_PROVIDER_MIRROR"

// The registries whose names a provider's address starts with. Both serve the same packages of hashicorp's providers.
const (
	registryTerraform = "registry.terraform.io"
	registryOpenTofu  = "registry.opentofu.org"
)

// mirror is a folder of providers on this machine.
type mirror struct {
	dir      string
	packages []pack
}

// pack is a provider's package for this platform.
type pack struct {
	host, namespace, name, version string
	path                           string // a folder, or a zip when packed
	packed                         bool
}

// source is the provider's address, such as registry.terraform.io/hashicorp/aws.
func (p pack) source() string { return p.host + "/" + p.namespace + "/" + p.name }

// mirrors finds every mirror: what the environment names, Terraform's implied mirror directories (Terraform
// documentation, "Implied Local Mirror Directories"), and a registry's folder one level below the system's directories
// for local and add-on software (Filesystem Hierarchy Standard 3.0: /usr/local and /opt).
func mirrors(env proc.Env, project string) ([]mirror, error) {
	var out []mirror
	if named := env[EnvMirror]; named != "" {
		m := scanMirror(named)
		if len(m.packages) == 0 {
			return nil, &step.Error{
				Class: step.Permanent, What: fmt.Sprintf("%s names %s, which holds no provider for %s", EnvMirror, named, platform()),
				Next: "name a folder that contains registry.terraform.io/NAMESPACE/TYPE/VERSION/" + platform() + ", or unset it",
			}
		}
		out = append(out, m)
	}
	for _, dir := range mirrorDirs(env, project) {
		seen := slices.ContainsFunc(out, func(m mirror) bool { return m.dir == dir })
		if m := scanMirror(dir); !seen && len(m.packages) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

func mirrorDirs(env proc.Env, project string) []string {
	dirs := []string{filepath.Join(project, "terraform.d", "plugins")}
	data := env["XDG_DATA_HOME"]
	if home := env["HOME"]; home != "" {
		dirs = append(dirs, filepath.Join(home, ".terraform.d", "plugins"))
		if data == "" {
			data = filepath.Join(home, ".local", "share")
		}
		if runtime.GOOS == "darwin" {
			dirs = append(dirs, filepath.Join(home, "Library", "Application Support", "io.terraform", "plugins"), "/Library/Application Support/io.terraform/plugins")
		}
	}
	shared := env["XDG_DATA_DIRS"]
	if shared == "" {
		shared = "/usr/local/share:/usr/share"
	}
	for _, d := range append([]string{data}, filepath.SplitList(shared)...) {
		if d != "" {
			dirs = append(dirs, filepath.Join(d, Terraform, "plugins"), filepath.Join(d, "opentofu", "plugins"))
		}
	}
	for _, base := range []string{"/opt", "/usr/local", "/usr/local/share"} {
		for _, registry := range []string{registryTerraform, registryOpenTofu} {
			found, _ := filepath.Glob(filepath.Join(base, "*", registry)) // the pattern is well-formed
			for _, f := range found {
				dirs = append(dirs, filepath.Dir(f))
			}
		}
	}
	return dirs
}

func platform() string { return runtime.GOOS + "_" + runtime.GOARCH }

// scanMirror reads HOST/NAMESPACE/TYPE/VERSION/PLATFORM folders, and HOST/NAMESPACE/TYPE/terraform-provider-TYPE_VERSION_PLATFORM.zip.
func scanMirror(dir string) mirror {
	if b := filepath.Base(dir); b == registryTerraform || b == registryOpenTofu {
		dir = filepath.Dir(dir)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs // links point to it
	}
	m := mirror{dir: dir}
	unpacked, _ := filepath.Glob(filepath.Join(dir, "*", "*", "*", "*", platform()))
	for _, path := range unpacked {
		w := strings.Split(strings.TrimPrefix(path, dir+string(os.PathSeparator)), string(os.PathSeparator))
		m.packages = append(m.packages, pack{host: w[0], namespace: w[1], name: w[2], version: w[3], path: path})
	}
	zips, _ := filepath.Glob(filepath.Join(dir, "*", "*", "*", "terraform-provider-*_"+platform()+".zip"))
	for _, path := range zips {
		w := strings.Split(strings.TrimPrefix(path, dir+string(os.PathSeparator)), string(os.PathSeparator))
		version := strings.TrimSuffix(strings.TrimPrefix(w[3], "terraform-provider-"+w[2]+"_"), "_"+platform()+".zip")
		m.packages = append(m.packages, pack{host: w[0], namespace: w[1], name: w[2], version: version, path: path, packed: true})
	}
	return m
}

// alias gives the addresses under which a package serves: tofu reads source = "hashicorp/aws" as its own registry's.
func (t *Tool) alias(p pack) []string {
	out := []string{p.host}
	if p.host == registryTerraform && t.Product == OpenTofu {
		out = append(out, registryOpenTofu)
	}
	return out
}
