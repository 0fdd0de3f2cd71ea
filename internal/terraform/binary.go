package terraform

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The products that can apply a stack.
const (
	Terraform = "terraform"
	OpenTofu  = "tofu"
)

// The oldest versions. `init -json` came with Terraform 1.9 (its changelog) and the JSON stream that we read is the
// same from there on; `use_lockfile` of the S3 backend came with 1.10 of both.
const (
	minVersion         = "1.9.0"
	minVersionLockfile = "1.10.0"
)

// Binary is a program that applies stacks.
type Binary struct {
	Path    string
	Product string // Terraform or OpenTofu
	Version string // such as 1.11.4
}

// find gives the first binary that is wanted and new enough.
func find(ctx context.Context, run proc.Runner, env proc.Env, wanted string, lockfile bool) (Binary, error) {
	least, why := minVersion, "Lifeboat reads the JSON messages that older versions do not write"
	if lockfile {
		least, why = minVersionLockfile, "the plan locks states with S3 alone (use_lockfile), which older versions cannot"
	}
	names := []string{wanted}
	if wanted == "" {
		names = []string{Terraform, OpenTofu}
	}
	var problems []error
	for _, name := range names {
		path, err := proc.Look(env, name)
		if err != nil {
			continue
		}
		b, err := ask(ctx, run, env, path)
		switch {
		case err != nil:
			problems = append(problems, err)
		case older(b.Version, least):
			problems = append(problems, fmt.Errorf("%s is %s %s, too old", path, b.Product, b.Version))
		default:
			return b, nil
		}
	}
	name := strings.Join(names, " or ")
	if len(problems) > 0 {
		return Binary{}, &step.Error{
			Class: step.Permanent, What: "no " + name + " that can be used", Err: errors.Join(problems...),
			Why: why, Next: fmt.Sprintf("install %s %s or newer and put it first on PATH", name, least),
		}
	}
	return Binary{}, &step.Error{
		Class: step.Permanent, What: "no " + name + " on PATH", Why: "stacks cannot be applied without it",
		Next: fmt.Sprintf("install %s %s or newer; nothing is downloaded in a disaster", name, least),
	}
}

// ask runs `version`. The first line names product and version: "Terraform v1.11.4", "OpenTofu v1.12.6".
func ask(ctx context.Context, run proc.Runner, env proc.Env, path string) (Binary, error) {
	var out bytes.Buffer
	quiet := proc.Env{"PATH": env["PATH"], "HOME": env["HOME"], "CHECKPOINT_DISABLE": "1"}
	if err := run.Run(ctx, proc.Cmd{Path: path, Args: []string{"version"}, Env: quiet, Stdout: &out, Stderr: &out}); err != nil {
		return Binary{}, fmt.Errorf("%s version: %w", path, err)
	}
	m := regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\d+\.\d+\.\d+\S*)`).FindStringSubmatch(out.String())
	if m == nil {
		return Binary{}, fmt.Errorf("%s does not answer as terraform or tofu", path)
	}
	b := Binary{Path: path, Product: Terraform, Version: m[2]}
	if m[1] == "OpenTofu" {
		b.Product = OpenTofu
	}
	return b, nil
}

// older compares versions by their numbers. A pre-release counts as its release.
func older(a, b string) bool {
	a, _, _ = strings.Cut(a, "-")
	b, _, _ = strings.Cut(b, "-")
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if c := cmp.Compare(x, y); c != 0 {
			return c < 0
		}
	}
	return len(as) < len(bs)
}
