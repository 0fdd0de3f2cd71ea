package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/check"
	"github.com/lifeboat-dr/lifeboat/internal/check/view"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// maxBaseline bounds a report that is read back.
const maxBaseline = 64 << 20

// checking is what `lifeboat check` is told.
type checking struct {
	variables
	failOn, baseline, changed string
	rules                     []string
	fix, write, live          bool
	cloud                     string
}

func (p *Program) check() *cobra.Command {
	var o checking
	c := &cobra.Command{
		Use: "check [DIR]", Short: "Find what would break a recovery, from the code and the plan", Args: cobra.MaximumNArgs(1),
		Long: "Reads the Terraform code in a folder, and its lifeboat.hcl if there is one, and finds what would break a recovery to another account, to another " +
			"region, or in place. Each finding says why, by a failure that really happened, and what to do. Nothing is run, and nothing outside is asked without --live. " +
			"`# lifeboat:ignore LB101 REASON until=YYYY-MM-DD` on a line, or before it or its block, sets a finding aside.",
		RunE: func(c *cobra.Command, args []string) error {
			dir := p.dir
			if len(args) > 0 {
				dir = p.path(args[0])
			}
			return p.runCheck(c.Context(), dir, o)
		},
	}
	o.flags(c)
	c.Flags().StringVar(&o.failOn, "fail-on", "high", "exit with 5 when something is found that is at least this bad: never, low, medium or high")
	c.Flags().StringSliceVar(&o.rules, "rules", nil, "only these rules: `ID`s such as LB104, or beginnings such as LB6")
	c.Flags().StringVar(&o.baseline, "baseline", "", "leave out what an earlier report in `FILE` (--format json) has")
	c.Flags().StringVar(&o.changed, "only-changed", "", "only what is on lines that changed since the git commit `BASE`")
	c.Flags().BoolVar(&o.live, "live", false, "also ask the plan's sites what only AWS knows, by calls that change nothing")
	c.Flags().StringVar(&o.cloud, "cloud", "", "with --live: ask the drill cloud at `URL` instead of AWS; each site answers to a key of its account")
	c.Flags().BoolVar(&o.fix, "fix", false, "show a diff that fixes what is mechanical")
	c.Flags().BoolVar(&o.write, "write", false, "with --fix: change the files")
	return c
}

func (p *Program) runCheck(ctx context.Context, dir string, o checking) error {
	threshold, err := failOn(o.failOn)
	if err != nil {
		return err
	}
	switch {
	case o.write && !o.fix:
		return usage("", "--write belongs to --fix")
	case o.fix && p.format != "human":
		return usage("", "--fix shows a diff, and has no --format")
	case o.cloud != "" && !o.live:
		return usage("", "--cloud belongs to --live")
	}
	in, root, err := p.checkInput(ctx, dir, o)
	if err != nil {
		return err
	}
	if o.live {
		if in.Plan == nil {
			return usage("write one with `lifeboat init`", "--live asks the plan's sites, and %s has no lifeboat.hcl", dir)
		}
		in.Live = check.Gather(ctx, *in, p.Ask(p.world(in.Plan, o.cloud)))
	}
	r := check.Check(*in)
	p.place(r, root)
	if err := p.narrow(ctx, r, root, o); err != nil {
		return err
	}
	if o.fix {
		return p.fixed(r, root, o.write)
	}
	p.showUnread(r, in.Sources)
	if err := p.showReport(r, threshold); err != nil {
		return err
	}
	if threshold > check.None && len(r.AtLeast(threshold)) > 0 {
		return outcome{code: ExitFindings}
	}
	return nil
}

// world is where a check asks: AWS, or a drill cloud.
func (p *Program) world(pl *plan.Plan, cloud string) World {
	w := World{Run: "check", Plan: pl}
	if cloud != "" {
		w.Cloud = &stage.Cloud{Endpoint: cloud}
	}
	return w
}

