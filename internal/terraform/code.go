package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const lockName = ".terraform.lock.hcl"

// code is what must be known of a stack before terraform reads it. It is found by patterns and not by a parser of HCL: finding too
// much (in a comment, say) costs a warning or an init that was not needed, and never makes a wrong apply.
type code struct {
	variables map[string]bool // declared
	providers []string        // what decides which providers init fetches, sorted
	modules   bool            // it calls modules
	state     bool            // tofu: it says how the state is encrypted
}

// readCode reads the configuration files of a folder, the lock file included.
func readCode(dir string) (code, error) {
	c := code{variables: map[string]bool{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return c, err
	}
	files := 0
	for _, e := range entries {
		if !isCode(e.Name()) || e.Name() == overrideName {
			continue
		}
		files++
		text, err := readText(filepath.Join(dir, e.Name()))
		if err != nil {
			return c, err
		}
		c.add(text, strings.HasSuffix(e.Name(), ".json"))
	}
	if files == 0 {
		return c, errors.New(dir + " has no .tf file")
	}
	lock, err := readText(filepath.Join(dir, lockName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	c.providers = append(unique(c.providers), "lock:"+lock)
	return c, nil
}

func isCode(name string) bool {
	for _, ext := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if strings.HasSuffix(name, ext) {
			return !strings.HasPrefix(name, ".")
		}
	}
	return false
}

func (c *code) add(text string, isJSON bool) {
	if isJSON {
		c.addJSON(text)
		return
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*variable\s+"?([\pL_][\pL\pN_-]*)"?\s*\{`).FindAllStringSubmatch(text, -1) {
		c.variables[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*(?:resource|data|ephemeral)\s+"?([a-z0-9]+)_`).FindAllStringSubmatch(text, -1) {
		if m[1] != "terraform" { // built in
			c.providers = append(c.providers, m[1])
		}
	}
	for _, m := range regexp.MustCompile(`required_providers\s*\{`).FindAllStringIndex(text, -1) {
		c.providers = append(c.providers, strings.Join(strings.Fields(block(text[m[1]:])), " "))
	}
	c.modules = c.modules || regexp.MustCompile(`(?m)^\s*module\s+"`).MatchString(text)
	c.state = c.state || regexp.MustCompile(`(?m)^\s*encryption\s*\{`).MatchString(text)
}

// addJSON takes variables from JSON code. Everything else in it makes the stack one of its own.
func (c *code) addJSON(text string) {
	var doc struct {
		Variable map[string]json.RawMessage `json:"variable"`
	}
	c.modules = true
	if json.Unmarshal([]byte(text), &doc) != nil {
		return // terraform says what is wrong, with the line
	}
	for name := range doc.Variable {
		c.variables[name] = true
	}
}

// block is the text up to the brace that closes it.
func block(text string) string {
	depth := 1
	for i, r := range text {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i]
			}
		}
	}
	return text
}

// needsProviders tells whether init has any provider to fetch.
func (c code) needsProviders() bool { return c.modules || len(c.providers) > 1 }

// signature is equal for stacks whose init fetches the same providers. A stack with modules stands for itself.
func (c code) signature(path string) string {
	parts := slices.Clone(c.providers)
	if c.modules {
		parts = append(parts, "path:"+path)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}
