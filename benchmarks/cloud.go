package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

// cloud is a `lifeboat cloud` of ours.
type cloud struct {
	*stage.Cloud
	process *exec.Cmd
}

// startCloud starts a drill cloud that is stopped with stop.
func (b *bench) startCloud(ctx context.Context, args ...string) (*cloud, error) {
	dir, err := os.MkdirTemp(b.scratch, "cloud-")
	if err != nil {
		return nil, err
	}
	argv := append([]string{b.lifeboat, "cloud", "--listen", "127.0.0.1:0", "--ready-file", filepath.Join(dir, "cloud.json")}, args...)
	c, out, err := b.command(ctx, dir, b.env, argv...)
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	for range 1000 {
		if s, err := stage.Open(dir); err == nil {
			return &cloud{s, c}, s.Answers(ctx)
		}
		if err := clock.Sleep(ctx, 10*time.Millisecond); err != nil {
			break
		}
	}
	_ = c.Process.Kill()
	return nil, fmt.Errorf("the drill cloud did not start: %s", tail(out.Name()))
}

func (c *cloud) stop() {
	_ = c.process.Process.Signal(syscall.SIGTERM)
	_ = c.process.Wait()
}

// env is an environment in which every AWS client reaches this cloud as an account.
func (c *cloud) env(base proc.Env, account string) proc.Env {
	return with(base, proc.Env{"AWS_ENDPOINT_URL": c.Endpoint, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "any"})
}

func cloudFigures(ctx context.Context, b *bench) ([]figure, error) {
	c, err := b.startCloud(ctx, "--realistic")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	_ = clock.Sleep(ctx, 2*time.Second) // what a start leaves behind is collected by now, or never
	mb, err := resident(c.PID)
	idle := figure{name: "resident memory of the idle drill cloud", values: []float64{mb}, unit: "MB", most: 60, how: "`lifeboat cloud --realistic`, VmRSS after 2 s"}
	if err != nil {
		idle.skip = "there is no /proc here"
	}
	r, how, err := b.goBench(ctx, "./internal/cloudsim", "BenchmarkCall", "2000x", 3)
	if err != nil {
		return []figure{idle}, err
	}
	whole := r.metric(figure{name: "a call through the gateway, throttling on", unit: "µs", how: strings.TrimSpace(how)}, "Call/gateway", "ns/op", 1e-3)
	bare := r.metric(figure{name: "the same call to the service alone", unit: "µs", how: "same"}, "Call/bare", "ns/op", 1e-3)
	figures := []figure{idle, whole, bare}
	if r, how, err = b.goBench(ctx, "./internal/cloudsim", "BenchmarkGetItem", "20000x", 5); err != nil {
		return figures, err
	}
	return append(
		figures,
		r.metric(figure{name: "signed GetItem over HTTP, `--strict`, client and cloud on one core", most: 3000, least: true, unit: "calls/s", how: how}, "GetItem/gateway", "calls/s", 1),
		r.metric(figure{name: "the same calls to the service alone", unit: "calls/s", how: "same"}, "GetItem/bare", "calls/s", 1),
		r.difference(figure{name: "what the gateway adds to a call: scope, signature, disasters, rates, counts", most: 0.3, unit: "ms", how: "same"}, "GetItem/gateway", "GetItem/bare", "ns/op", 1e-6),
	), nil
}
