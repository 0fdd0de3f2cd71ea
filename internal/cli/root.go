// Package cli is the command line: one file a command.
//
// Promise: a command reads its flags, makes one call into the packages below, and shows the result. Results go to standard
// output, progress and messages to standard error; the exit code is one of Exit*'s and means the same for every command.
package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Program is the command line with everything that main joined to it.
type Program struct {
	*proc.Process
	Parts

	dir    string // -C, absolute
	call   string // how the user called us: "lifeboat", with -C if it was given
	format string // --format
	began  bool   // the command line was understood
}

// New makes the program.
func New(p *proc.Process, parts Parts) *Program { return &Program{Process: p, Parts: parts} }

// Run carries out the command in the process's arguments and gives the exit code.
func (p *Program) Run(ctx context.Context) int {
	p.collect(few)
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
		Long: "Lifeboat turns a recovery document into a plan that runs: `lifeboat drill` rehearses it on a simulated AWS, " +
			"`lifeboat recover` executes it. A recovery plan that has never run is a guess.\n\n" +
			"Exit codes: 0 done; 1 failed; 2 the command or the plan is wrong; 3 done, objectives missed; 4 waiting for a person; " +
			"5 findings at or above the threshold; 6 the journal or evidence does not verify.",
		Version:       p.Version,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return p.globals(c) },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVarP(&p.dir, "chdir", "C", ".", "the plan's `DIR`")
	root.PersistentFlags().StringVar(&p.format, "format", "human", "how results are written: human or json (plan: also dot, svg; report: html; check: sarif, junit, github)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage(help(c), "%v", err) })
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
	add("plan", p.init(), p.check(), p.validate(), p.fmt(), p.plan())
	add("run", p.protect(), p.data(), p.drill(), p.recover())
	add("steer", p.status(), p.resume(), p.approve(), p.reject(), p.confirm(), p.put(), p.abort(), p.report())
	add("cloud", p.cloud())
	root.AddCommand(p.version())
	show := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long = strings.Join(diag.Wrap("", c.Long, helpWidth), "\n")
		show(c, args)
	})
	return root
}

// helpWidth is how many columns help takes, which every terminal has.
const helpWidth = 80

// globals checks the flags that every command takes.
func (p *Program) globals(c *cobra.Command) error {
	p.call = "lifeboat"
	if c.Flags().Changed("chdir") {
		p.call += " -C " + shellWord(p.dir)
	}
	p.dir = p.path(p.dir)
	p.began = true
	if c.Name() != "check" && c.Name() != "init" { // the others may run for hours
		p.collect(usual)
	}
	allowed := []string{"human", "json"}
	switch c.Name() {
	case "plan":
		allowed = append(allowed, "dot", "svg")
	case "report":
		allowed = append(allowed, "html")
	case "check":
		allowed = append(allowed, "sarif", "junit", "github")
	case "cloud":
		allowed = allowed[:1] // it serves until it is stopped, and has no result
	}
	if !slices.Contains(allowed, p.format) {
		return usage("", "%s has no --format %q: it is one of %s", c.CommandPath(), p.format, strings.Join(allowed, ", "))
	}
	return nil
}

// path is a file that the user named, relative to where lifeboat was started.
func (p *Program) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.Dir, name)
}

// shellWord is a word that a shell takes as it is.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+:@%", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// help is the hint that belongs to a mistake in a command line.
func help(c *cobra.Command) string {
	return fmt.Sprintf("`%s --help` shows how it is used", c.CommandPath())
}

// exactly refuses another number of arguments, naming them.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == len(names):
			return nil
		case len(args) < len(names):
			return usage(help(c), "%s needs %s", c.CommandPath(), strings.Join(names[len(args):], " and "))
		default:
			return usage(help(c), "%s does not take %q", c.CommandPath(), args[len(names)])
		}
	}
}

// width is the number of columns of the terminal that w is, or what serves where it is none.
func width(w io.Writer, otherwise int) int {
	if n, ok := proc.Terminal(w); ok {
		return n
	}
	return otherwise
}
