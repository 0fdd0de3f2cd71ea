// Package proc is the one seam between Lifeboat and the process it runs in: arguments, environment, standard streams,
// files, other programs, signals.
//
// Promise: nothing else touches os, os/exec or os/signal (lint forbids it), so a test can run the whole program in memory, and a
// reader finds every side effect here.
package proc

import (
	"io"
	"maps"
	"os"
	"os/signal"
	"os/user"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// Process is what the program was started with.
type Process struct {
	Args   []string // without the program's name
	Env    Env
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Dir    string // working directory, absolute
	Self   string // path of the running binary, to start itself again
	PID    int
	User   string
	Host   string
	// Signals gives interrupts and terminations from now on; stop ends that. Nil in tests: there are none.
	Signals func() (c <-chan os.Signal, stop func())
}

// OS is the real process.
func OS() *Process {
	p := &Process{Args: os.Args[1:], Env: Environ(os.Environ()), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, PID: os.Getpid()}
	// Each may fail in a bare container; an empty value is then what we know.
	p.Dir, _ = os.Getwd()
	p.Self, _ = os.Executable()
	p.Host, _ = os.Hostname()
	p.User = p.Env["USER"]
	if u, err := user.Current(); err == nil {
		p.User = u.Username
	}
	p.Signals = func() (<-chan os.Signal, func()) {
		c := make(chan os.Signal, 4)
		signal.Notify(c, os.Interrupt, syscall.SIGTERM)
		return c, func() { signal.Stop(c) }
	}
	// A reader who goes away (lifeboat ... | head) is an error of that write, and must not end a recovery. Caught, not ignored: programs
	// that we start inherit what is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return p
}

// Terminal tells whether w is a terminal, and how many columns it has.
func Terminal(w io.Writer) (columns int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return 80, true
	}
	return columns, true
}

// Env is an environment. A missing name is the empty string.
type Env map[string]string

// Environ reads NAME=value lines, the last of equal names counting.
func Environ(lines []string) Env {
	e := Env{}
	for _, l := range lines {
		if k, v, ok := strings.Cut(l, "="); ok && k != "" {
			e[k] = v
		}
	}
	return e
}

// VariablePrefix is what the environment's plan variables begin with.
const VariablePrefix = "LIFEBOAT_VAR_"

// Inherited is what programs that we start may have of our environment: all but the values of plan variables, which may be secret. Those who
// need one get it from the plan.
func (e Env) Inherited() Env {
	out := maps.Clone(e)
	maps.DeleteFunc(out, func(name, _ string) bool { return strings.HasPrefix(name, VariablePrefix) })
	return out
}
