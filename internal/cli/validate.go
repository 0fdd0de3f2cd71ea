package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
)

func (p *Program) validate() *cobra.Command {
	var vars variables
	c := &cobra.Command{
		Use: "validate", Short: "Check that the plan is well formed", Args: exactly(),
		Long: "Reads lifeboat.hcl and says everything that is wrong with it at once. It compiles every scenario too, so cycles show here. Nothing outside is touched.",
		RunE: func(*cobra.Command, []string) error { return p.runValidate(vars) },
	}
	vars.flags(c)
	return c
}

func (p *Program) runValidate(vars variables) error {
	pl, sources, diags := p.load(vars)
	if !diags.HasErrors() {
		diags = append(diags, compileAll(pl)...)
	}
	if p.format == "json" {
		if err := writeJSON(p.Stdout, diag.NewDocument(diags, sources)); err != nil {
			return err
		}
		return silent(diags.Err())
	}
	p.show(diags, sources)
	if err := silent(diags.Err()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.Stdout, "The plan of %s is valid: %s, %s, %s.\n", pl.Application.Name, diag.Count(len(pl.Sites), "site"), diag.Count(len(pl.Stacks), "stack"), diag.Count(len(pl.Scenarios), "scenario"))
	return err
}

// compileAll compiles every scenario, and reports what is wrong with several of them once.
func compileAll(pl *plan.Plan) diag.List {
	var all diag.List
	for _, s := range pl.Scenarios {
		_, diags := procedure.Compile(pl, s.Name, procedure.Options{})
		for _, d := range diags {
			known := slices.ContainsFunc(all, func(o diag.Diagnostic) bool { return o.Summary == d.Summary && o.Subject == d.Subject })
			if !known {
				all = append(all, d)
			}
		}
	}
	return all
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
