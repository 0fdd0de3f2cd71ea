// Package cli is the command line: one file a command.
//
// Promise: a command reads its flags, makes one call into the packages below, and shows the result. Results go to standard
// output, progress and messages to standard error; the exit code is one of Exit*'s and means the same for every command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Program is the command line with everything that main joined to it.
type Program struct {
	*proc.Process
	Parts

	dir    string // -C, absolute
	format string // --format
	began  bool   // the command line was understood
}

// New makes the program.
func New(p *proc.Process, parts Parts) *Program { return &Program{Process: p, Parts: parts} }

// Run carries out the command in the process's arguments and gives the exit code.
func (p *Program) Run(ctx context.Context) int {
	root := p.root() //nolint:contextcheck // cobra hands it to each command
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	return p.exit(root.ExecuteContext(ctx))
}

func (p *Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "lifeboat",
		Short: "Disaster recovery of Terraform-managed AWS applications, rehearsed and executed",
		Long: "Lifeboat turns a recovery document into a plan that runs: `lifeboat drill` rehearses it on a simulated AWS,\n" +
			"`lifeboat recover` executes it. A recovery plan that has never run is a guess.\n\n" +
			"Exit codes: 0 done; 1 failed; 2 the command or the plan is wrong; 3 done, objectives missed; 4 waiting for a person;\n" +
			"5 findings at or above the threshold; 6 the journal or evidence does not verify.",
		Version:       p.Version,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return p.globals() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVarP(&p.dir, "chdir", "C", ".", "the plan's `DIR`")
	root.PersistentFlags().StringVar(&p.format, "format", "human", "how results are written: human or json")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%v", err) })
	root.AddGroup(
		&cobra.Group{ID: "plan", Title: "The plan:"},
		&cobra.Group{ID: "run", Title: "Rehearse and recover:"},
		&cobra.Group{ID: "steer", Title: "Steer a run:"},
		&cobra.Group{ID: "cloud", Title: "The drill cloud:"},
	)
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("plan", p.validate(), p.fmt(), p.plan())
	add("run", p.drill(), p.recover())
	add("steer", p.status(), p.resume(), p.approve(), p.reject(), p.confirm(), p.abort(), p.report())
	add("cloud", p.cloud())
	return root
}

// globals checks the flags that every command takes.
func (p *Program) globals() error {
	if !filepath.IsAbs(p.dir) {
		p.dir = filepath.Join(p.Dir, p.dir)
	}
	p.began = true
	return oneOf("--format", p.format, "human", "json", "dot", "svg") // a command that lacks one refuses it itself
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return usage("%s %q is not one of %v", flag, value, allowed)
}

// usageError is a mistake in the command itself.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func isUsage(err error) bool {
	var u usageError
	return errors.As(err, &u)
}

// exactly refuses another number of arguments, naming them.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usage("%s takes %d argument(s) (%v), not %d", c.CommandPath(), len(names), names, len(args))
		}
		return nil
	}
}
