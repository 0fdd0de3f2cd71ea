// Package cloudsim is the drill cloud: an AWS in one process, with accounts, regions and disasters.
//
// Promise: a client that signs its calls as AWS asks (an SDK, the AWS CLI, Terraform) and is pointed here by its endpoint
// URL finds the services that the cloud has, in the account and region of its signature, and is told by name what the cloud
// lacks. A call to a lost region gets no answer. The same seed gives the same identifiers, latencies and dice.
//
// Signatures are verified when Config.Strict asks for it: an access key id that is a 12-digit account number, or ends in one,
// selects that account with any secret, or in strict mode with the key id itself as the secret; keys from STS select their role.
// Policies are not evaluated.
//
// One listener serves everything: signed calls go to the service that their credential scope names; /v2/ is the
// container registry; /_aws/execute-api/ and the hosts of API Gateway are the APIs that were deployed; /_lifeboat/ is the control API (package control); GET / is the cloud's health.
package cloudsim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sts"
)

// Cloud is a drill cloud.
type Cloud struct {
	cfg      Config
	world    *sim.World
	services []sim.Service
	routes   map[string]sim.Service // by the service name of the credential scope
	registry Registry               // nil when no service has one
	invoker  Invoker                // nil when no service has one
	users    Users                  // nil when no service knows users
	sts      *sts.Service
	control  http.Handler
	upstream *upstream // nil when there is none
	throttle throttle
	stats    stats
	started  time.Time
	requests atomic.Uint64
}

// New makes a cloud with every service of services.go.
func New(cfg Config) (*Cloud, error) {
	fast, err := quicken(cfg)
	if err != nil {
		return nil, err
	}
	w := sim.NewWorld(cfg.Seed, fast)
	tokens, services := compose(w, cfg)
	return assemble(cfg, w, tokens, services)
}

// quicken gives the cloud's clock, which may run faster than that of its clients.
func quicken(cfg Config) (clock.Clock, error) {
	base := cfg.Clock
	if base == nil {
		base = clock.System{}
	}
	switch {
	case cfg.Speed == 0 || cfg.Speed == 1:
		return base, nil
	case cfg.Speed < 1 || cfg.Speed > maxSpeed:
		return nil, fmt.Errorf("drill cloud: its clock can run 1 to %d times as fast as the wall clock, not %g", maxSpeed, cfg.Speed)
	}
	return clock.Fast{Base: base, Origin: base.Now(), Factor: cfg.Speed}, nil
}

// maxSpeed is where a table restore of 20 minutes takes 1.2 seconds; beyond, states would pass between two looks of a client.
const maxSpeed = 1000

func assemble(cfg Config, w *sim.World, tokens *sts.Service, services []sim.Service) (*Cloud, error) {
	if err := cfg.Latency.check(); err != nil {
		return nil, err
	}
	if err := cfg.Concurrency.Check(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Cloud{cfg: cfg, world: w, services: services, routes: map[string]sim.Service{}, sts: tokens, started: w.Wall()}
	for _, s := range services {
		for _, name := range s.Names() {
			if c.routes[name] != nil {
				return nil, fmt.Errorf("drill cloud: two services are named %s", name)
			}
			c.routes[name] = s
		}
		if r, ok := s.(Registry); ok {
			c.registry = r
		}
		if i, ok := s.(Invoker); ok {
			c.invoker = i
		}
		if u, ok := s.(Users); ok {
			c.users = u
		}
	}
	c.control = c.controlHandler()
	if cfg.Upstream != "" {
		var err error
		if c.upstream, err = newUpstream(cfg.Upstream); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// World is what the cloud's services share; through it a drill in the same process strikes.
func (c *Cloud) World() *sim.World { return c.world }

// Requests counts what was asked of the services and the registry so far, not of the control API: while it stands still, nobody
// uses the cloud.
func (c *Cloud) Requests() uint64 { return c.requests.Load() }

// Services names what the cloud answers, as SigV4 does, sorted.
func (c *Cloud) Services() []string { return slices.Sorted(maps.Keys(c.routes)) }

// ServeHTTP routes a request: this is the whole table.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, control.Prefix):
		c.control.ServeHTTP(w, r)
	case c.serveInvoke(w, r): // before signed calls: some APIs want a signature too
	case signed(r):
		c.serveCall(w, r)
	case c.registry != nil && (path == "/v2" || strings.HasPrefix(path, "/v2/")):
		c.serveRegistry(w, r)
	case path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		writeControl(w, http.StatusOK, c.health())
	default:
		c.refuse(w, r, &sim.Call{RequestID: c.requestID()}, missingToken)
	}
}

// Serve answers on ln until ctx ends, then lets calls under way finish for up to 10 seconds. It owns ln.
func (c *Cloud) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           c,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          slog.NewLogLogger(c.cfg.Log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return ctx }, // hanging calls and long polls end with it
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return fmt.Errorf("drill cloud on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := srv.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		return errors.Join(err, served)
	}
	return err
}
