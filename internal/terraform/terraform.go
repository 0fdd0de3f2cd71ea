// Package terraform runs terraform or tofu, whichever the machine has, on private working copies of a user's stacks.
//
// Promise: the user's tree is never touched, no value is an argument of a process, and nothing that the user did not ask for reaches
// the program: its environment and its configuration are made here. What a command did is read from its stream of JSON
// messages (plan -json, apply -json), so init, plan and apply are three processes and no more.
//
// Kill-safety, the algorithm: a command writes its stream into the log of the stack's private folder, a file and not a pipe, so that
// it lives on when we are killed, finishes, saves its state and releases its lock. The log is held (proc.OpenHeld) by us and by the
// command, so a later process waits until the orphan has ended. A command that ended normally leaves an empty log; a log with content
// says that one was cut, and when it had started, which tells its own left-over state lock from everybody else's.
//
// The binary is called directly: terraform-exec would start a `version` process for each stack, keeps the stream in pipes, and starts
// processes beside the seam (proc.Runner).
package terraform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Setup is what a Tool is made from.
type Setup struct {
	Env    proc.Env    // of our process
	Runner proc.Runner // starts programs
	Who    string      // user@host of our process, as terraform writes it into state locks
	// Wanted is "terraform", "tofu", or empty: what is found, terraform first.
	Wanted   string
	Found    Binary // by Check; empty: it is looked for
	Lockfile bool   // states are locked by S3 alone, which needs newer versions
	Project  string // folder of the plan: its terraform.d/plugins is a mirror too
	Dir      string // private folder of the run, for generated files; made if missing
	Warm     string // folder for what Warm found out; empty: inside Dir
	Cache    string // folder for providers that come from the network, kept between runs; empty: inside Dir
}

// Tool is a terraform or tofu that is ready to run. It is safe for concurrent use after Warm has returned.
type Tool struct {
	Binary
	// Notices are what the user should know about the set-up, such as a configuration file that is named but missing.
	Notices []string

	setup   Setup
	user    string // the user's own CLI configuration, as far as it is taken over
	mirrors []mirror
}

// Open finds the binary and the mirrors, and writes the CLI configuration. It changes nothing outside Setup.Dir.
func Open(ctx context.Context, s Setup) (*Tool, error) {
	var err error
	if s.Found == (Binary{}) {
		s.Found, err = find(ctx, s.Runner, s.Env, s.Wanted, s.Lockfile)
	}
	if err != nil {
		return nil, err
	}
	t := &Tool{Binary: s.Found, setup: s}
	if t.setup.Cache == "" {
		t.setup.Cache = filepath.Join(s.Dir, "providers")
	}
	if t.setup.Warm == "" {
		t.setup.Warm = filepath.Join(s.Dir, "warm")
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder for terraform's configuration: %w", err)
	}
	if t.mirrors, err = mirrors(s.Env, s.Project); err != nil {
		return nil, err
	}
	if t.user, err = t.userConfig(); err != nil {
		return nil, err
	}
	return t, t.writeConfig()
}

// Check tells whether Open would find a binary and mirrors that can be used, and which binary. It writes nothing.
func Check(ctx context.Context, s Setup) (Binary, error) {
	found, err := find(ctx, s.Runner, s.Env, s.Wanted, s.Lockfile)
	if err == nil {
		_, err = mirrors(s.Env, s.Project)
	}
	return found, err
}

func (t *Tool) path(elem ...string) string {
	return filepath.Join(append([]string{t.setup.Dir}, elem...)...)
}

func (t *Tool) notice(format string, args ...any) {
	t.Notices = append(t.Notices, fmt.Sprintf(format, args...))
}

// Environ is the whole environment of a command: base (a site's, credentials included; nil: our own) without what would steer
// terraform, then what we say, then extra (what the plan names), which wins.
func (t *Tool) Environ(base, extra proc.Env) proc.Env {
	if base == nil {
		base = t.setup.Env
	}
	out := proc.Env{}
	for k, v := range base {
		if !steers(k) {
			out[k] = v
		}
	}
	maps.Copy(out, proc.Env{
		"CHECKPOINT_DISABLE": "1",
		"TF_IN_AUTOMATION":   "1",
		"TF_INPUT":           "0",
		"TF_CLI_CONFIG_FILE": t.path(configName),
	})
	maps.Copy(out, extra)
	return out
}

// steers tells whether a variable would change what terraform does, such as TF_CLI_ARGS or TF_LOG. Tokens of private
// registries and tofu's state encryption stay: without them nothing works.
func steers(name string) bool {
	if name == "TF_ENCRYPTION" || strings.HasPrefix(name, "TF_TOKEN_") {
		return false
	}
	return strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "TOFU_")
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}
