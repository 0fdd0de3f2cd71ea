package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

const (
	configName = "terraform.tfrc"
	linksName  = "mirror" // folder of symlinks to unpacked packages, one registry layout for all mirrors
)

// userConfig is the user's CLI configuration: credentials and hosts of private registries count in a disaster too. The plug-in
// cache is left out, for it is not safe when several inits run at once (Terraform documentation, "Provider Plugin Cache").
func (t *Tool) userConfig() (string, error) {
	env := t.setup.Env
	name := env["TF_CLI_CONFIG_FILE"]
	if name != "" && !exists(name) {
		t.notice("TF_CLI_CONFIG_FILE names %s, which does not exist; it is ignored", name)
		name = ""
	}
	if home := env["HOME"]; name == "" && home != "" {
		for _, f := range t.defaultConfigs() {
			if p := filepath.Join(home, f); exists(p) {
				name = p
				break
			}
		}
	}
	if name == "" {
		return "", nil
	}
	b, err := proc.ReadFile(name, 1<<20)
	if err != nil {
		return "", fmt.Errorf("the user's terraform CLI configuration: %w", err)
	}
	return regexp.MustCompile(`(?m)^\s*plugin_cache_dir\b.*$`).ReplaceAllString(string(b), ""), nil
}

func (t *Tool) defaultConfigs() []string {
	if t.Product == OpenTofu {
		return []string{".tofurc", ".terraformrc"}
	}
	return []string{".terraformrc"}
}

// ownInstallation tells whether the user says himself where providers come from. Then nothing is added.
func (t *Tool) ownInstallation() bool {
	return regexp.MustCompile(`(?m)^\s*provider_installation\b`).MatchString(t.user)
}

// writeConfig links every unpacked package into one private folder and writes the configuration that points terraform there.
// Terraform links such a package into a working copy, so nothing of its 700 MB is copied. Links stand at the last level only:
// terraform does not follow others when it searches.
func (t *Tool) writeConfig() error {
	var linked, packed []string
	var raw []string
	for _, m := range append(slices.Clone(t.mirrors), scanMirror(t.setup.Cache)) {
		for _, p := range m.packages {
			for _, host := range t.alias(p) {
				source := host + "/" + p.namespace + "/" + p.name
				if p.packed {
					packed, raw = append(packed, source), append(raw, m.dir)
					continue
				}
				if err := t.link(p, host); err != nil {
					return err
				}
				linked = append(linked, source)
			}
		}
	}
	text := t.user
	if !t.ownInstallation() {
		text += installation(t.path(linksName), unique(linked), unique(raw), unique(packed))
	}
	return proc.WriteFile(t.path(configName), []byte(text), 0o600)
}

func (t *Tool) link(p pack, host string) error {
	name := t.path(linksName, host, p.namespace, p.name, p.version, platform())
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("folder of providers: %w", err)
	}
	if err := os.Symlink(p.path, name); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("link to provider %s: %w", p.source(), err)
	}
	return nil
}

// installation is the provider_installation block: links first, then mirrors that hold zips, the registry for everything else.
func installation(links string, linked, raw, packed []string) string {
	packed = slices.DeleteFunc(packed, func(s string) bool { return slices.Contains(linked, s) })
	var b strings.Builder
	b.WriteString("\nprovider_installation {\n")
	if len(linked) > 0 {
		fmt.Fprintf(&b, "  filesystem_mirror {\n    path    = %s\n    include = %s\n  }\n", Quote(links), list(linked))
	}
	for _, dir := range raw {
		if len(packed) > 0 {
			fmt.Fprintf(&b, "  filesystem_mirror {\n    path    = %s\n    include = %s\n  }\n", Quote(dir), list(packed))
		}
	}
	fmt.Fprintf(&b, "  direct {\n    exclude = %s\n  }\n}\n", list(append(slices.Clone(linked), packed...)))
	return b.String()
}

func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func unique(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}