// failOn reads --fail-on; None is never.
func failOn(s string) (check.Severity, error) {
	if s == "never" {
		return check.None, nil
	}
	t, ok := check.ParseSeverity(s)
	if !ok {
		return t, usage("", "--fail-on is never, low, medium or high, not %q", s)
	}
	return t, nil
}

// checkInput surveys the code and loads the plan, if there is one. root is the folder of the code.
func (p *Program) checkInput(ctx context.Context, dir string, o checking) (*check.Input, string, error) {
	in := &check.Input{Now: p.Clock.Now(), Rules: o.rules}
	root := dir
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		root = filepath.Dir(dir) // the plan's file
		if !strings.HasSuffix(dir, ".hcl") {
			return nil, "", usage("name a folder of Terraform code, or a lifeboat.hcl", "%s is neither a folder nor a plan", dir)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "lifeboat.hcl")); err == nil || root != dir {
		was := p.dir
		p.dir = dir
		pl, sources, diags := p.load(o.variables)
		p.dir = was
		if diags.HasErrors() {
			p.show(diags, sources)
			return nil, "", silent(diags.Err())
		}
		in.Plan, in.Sources = pl, sources
		root, in.Prefix = surveyed(pl, root)
	}
	if slices.ContainsFunc(o.rules, func(id string) bool { return !known(id) }) {
		return nil, "", usage("docs/checks/README.md has the list of them", "--rules %s: no rule begins so", strings.Join(slices.DeleteFunc(slices.Clone(o.rules), known), ","))
	}
	inv, err := p.code(ctx, root)
	switch {
	case errors.Is(err, survey.ErrNoCode):
		return nil, "", usage("name the folder of the code: lifeboat check DIR", "%s has nothing to check: %v", root, err)
	case err != nil:
		return nil, "", usage("name the folder of the code: `"+p.call+" check DIR`", "%v", err)
	case len(inv.Stacks)+len(inv.Modules) == 0:
		p.show(inv.Diags, inv.Sources())
		return nil, "", usage("make the files readable, or name another folder", "nothing was checked: no Terraform code in %s could be read", root)
	}
	in.Inventory = inv
	return in, root, nil
}

// known tells whether there is a rule with that id, or that beginning of one.
func known(id string) bool {
	return slices.ContainsFunc(check.Rules(), func(r *check.Rule) bool { return strings.HasPrefix(r.ID, id) })
}

// surveyed is the folder whose code belongs to a plan: the plan's own, unless its code is elsewhere.
func surveyed(pl *plan.Plan, dir string) (root, prefix string) {
	if filepath.IsLocal(filepath.FromSlash(pl.Terraform.Root)) || pl.Terraform.Root == "" {
		return dir, ""
	}
	return filepath.Join(dir, filepath.FromSlash(pl.Terraform.Root)), pl.Terraform.Root
}

// place makes the names of files right from where the user stands.
func (p *Program) place(r *check.Report, root string) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if rel, err := filepath.Rel(root, f.At.File); err == nil && filepath.IsAbs(f.At.File) {
			f.At.File = filepath.ToSlash(rel)
		}
	}
	if rel, err := filepath.Rel(p.Dir, root); err == nil && rel != "." && filepath.IsLocal(rel) {
		r.Base = filepath.ToSlash(rel)
	}
}

// narrow leaves only what is new, as far as the user wants that.
func (p *Program) narrow(ctx context.Context, r *check.Report, root string, o checking) error {
	if o.baseline != "" {
		b, err := proc.ReadFile(p.path(o.baseline), maxBaseline)
		if err != nil {
			return usage("`"+p.call+" check --format json > "+shellWord(o.baseline)+"` writes one", "the baseline cannot be read: %v", err)
		}
		isNew, err := view.Baseline(r, b)
		if err != nil {
			return usage("", "%s is no baseline: %v", o.baseline, err)
		}
		r.Keep(isNew)
	}
	if o.changed != "" {
		c, err := p.changedSince(ctx, root, o.changed)
		if err != nil {
			return err
		}
		r.Keep(c.Has)
	}
	return nil
}

