package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

const starts = 20

func binaryFigures(ctx context.Context, b *bench) ([]figure, error) {
	st, err := os.Stat(b.lifeboat)
	if err != nil {
		return nil, err
	}
	size := figure{name: "size of the binary", values: []float64{float64(st.Size()) / 1e6}, unit: "MB", most: 45, how: "`make build`"}
	plan := figure{name: "`lifeboat plan` on the example", unit: "ms", most: 100, how: "`lifeboat plan region-down -C examples/pharmacy-updates`"}
	for range starts {
		d, err := b.quick(ctx, filepath.Join(b.root, "examples", "pharmacy-updates"), b.env, "plan", "region-down")
		if err != nil {
			return nil, err
		}
		plan.add(milliseconds(d))
	}
	first, err := b.firstStep(ctx)
	return []figure{size, plan, first}, err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// quick runs lifeboat once, with the least that could disturb the clock.
func (b *bench) quick(ctx context.Context, dir string, env proc.Env, args ...string) (time.Duration, error) {
	c, out, err := b.command(ctx, dir, env, append([]string{b.lifeboat}, args...)...)
	if err != nil {
		return 0, err
	}
	defer out.Close() //nolint:errcheck // it is read by name
	start := time.Now()
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("lifeboat %s: %w: %s", strings.Join(args, " "), err, tail(out.Name()))
	}
	return time.Since(start), nil
}

const onePlan = `
application "bench" {}
site "home" {
  account = "111111111111"
  region  = "eu-west-2"
}
command "nothing" {
  argv = ["true"]
}
scenario "gone" {
  lost       = "resources"
  recover_to = site.home
}
`

// firstStep starts recoveries of a plan without stacks, and looks into their journals for the instant of the first step_started.
func (b *bench) firstStep(ctx context.Context) (figure, error) {
	f := figure{name: "from the start of the process to the first `step_started` in the journal, a plan without stacks", unit: "ms", most: 30, how: "`lifeboat recover gone --yes` against `lifeboat cloud`"}
	cloud, err := b.startCloud(ctx)
	if err != nil {
		return f, err
	}
	defer cloud.stop()
	for i := range starts {
		dir := filepath.Join(b.scratch, fmt.Sprintf("one-%d", i))
		if err := write(filepath.Join(dir, "lifeboat.hcl"), onePlan); err != nil {
			return f, err
		}
		start := time.Now()
		if _, err := b.quick(ctx, dir, cloud.env(b.env, "111111111111"), "recover", "gone", "--yes"); err != nil {
			return f, err
		}
		s, _, err := lastRun(ctx, dir)
		if err != nil {
			return f, err
		}
		began := time.Time{}
		for _, t := range s.Steps {
			if !t.Started.IsZero() && (began.IsZero() || t.Started.Before(began)) {
				began = t.Started
			}
		}
		f.add(milliseconds(began.Sub(start)))
	}
	return f, nil
}

func newStore(root string) *file.Store { return &file.Store{Root: root, Clock: clock.System{}} }

// lastRun is the state and the folder of the newest run of the plan in a folder.
func lastRun(ctx context.Context, dir string) (*journal.State, string, error) {
	store := newStore(filepath.Join(dir, ".lifeboat", "runs"))
	runs, err := store.Runs()
	if err != nil {
		return nil, "", err
	}
	if len(runs) == 0 {
		return nil, "", fmt.Errorf("no run in %s", store.Root)
	}
	last := runs[len(runs)-1]
	s, err := store.Load(ctx, last)
	return s, filepath.Join(store.Root, last), err
}

func write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o600) //nolint:gosec // names of our own, in the scratch folder
}

// with is an environment with more in it.
func with(env, more proc.Env) proc.Env {
	out := maps.Clone(env)
	maps.Copy(out, more)
	return out
}
