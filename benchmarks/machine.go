package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// machine says what was measured on, and when.
func machine(ctx context.Context, b *bench) string {
	memory, cores := proc.Machine()
	model := line("/proc/cpuinfo", "model name")
	lines := []string{
		fmt.Sprintf("Measured %s on %s/%s, %.0f cores (%s), %.1f GiB of memory available.",
			time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.GOOS, runtime.GOARCH, cores, model, float64(memory)/1024),
		fmt.Sprintf("%s, %s.", says(ctx, b.root, b.env, b.lifeboat, "--version"), runtime.Version()),
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		lines = append(lines, "Load of the last 1, 5, 15 minutes before the start: "+strings.Join(strings.Fields(string(load))[:3], ", ")+".")
	}
	return strings.Join(lines, "\n")
}

func line(file, name string) string {
	b, _ := os.ReadFile(file) //nolint:gosec // one of /proc
	for l := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

// says is the output of a program; empty when it fails.
func says(ctx context.Context, dir string, env proc.Env, argv ...string) string {
	c := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // programs that are measured
	c.Dir, c.Env = dir, env.Lines()
	out, _ := c.Output()
	return strings.TrimSpace(string(out))
}

// busy is CPU time since some moment: of the whole machine, and of what we started.
type busy struct {
	at        time.Time
	all, ours time.Duration
}

func cpu() busy {
	out := busy{at: time.Now()}
	b, _ := os.ReadFile("/proc/stat") // none: all stays zero
	l, _, _ := strings.Cut(string(b), "\n")
	for i, f := range strings.Fields(l) {
		// user nice system idle iowait irq softirq steal (proc_stat(5)); waiting is not work
		if n, err := strconv.Atoi(f); err == nil && i >= 1 && i <= 8 && i != 4 && i != 5 {
			out.all += time.Duration(n) * time.Second / ticks
		}
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if syscall.Getrusage(who, &r) == nil {
			out.ours += time.Duration(r.Utime.Nano() + r.Stime.Nano())
		}
	}
	return out
}

// others says how much of the machine other processes took from b until now.
func (b busy) others(now busy) string {
	if b.all == 0 {
		return ""
	}
	whole := time.Duration(runtime.NumCPU()) * now.at.Sub(b.at)
	share := 100 * float64(now.all-b.all-(now.ours-b.ours)) / float64(whole)
	return fmt.Sprintf("Other processes of the machine took %.0f%% of its CPU meanwhile.", max(0, share))
}

// resident is the memory that a process has now, in MB.
func resident(pid int) (float64, error) {
	text := line(filepath.Join("/proc", strconv.Itoa(pid), "status"), "VmRSS")
	kb, err := strconv.ParseFloat(strings.TrimSuffix(text, " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("the memory of process %d cannot be read: %w", pid, err)
	}
	return kb * 1024 / 1e6, nil
}