// changedSince asks git what changed since a commit, files that git does not know yet among it.
func (p *Program) changedSince(ctx context.Context, root, base string) (check.Changed, error) {
	if _, err := p.git(ctx, root, "rev-parse", "--is-inside-work-tree"); err != nil {
		return nil, usage("leave --only-changed out, or use --baseline FILE, which needs no git", "git does not tell what changed in %s: %v", root, err)
	}
	diff, err := p.git(ctx, root, "-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--relative", "--end-of-options", base, "--", ".")
	if err != nil {
		return nil, usage("name a commit, branch or tag that this repository has", "git does not tell what changed since %q: %v", base, err)
	}
	c := check.ParseDiff(diff)
	files, err := p.git(ctx, root, "-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	for name := range strings.Lines(files) {
		c.Whole(strings.TrimSpace(name))
	}
	return c, nil
}

func (p *Program) git(ctx context.Context, dir string, args ...string) (string, error) {
	path, err := proc.Look(p.Env, "git")
	if err != nil {
		return "", err
	}
	var out, problem bytes.Buffer
	if err := (proc.Programs{}).Run(ctx, proc.Cmd{Path: path, Args: args, Env: p.Env.Inherited(), Dir: dir, Stdout: &out, Stderr: &problem}); err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(problem.String()), "\n") // it may go on with a page of usage
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(diag.Clean(said)))
	}
	return out.String(), nil
}

// showUnread says what could not be read or asked, with the names of files as the user sees them.
func (p *Program) showUnread(r *check.Report, plan diag.Sources) {
	sources := maps.Clone(plan)
	if sources == nil {
		sources = diag.Sources{}
	}
	for name, text := range r.Inventory.Sources() {
		sources[r.Path(name)] = text
	}
	diags := slices.Concat(r.Diags, r.Inventory.Diags)
	for i := range diags {
		diags[i].Subject.File = r.Path(diags[i].Subject.File)
	}
	p.show(diags, sources)
}

// fixed shows what the patches change, or changes it.
func (p *Program) fixed(r *check.Report, root string, write bool) error {
	changed, n := check.Apply(r.Inventory, r.Findings)
	sources := r.Inventory.Sources()
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if !write {
			if err := view.Diff(p.Stdout, r.Path(name), sources[name], changed[name]); err != nil {
				return err
			}
			continue
		}
		if err := rewrite(filepath.Join(root, filepath.FromSlash(name)), changed[name]); err != nil {
			return unwritten(fmt.Errorf("%s is not fixed: %w", r.Path(name), err), "make it writable, and fix again; what is listed above is fixed")
		}
		if _, err := fmt.Fprintln(p.Stdout, r.Path(name)); err != nil {
			return err
		}
	}
	did := "can be fixed so"
	if write {
		did = "fixed; `terraform fmt` and a look at the diff are next"
	}
	p.say("%s of %d in %s %s.\n", diag.Count(n, "finding"), len(r.Findings), diag.Count(len(changed), "file"), did)
	return nil
}

// rewrite changes a file, or the one that a link leads to. A file that its owner may not write stays as it is.
func rewrite(file string, text []byte) error {
	file, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	st, err := os.Stat(file)
	switch {
	case err != nil:
		return err
	case st.Mode().Perm()&0o200 == 0:
		return fmt.Errorf("it is read-only: %w", fs.ErrPermission)
	}
	return proc.WriteFile(file, text, st.Mode().Perm())
}

func (p *Program) showReport(r *check.Report, threshold check.Severity) error {
	switch p.format {
	case "json":
		return view.JSON(p.Stdout, r)
	case "sarif":
		return view.SARIF(p.Stdout, r, p.Version)
	case "junit":
		return view.JUnit(p.Stdout, r, max(threshold, check.Low))
	case "github":
		return view.GitHub(p.Stdout, r)
	default:
		return view.Human(p.Stdout, r, width(p.Stdout, 100))
	}
}
