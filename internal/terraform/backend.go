package terraform

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// overrideName is the file that redirects the backend. A backend in an override file replaces whatever the code has: another
// type, a cloud block, values or none (Terraform language, "Override Files"). The name sorts behind the user's own overrides.
const overrideName = "zz_lifeboat_override.tf.json"

// Backend is where a stack's state lives.
type Backend struct {
	Type      string // s3
	Settings  map[string]any
	Workspace string // empty: default
}

// override is the code that says it. Strings of JSON code are templates, so what starts one is escaped.
func (b Backend) override() ([]byte, error) {
	settings := map[string]any{}
	for k, v := range b.Settings {
		if s, ok := v.(string); ok {
			v = strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s)
		}
		settings[k] = v
	}
	return json.Marshal(map[string]any{"terraform": map[string]any{"backend": map[string]any{b.Type: settings}}})
}

// redirect writes the override.
func (b Backend) redirect(dir string) error {
	text, err := b.override()
	if err != nil {
		return fmt.Errorf("settings of the state's backend: %w", err)
	}
	return writeFile(filepath.Join(dir, overrideName), text)
}

// selectWorkspace does what `workspace select` records, without a process. Init resets it while the workspace has no state yet, so it
// comes after init; the backend makes the workspace with its first state.
func (b Backend) selectWorkspace(dir string) error {
	if b.Workspace == "" || b.Workspace == "default" {
		return nil
	}
	return writeFile(filepath.Join(dir, ".terraform", "environment"), []byte(b.Workspace))
}

func readText(name string) (string, error) {
	b, err := proc.ReadFile(name, 8<<20)
	return string(b), err
}
