package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

//go:embed inturn.sh
var inTurnScript string

// rehearsal is one `lifeboat drill` of the example.
type rehearsal struct {
	usage
	recovery time.Duration // from the disaster to the last step, optional ones too
	cloud    time.Duration // CPU of the drill cloud
	resident float64       // memory of the drill cloud at the end, MB
}

// demoFigures rehearses the example and, in the same round, applies the same stacks with a shell script at the same site of another
// drill cloud of the same kind. What comes before the stacks is part of Lifeboat's time; the script finds it done.
func demoFigures(ctx context.Context, b *bench) ([]figure, error) {
	whole := figure{name: "`lifeboat drill region-down` in all: bring up, strike, recover", unit: "s", most: 150, how: "`lifeboat drill region-down --yes --keep -C examples/pharmacy-updates`"}
	recovery := figure{name: "its recovery part, from the disaster to the last of 15 steps", unit: "s", how: "the run's journal"}
	script := figure{name: "the five stacks one after another, in the same run", unit: "s"}
	faster := figure{name: "the recovery part against the script", unit: "x", most: 1.3, least: true, how: "each round's ratio"}
	own := figure{name: "Lifeboat's own CPU beside the terraform processes", unit: "%", most: 5, how: "/proc/PID/stat of the drill: the process alone, and what it waited for"}
	world := figure{name: "CPU of the drill cloud, a process of its own and not in the line above", unit: "s", how: "/proc/PID/stat at the end of the drill"}
	memory := figure{name: "resident memory of the drill cloud with two sites in it", unit: "MB", how: "VmRSS at the end of the drill"}
	dir := filepath.Join(b.scratch, "example")
	if err := copyExample(filepath.Join(b.root, "examples", "pharmacy-updates"), dir); err != nil {
		return nil, err
	}
	p, err := b.open(ctx, dir)
	if err != nil {
		return skipped(err, whole, recovery, script, faster, own, world, memory), nil // the table says it
	}
	for round := range b.rounds {
		var r rehearsal
		var s usage
		for turn := range 2 {
			if (round+turn)%2 == 0 { // each goes first every other round
				r, err = b.rehearse(ctx, dir)
			} else {
				s, script.how, err = p.inTurn(ctx, b)
			}
			if err != nil {
				return nil, err
			}
		}
		whole.add(r.wall.Seconds())
		recovery.add(r.recovery.Seconds())
		script.add(s.wall.Seconds())
		faster.add(s.wall.Seconds() / r.recovery.Seconds())
		if counted {
			own.add(100 * r.own.Seconds() / r.children.Seconds())
			world.add(r.cloud.Seconds())
			memory.add(r.resident)
		}
	}
	figures := []figure{whole, recovery, script, faster}
	if !counted {
		return append(figures, skipped(errUncounted, own, world, memory)...), nil
	}
	return append(figures, own, world, memory), nil
}

// copyExample copies the example without the runs of other days.
func copyExample(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ".lifeboat" {
				return filepath.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // the repository's own
		if err != nil {
			return err
		}
		return write(filepath.Join(to, strings.TrimPrefix(path, from)), string(text))
	})
}

func (b *bench) rehearse(ctx context.Context, dir string) (r rehearsal, err error) {
	if r.usage, err = b.timed(ctx, dir, b.env, b.lifeboat, "drill", "region-down", "--yes", "--keep"); err != nil {
		return r, err
	}
	state, folder, err := lastRun(ctx, dir)
	if err != nil {
		return r, err
	}
	if state.Result != journal.Recovered {
		return r, fmt.Errorf("the drill ended as %s: %s", state.Result, state.Reason)
	}
	r.recovery = state.Ended.Sub(state.Disaster())
	c, err := stage.Open(folder)
	if err != nil {
		return r, err
	}
	if counted {
		if _, r.cloud, _, err = counters(c.PID); err == nil {
			r.resident, err = resident(c.PID)
		}
	}
	return r, errors.Join(err, c.Stop(ctx))
}

// inTurn runs the script in a cloud that is like the drill's, and says how.
func (p *project) inTurn(ctx context.Context, b *bench) (u usage, how string, err error) {
	c, err := b.startCloud(ctx, "--realistic")
	if err != nil {
		return u, "", err
	}
	defer c.stop()
	env, err := p.prepare(ctx, b, c, "region-down")
	if err != nil {
		return u, "", err
	}
	if u, err = b.timed(ctx, p.Dir, env, "bash", "-c", inTurnScript); err != nil {
		return u, "", err
	}
	versions := says(ctx, filepath.Join(env["WORK"], "link"), env, p.tool.Path, "version")
	var used []string
	for l := range strings.Lines(versions) {
		if l = strings.TrimSpace(strings.TrimPrefix(l, "+ provider")); strings.Contains(l, " v") {
			used = append(used, l)
		}
	}
	return u, "`benchmarks/inturn.sh` against `lifeboat cloud --realistic`; " + strings.Join(used, ", "), nil
}
