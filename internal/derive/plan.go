package derive

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// Expand gives a plan the tables of the stacks that have tables = "all", as if they were written, save those that are. The plan's version
// then covers what was found. What cannot be known is an error at the stack. File names in diagnostics are relative to the plan's folder.
func Expand(p *plan.Plan) (diag.Sources, diag.List) {
	var x expansion
	for _, s := range p.Stacks {
		if s.AllTables == nil {
			continue
		}
		for _, site := range live(p) {
			app, err := application(p, s, site)
			if err != nil {
				return nil, diag.Errorf(*s.AllTables, "The tables cannot be found", "%s.", err)
			}
			x.parts, x.apps = append(x.parts, part{s, site}), append(x.apps, app)
		}
	}
	if len(x.apps) == 0 {
		return nil, nil
	}
	x.plan, x.root = p, path.Clean(filepath.ToSlash(p.Terraform.Root))
	return x.expand()
}

// live are the sites where the application lives or may live.
func live(p *plan.Plan) []*plan.Site {
	return slices.DeleteFunc(slices.Clone(p.Sites), func(s *plan.Site) bool {
		return !slices.ContainsFunc(p.Scenarios, func(x *plan.Scenario) bool { return x.RecoverTo == s.Name || x.Lost.Site == s.Name })
	})
}

// application is a stack as the plan applies it at a site, in the order in which terraform takes values: its block's, those for all stacks,
// the files. What is secret, or an output, is not known.
func application(p *plan.Plan, s *plan.Stack, site *plan.Site) (survey.Application, error) {
	a := survey.Application{
		Dir: path.Clean(s.Path), Overlays: slices.Concat(p.Terraform.Overlay, s.Overlay),
		Values: map[string]*survey.Value{}, Account: survey.Of(site.Account), Region: survey.Of(site.Region),
	}
	if s.Workspace != "" {
		a.Workspace = survey.Of(s.Workspace)
	}
	for _, f := range s.VarFiles {
		a.VarFiles = append(a.VarFiles, path.Join(s.Path, f))
	}
	for name := range s.Env { // it counts less than the files, which may not have it
		if v, ok := strings.CutPrefix(name, "TF_VAR_"); ok {
			a.Values[v] = survey.NotKnown("env." + name)
		}
	}
	for _, values := range []map[string]plan.Expr{p.Terraform.Variables, s.Variables} {
		for name, e := range values {
			if refs := e.Refs(); len(refs) > 0 {
				a.Values[name] = survey.NotKnown("stack." + refs[0].Name + ".outputs." + refs[0].Output)
				continue
			}
			v, err := e.Resolve(plan.Scope{Site: site, Stack: s.Name})
			switch {
			case err != nil:
				return a, fmt.Errorf("variable %q of stack %q: %w", name, s.Name, err)
			case v.IsSecret():
				a.Values[name] = survey.NotKnown("the secret value of " + name)
			default:
				a.Values[name] = survey.Of(v.Reveal())
			}
		}
	}
	for name := range s.Secrets {
		a.Values[name] = survey.NotKnown("the secret value of " + name)
	}
	return a, nil
}

// expansion is one Expand in progress.
type expansion struct {
	plan  *plan.Plan
	root  string // of the code, from the plan's folder
	parts []part
	apps  []survey.Application
}

// part is a stack at a site.
type part struct {
	stack *plan.Stack
	site  *plan.Site
}

func (x *expansion) expand() (diag.Sources, diag.List) {
	stacks, sources, diags, err := survey.Apply(survey.Options{Dir: filepath.Join(x.plan.Dir, x.plan.Terraform.Root)}, x.apps)
	if err != nil {
		return nil, diag.Errorf(*x.parts[0].stack.AllTables, "The tables cannot be found", "%s.", err)
	}
	made := map[*plan.Stack]*found{}
	for i, st := range stacks {
		s := x.parts[i].stack
		if made[s] == nil {
			made[s] = &found{plan: x.plan, stack: s}
		}
		diags = append(diags, made[s].look(x.parts[i].site, st, x.apps[i].Region)...)
	}
	for _, s := range x.plan.Stacks {
		if f := made[s]; f != nil {
			diags = append(diags, f.tell()...)
			f.write()
		}
	}
	return x.fromPlan(sources, diags)
}

// fromPlan names the files of the code from the plan's folder.
func (x *expansion) fromPlan(sources diag.Sources, diags diag.List) (diag.Sources, diag.List) {
	here := func(r *diag.Range) {
		if sources[r.File] != nil {
			r.File = path.Join(x.root, r.File)
		}
	}
	for i := range diags {
		here(&diags[i].Subject)
		for j := range diags[i].Notes {
			here(&diags[i].Notes[j].Range)
		}
	}
	out := diag.Sources{}
	for name, src := range sources {
		out[path.Join(x.root, name)] = src
	}
	return out, diags
}
