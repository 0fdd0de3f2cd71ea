package cli

import (
	"maps"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/derive"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
)

// variables are the values of the plan's variables, as flags.
type variables struct {
	values []string // NAME=VALUE
	files  []string
}

func (v *variables) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&v.values, "var", nil, "a plan variable's value, as `NAME=VALUE`; wins over files and LIFEBOAT_VAR_NAME")
	c.Flags().StringArrayVar(&v.files, "var-file", nil, "a `FILE` of plan variables' values")
}

// load reads the plan, and what it leaves to the stacks' code. The plan is nil when there are errors.
func (p *Program) load(v variables) (*plan.Plan, diag.Sources, diag.List) {
	pl, sources, diags := planfile.Load(planfile.Options{Dir: p.dir, Vars: v.values, VarFiles: v.files, Env: p.Env, Now: p.Clock.Now()})
	if diags.HasErrors() {
		return nil, sources, diags
	}
	code, more := derive.Expand(pl)
	maps.Copy(sources, code)
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, sources, diags
	}
	return pl, sources, diags
}

// compile loads the plan and compiles a scenario of it, and shows what is wrong with either.
func (p *Program) compile(v variables, scenario string, o procedure.Options) (*procedure.Procedure, error) {
	pl, sources, diags := p.load(v)
	var pr *procedure.Procedure
	if pl != nil {
		var more diag.List
		pr, more = procedure.Compile(pl, scenario, o)
		diags = append(diags, more...)
	}
	p.show(diags, sources)
	return pr, silent(diags.Err())
}

// show writes diagnostics to standard error, as wide as the terminal. That nobody can read them must not stop a recovery.
func (p *Program) show(diags diag.List, sources diag.Sources) {
	_ = diag.Write(p.Stderr, diags, sources, width(p.Stderr, 100))
}
