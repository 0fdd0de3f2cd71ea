package cli

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/planfile"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// maxPlan bounds a plan file, as planfile does.
const maxPlan = 1 << 20

func (p *Program) fmt() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use: "fmt", Short: "Format the plan's files", Args: exactly(),
		Long: "Rewrites the plan's files in the canonical layout and names those that changed. With --check it changes nothing, and fails if there is something to change.",
		RunE: func(*cobra.Command, []string) error { return p.runFmt(check) },
	}
	c.Flags().BoolVar(&check, "check", false, "change nothing; exit 1 if a file is not formatted")
	return c
}

func (p *Program) runFmt(check bool) error {
	files, diags := planfile.Files(p.dir)
	if err := diags.Err(); err != nil {
		return err
	}
	changed := []string{}
	for _, name := range files {
		src, err := proc.ReadFile(name, maxPlan)
		if err != nil {
			return err
		}
		out, diags := planfile.Format(src, name)
		p.show(diags, diag.Sources{name: src})
		if diags.HasErrors() {
			return silent(diags.Err())
		}
		if bytes.Equal(src, out) {
			continue
		}
		if !check {
			if err := proc.WriteFile(name, out, 0o644); err != nil {
				return err
			}
		}
		if rel, err := filepath.Rel(p.Dir, name); err == nil {
			name = rel
		}
		changed = append(changed, name)
	}
	if err := p.showFormatted(changed); err != nil {
		return err
	}
	if check && len(changed) > 0 {
		return outcome{code: ExitFailed}
	}
	return nil
}

// showFormatted names the files that are, or would be, changed.
func (p *Program) showFormatted(files []string) error {
	if p.format == "json" {
		return writeJSON(p.Stdout, map[string]any{"schema": "lifeboat.fmt/v1", "changed": files})
	}
	for _, name := range files {
		if _, err := fmt.Fprintln(p.Stdout, name); err != nil {
			return err
		}
	}
	return nil
}
