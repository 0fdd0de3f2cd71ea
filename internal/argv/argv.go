// Package argv runs the commands that a plan names.
//
// Promise: there is never a shell. A secret reaches a command through its environment only: a secret in argv, which every process of the
// machine can read, is refused. The command works with the credentials of the step's site and nobody else's, in the plan's
// folder. What it says is told as progress, bounded, without control characters, and with every secret that it was given hidden.
package argv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// grace is what a command has to end by itself: a step ends within a second of its context.
const grace = 500 * time.Millisecond

// Sites gives the environment of programs that work at a site. *awscloud.Cloud does.
type Sites interface {
	Environment(context.Context, *plan.Site) (proc.Env, error)
}

// Runner runs commands.
type Runner struct {
	Programs proc.Runner
	Sites    Sites
}

// Line is a command with what it depends on.
type Line struct {
	Argv []plan.Expr
	Env  map[string]plan.Expr
	Dir  string
	In   io.Reader // standard input; nil: empty
}

// Run runs the line and waits. A command that ran and did not exit 0 gives an error that wraps *proc.Exit and quotes its last words.
func (r Runner) Run(ctx context.Context, call *step.Call, line Line) error {
	args, err := resolve(call, line.Argv)
	if err != nil {
		return err
	}
	env, hidden, err := r.environment(ctx, call, line.Env)
	if err != nil {
		return err
	}
	name := args[0]
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		name = filepath.Join(line.Dir, name)
	}
	path, err := proc.Look(env, name)
	if err != nil {
		return &step.Error{
			Class: step.Permanent, What: fmt.Sprintf("command %q cannot be started", args[0]), Err: err,
			Next: "Install it, or put its path into the plan, relative to the plan's folder",
		}
	}
	out := &voice{tell: call.Tell, hidden: hidden}
	err = r.Programs.Run(ctx, proc.Cmd{Path: path, Args: args[1:], Env: env, Dir: line.Dir, Stdin: line.In, Stdout: out, Stderr: out, Grace: grace})
	out.flush()
	return explain(ctx, err, args[0], out.last)
}

func explain(ctx context.Context, err error, name, last string) error {
	var exit *proc.Exit
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("command %q was stopped: %w", name, ctx.Err())
	case !errors.As(err, &exit):
		return &step.Error{Class: step.Permanent, What: fmt.Sprintf("command %q cannot be run", name), Err: err}
	}
	e := &step.Error{Class: step.Permanent, What: fmt.Sprintf("command %q failed", name), Err: exit}
	if last != "" {
		e.Why = "Its last words: " + last
	}
	return e
}

// resolve computes the arguments. A secret among them is refused.
func resolve(call *step.Call, exprs []plan.Expr) ([]string, error) {
	if len(exprs) == 0 {
		return nil, errors.New("the command is empty")
	}
	args := make([]string, 0, len(exprs))
	for i, e := range exprs {
		v, err := call.Resolve(e)
		if err != nil {
			return nil, err
		}
		if v.IsSecret() {
			return nil, &step.Error{
				Class: step.Permanent, What: fmt.Sprintf("argument %d of the command at %s is a secret", i, e.Range()),
				Why:  "Every process of this machine can read the arguments of the others",
				Next: "Give it to the command through env, and let the command read it there",
			}
		}
		text, err := v.Text()
		if err != nil {
			return nil, fmt.Errorf("argument %d of the command at %s: %w", i, e.Range(), err)
		}
		args = append(args, text.Reveal())
	}
	return args, nil
}

// environment is the site's, with the line's own names over it, and the secrets in it.
func (r Runner) environment(ctx context.Context, call *step.Call, own map[string]plan.Expr) (proc.Env, []string, error) {
	env, err := r.Sites.Environment(ctx, call.Site)
	if err != nil {
		return nil, nil, err
	}
	hidden := []string{env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"]}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		v, err := call.Resolve(own[name])
		if err != nil {
			return nil, nil, err
		}
		text, err := v.Text()
		if err != nil {
			return nil, nil, fmt.Errorf("environment variable %s at %s: %w", name, own[name].Range(), err)
		}
		env[name] = text.Reveal()
		if v.IsSecret() {
			hidden = append(hidden, text.Reveal())
		}
	}
	return env, hidden, nil
}
