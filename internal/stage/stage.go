// Package stage sets the stage of a drill: it starts the drill cloud, puts there what must exist before the application, and
// lets the disaster strike.
//
// Promise: the cloud is a process of its own that outlives whoever started it, so that killing a recovery does not kill the
// world it recovers in; it ends with Stop, or by itself after an hour without calls. What the plan takes from other sites
// (images, secrets, parameters) is furnished there with invented content, before anything is built.
package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// readyFile is where a drill's folder says how its cloud is reached; logFile is what the cloud had to say.
const (
	readyFile = "cloud.json"
	logFile   = "cloud.log"
)

// Cloud is a drill cloud that runs.
type Cloud struct {
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
}

// Open finds the cloud of a drill's folder. A folder without one is fs.ErrNotExist: the run is not a drill.
func Open(dir string) (*Cloud, error) {
	b, err := proc.ReadFile(filepath.Join(dir, readyFile), 1<<16)
	if err != nil {
		return nil, err
	}
	c := &Cloud{}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, readyFile), err)
	}
	return c, nil
}

// Start starts a cloud for a drill's folder, and waits until it answers.
func Start(ctx context.Context, p *proc.Process, dir string, args ...string) (*Cloud, error) {
	ready := filepath.Join(dir, readyFile)
	env := p.Env.Inherited()
	maps.DeleteFunc(env, func(name, _ string) bool { return strings.HasPrefix(name, "AWS_") }) // the user's keys: it is AWS, and asks nobody
	argv := append([]string{"cloud", "--listen", "127.0.0.1:0", "--idle", "1h", "--ready-file", ready}, args...)
	if _, err := proc.Detach(context.WithoutCancel(ctx), proc.Cmd{Path: p.Self, Args: argv, Env: env, Dir: dir}, filepath.Join(dir, logFile)); err != nil {
		return nil, fmt.Errorf("start the drill cloud: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		c, err := Open(dir)
		if err == nil {
			return c, c.control().Ready(ctx)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if clock.Sleep(ctx, 10*time.Millisecond) != nil {
			return nil, fmt.Errorf("the drill cloud did not start within 20 s; see %s", filepath.Join(dir, logFile))
		}
	}
}

func (c *Cloud) control() *control.Client { return &control.Client{BaseURL: c.Endpoint} }

// Answers tells whether the cloud still runs.
func (c *Cloud) Answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if _, err := c.control().Health(ctx); err != nil {
		return fmt.Errorf("the drill cloud at %s is gone, and its world with it: %w. Start a new drill", c.Endpoint, err)
	}
	return nil
}

// Stop ends the cloud, if the process with its number still is that cloud.
func (c *Cloud) Stop(ctx context.Context) error {
	if c.Answers(ctx) != nil {
		return nil //nolint:nilerr // gone already: that is what was wanted
	}
	return syscall.Kill(c.PID, syscall.SIGTERM)
}
