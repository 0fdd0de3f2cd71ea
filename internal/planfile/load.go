// Package planfile reads the user's plan, lifeboat.hcl, into plan.Plan.
//
// Promise: everything that is wrong is found at once, each with its place and a hint, before anything runs. What Load returns
// is complete and consistent: names are unique, references exist, units are read, files are there. What can only be known
// during a run stays an expression that fails, and is never empty, when it cannot be computed. Reading is bounded, and has no effect
// on anything. docs/plan-language.md is the users' reference.
package planfile

import (
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Options say where the plan is and what its variables are.
type Options struct {
	Dir      string   // the plan's folder, or one file; absolute, or relative to the working directory
	Vars     []string // NAME=VALUE, as given to --var; the last of equal names counts
	VarFiles []string // files of values, as given to --var-file; later ones win
	Env      proc.Env // LIFEBOAT_VAR_x, and what env() reads
	Now      time.Time
	Files    fs.FS // absolute paths without the leading slash; nil: the machine's files
}

// Load reads a plan. The plan is nil when there are errors; warnings may come with a plan. The sources are what diag.Write shows lines
// from. They leave out files of values, which may hold secrets. File names in diagnostics are relative to the plan's folder.
func Load(o Options) (*plan.Plan, diag.Sources, diag.List) {
	l := &loader{opts: o, plan: &plan.Plan{}, sources: diag.Sources{}, seen: map[string]bool{}}
	l.open()
	if blocks, ok := l.parse(); ok {
		l.decode(l.group(blocks))
	}
	if l.diags.HasErrors() {
		return nil, l.sources, l.diags.Sorted()
	}
	l.plan.Hash, l.plan.Parts = l.hash(), l.parts()
	return l.plan, l.sources, l.diags.Sorted()
}

// loader is one Load in progress.
type loader struct {
	opts    Options
	files   files
	base    string   // folder of the plan's files, as a path in files
	names   []string // the plan's files, relative to base
	plan    *plan.Plan
	sources diag.Sources
	diags   diag.List
	seen    map[string]bool // diagnostics that were reported, so that each is told once
	groups  groups
	eval    *evaluator
}

// report adds diagnostics, each once.
func (l *loader) report(list ...diag.Diagnostic) {
	for _, d := range list {
		key := strings.Join([]string{d.Subject.String(), d.Summary, d.Detail}, "\x00")
		if !l.seen[key] {
			l.seen[key] = true
			l.diags = append(l.diags, d)
		}
	}
}

// open finds the plan's folder and files.
func (l *loader) open() {
	dir, err := filepath.Abs(l.opts.Dir)
	if err != nil {
		l.report(diag.Diagnostic{Summary: "The plan's folder cannot be found", Detail: err.Error()})
		return
	}
	l.files = files{l.opts.Files}
	if l.files.fs == nil {
		l.files = files{proc.Files()}
	}
	list, d := planFiles(l.files, inFS(dir))
	l.report(d...)
	l.base, l.names, l.plan.Dir = list.folder, list.names, filepath.FromSlash("/"+list.folder)
}

// decode reads the blocks in the order in which they need each other.
func (l *loader) decode(g groups) {
	l.groups = g
	l.eval = newEvaluator(l)
	l.variables()
	l.tableNames()
	l.locals()
	l.checkTableNames()
	l.sites()
	l.scenarios()
	l.eval.live = l.live()
	l.checkLocals()
	l.application()
	l.terraform()
	l.images()
	l.copies()
	l.stacks()
	l.data()
	l.checkStrategies()
	l.work()
	l.verifies()
	l.checkPaths()
	if !l.diags.HasErrors() {
		l.checkStates()
		l.checkBlastRadius()
	}
	l.eval.reads.frozen = true
}
