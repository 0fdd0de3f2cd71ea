package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// ticks is how many units of CPU time /proc counts in a second: USER_HZ, 100 on every platform of Go (proc_pid_stat(5)).
const ticks = 100

// counted tells whether this system counts processes under /proc.
const counted = runtime.GOOS == "linux"

var errUncounted = errors.New("there is no /proc here")

// usage is what a process took.
type usage struct {
	wall     time.Duration
	own      time.Duration // CPU of the process alone
	children time.Duration // CPU of all that it started and waited for, and so on downwards
}

// command is a program to measure. What it says goes to a file, which an error quotes.
func (b *bench) command(ctx context.Context, dir string, env proc.Env, argv ...string) (*exec.Cmd, *os.File, error) {
	out, err := os.CreateTemp(b.scratch, "output-")
	if err != nil {
		return nil, nil, err
	}
	c := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // programs that are measured
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, env.Lines(), out, out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGINT) }
	c.WaitDelay = time.Minute
	return c, out, nil
}

// timed runs a program to its end and tells what it took. CPU times need /proc: elsewhere they are zero.
func (b *bench) timed(ctx context.Context, dir string, env proc.Env, argv ...string) (usage, error) {
	c, out, err := b.command(ctx, dir, env, argv...)
	if err != nil {
		return usage{}, err
	}
	defer out.Close() //nolint:errcheck // it is read by name
	start := time.Now()
	if err := c.Start(); err != nil {
		return usage{}, err
	}
	var u usage
	if counted {
		if u.own, u.children, err = untilEnd(ctx, c.Process.Pid); err != nil {
			return usage{}, err
		}
	}
	err = c.Wait()
	u.wall = time.Since(start)
	if err != nil {
		return u, fmt.Errorf("%s: %w: %s", filepath.Base(argv[0]), err, tail(out.Name()))
	}
	return u, nil
}

// untilEnd gives the counters of a process of ours that has ended: it keeps them until it is waited for.
func untilEnd(ctx context.Context, pid int) (own, children time.Duration, err error) {
	for {
		state, own, children, err := counters(pid)
		if state == "Z" || err != nil {
			return own, children, err
		}
		_ = clock.Sleep(context.WithoutCancel(ctx), 5*time.Millisecond) // an interrupt ends the process, and so this
	}
}

// counters reads state, own CPU and that of waited-for children from /proc/PID/stat, fields 3 and 14 to 17 (proc_pid_stat(5)).
func counters(pid int) (state string, own, children time.Duration, err error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return "", 0, 0, err
	}
	_, after, _ := strings.Cut(string(b), ") ") // the name before it may hold anything
	f := strings.Fields(after)
	if len(f) < 15 {
		return "", 0, 0, fmt.Errorf("/proc/%d/stat cannot be read", pid)
	}
	sum := func(i int) time.Duration {
		user, _ := strconv.Atoi(f[i])
		system, _ := strconv.Atoi(f[i+1])
		return time.Duration(user+system) * time.Second / ticks
	}
	return f[0], sum(11), sum(13), nil
}

// tail is the end of a file.
func tail(name string) string {
	b, _ := os.ReadFile(name) //nolint:gosec // a file of our own
	return string(b[max(0, len(b)-2000):])
}
