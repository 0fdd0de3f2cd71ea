package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/stage"
)

type cloudOptions struct {
	listen, load, save, ready string
	upstream                  string
	seed                      uint64
	real, strict              bool
	speed                     float64
	idle                      time.Duration
	concurrency               cloudsim.Concurrency
}

func (p *Program) cloud() *cobra.Command {
	var o cloudOptions
	c := &cobra.Command{
		Use: "cloud", Short: "Run the drill cloud alone: an AWS in one process", Args: exactly(),
		Long: "Serves a simulated AWS until it is interrupted. Point any client at it with AWS_ENDPOINT_URL. An access key id that is a 12-digit account " +
			"number, or ends in one, selects that account with any secret key (see --strict). docs/drill-cloud.md lists what it answers.",
		Example: "  lifeboat cloud &\n  AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=111111111111 AWS_SECRET_ACCESS_KEY=any AWS_REGION=eu-west-2 aws sts get-caller-identity",
		RunE:    func(c *cobra.Command, _ []string) error { return p.runCloud(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:4566", "`ADDRESS` to listen on; port 0 chooses a free one")
	f.StringVar(&o.load, "load", "", "start from the state in `FILE`")
	f.StringVar(&o.save, "save", "", "write the state to `FILE` at the end")
	f.Uint64Var(&o.seed, "seed", 1, "identifiers, latencies and dice follow from this number")
	f.BoolVar(&o.real, "realistic", false, "answer with seeded latency, and throttle at AWS's documented rates")
	f.Float64Var(&o.speed, "speed", 1, "let the cloud's clock run so many times as fast as the wall clock, up to 1000; restores, windows and deletion waits follow it")
	f.BoolVar(&o.strict, "strict", false, "verify signatures; the secret key of an account number, or of a key id that ends in one, is that key id itself")
	f.StringVar(&o.upstream, "upstream", "", "hand calls to services that the drill cloud lacks to the simulator at `URL` (moto, LocalStack)")
	concurrencyFlag(c, &o.concurrency)
	f.Var(span{&o.idle}, "idle", "end after so long without a call; 0 is never")
	f.StringVar(&o.ready, "ready-file", "", "write the endpoint to `FILE` when calls are answered")
	return c
}

// concurrencyFlag lets accounts be as small as new ones are.
func concurrencyFlag(c *cobra.Command, to *cloudsim.Concurrency) {
	const name = "lambda-concurrency"
	f := c.Flags()
	f.StringToIntVar((*map[string]int)(to), name, nil, "Lambda's quota in each region of an account, as `ACCOUNT=N`; others have 1000, new accounts on AWS often 10")
	f.Lookup(name).DefValue = "" // not the empty list
}

func (p *Program) runCloud(ctx context.Context, o cloudOptions) error {
	cfg := cloudsim.Config{Seed: o.seed, Speed: o.speed, Version: p.Version, Strict: o.strict, Upstream: o.upstream, Concurrency: o.concurrency, Log: slog.New(slog.NewTextHandler(p.Stderr, nil))}
	if o.real {
		cfg.Latency, cfg.Throttle = cloudsim.Latency{Median: 8 * time.Millisecond, P99: 60 * time.Millisecond}, true
	}
	cloud, err := cloudsim.New(cfg)
	if err != nil {
		return err
	}
	if o.load != "" {
		if err := cloud.Load(p.path(o.load)); err != nil {
			return err
		}
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("the drill cloud cannot listen on %s: %w; choose another address with --listen", o.listen, err)
	}
	ctx, stop := p.untilSignal(ctx)
	defer stop()
	if o.idle > 0 {
		go endIdle(ctx, stop, cloud, o.idle)
	}
	endpoint := "http://" + ln.Addr().String()
	p.say("The drill cloud answers at %s (version %s, seed %d). Everything in it is simulated.\n", endpoint, p.Version, o.seed)
	if o.speed != 1 {
		p.say("Its clock runs %g times as fast as yours.\n", o.speed)
	}
	if o.ready != "" {
		b, err := json.Marshal(stage.Cloud{Endpoint: endpoint, PID: p.PID})
		if err == nil {
			err = proc.WriteFile(p.path(o.ready), b, 0o600)
		}
		if err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	if err := cloud.Serve(ctx, ln); err != nil {
		return err
	}
	if o.save != "" {
		return cloud.Save(p.path(o.save))
	}
	return nil
}

// untilSignal gives a context that ends with the first interrupt or termination.
func (p *Program) untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if p.Signals == nil {
		return ctx, cancel
	}
	signals, stop := p.Signals()
	go func() {
		defer stop()
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// endIdle calls stop when no call came for so long.
func endIdle(ctx context.Context, stop context.CancelFunc, cloud *cloudsim.Cloud, idle time.Duration) {
	const looks = 10 // the idle time is kept to a tenth
	for quiet, last := 0, cloud.Requests(); clock.Sleep(ctx, idle/looks) == nil; {
		now := cloud.Requests()
		quiet++
		if now != last {
			quiet, last = 0, now
		}
		if quiet >= looks {
			stop()
			return
		}
	}
}
