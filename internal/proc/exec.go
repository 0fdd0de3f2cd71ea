package proc

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Cmd is another program to run. Arguments are passed as they are: there is never a shell.
type Cmd struct {
	Path   string // absolute, from Look
	Args   []string
	Env    Env // the whole environment
	Dir    string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Grace is how long the program may take to end after an interrupt when ctx ends; then it is killed. Zero kills at once.
	Grace time.Duration
}

// Exit is the error of a program that ran and did not exit 0.
type Exit struct { //nolint:errname // Exit{Code} is what it is, not what went wrong
	Code int // -1: ended by a signal
	Err  error
}

// Error is the cause.
func (e *Exit) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Exit) Unwrap() error { return e.Err }

// Runner runs other programs. Decorators of it inject faults in tests.
type Runner interface {
	// Run starts the program in a process group of its own and waits for it. When ctx ends the group is interrupted, and after
	// Grace killed. An exit code other than 0 is an *Exit.
	Run(ctx context.Context, c Cmd) error
}

// Programs is the Runner of the machine.
type Programs struct{}

var _ Runner = Programs{}

// Run runs c.
func (Programs) Run(ctx context.Context, c Cmd) error {
	cmd := exec.CommandContext(ctx, c.Path, c.Args...) //nolint:gosec // argv without a shell, path from Look
	cmd.Env, cmd.Dir = c.Env.Lines(), c.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	// A group of its own: Ctrl-C on our terminal must not reach the program, we decide when it ends.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = c.Grace + time.Second
	cmd.Cancel = func() error {
		if c.Grace <= 0 {
			return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
		pid := cmd.Process.Pid
		time.AfterFunc(c.Grace, func() { _ = syscall.Kill(-pid, syscall.SIGKILL) })
		return syscall.Kill(-pid, syscall.SIGINT)
	}
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return &Exit{Code: exit.ExitCode(), Err: errors.Join(err, ctx.Err())}
	}
	return err
}

// Lines is the environment as NAME=value, sorted.
func (e Env) Lines() []string {
	out := make([]string, 0, len(e))
	for k, v := range e {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}

// Look finds a program on the PATH of env.
func Look(env Env, name string) (string, error) {
	if strings.ContainsRune(name, os.PathSeparator) {
		return name, executable(name)
	}
	for _, dir := range filepath.SplitList(env["PATH"]) {
		if p := filepath.Join(dir, name); executable(p) == nil {
			return p, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

func executable(p string) error {
	st, err := os.Stat(p)
	if err != nil {
		return err
	}
	if st.IsDir() || st.Mode()&0o111 == 0 {
		return &exec.Error{Name: p, Err: os.ErrPermission}
	}
	return nil
}

// Detach starts a program that outlives us: in a session of its own, without our streams; what it says goes to the file log. It is killed when
// ctx ends.
func Detach(ctx context.Context, c Cmd, log string) (pid int, err error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the seam: callers decide which file
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	cmd := exec.CommandContext(ctx, c.Path, c.Args...) //nolint:gosec // argv without a shell, path from Look
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = c.Env.Lines(), c.Dir, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	pid = cmd.Process.Pid
	go func() { _ = cmd.Wait() }() // reap it, should it end before us
	return pid, nil
}
