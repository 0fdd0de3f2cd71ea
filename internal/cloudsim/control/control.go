// Package control is how a drill steers a running drill cloud: a client of the API under /_lifeboat/ on the cloud's own
// listener, and the forms that this API speaks.
//
// Promise: a call either did what it says or gives an error that says what, where and why. The API is unsigned; the cloud
// answers it to loopback clients only.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The paths of the control API. No bucket can be named _lifeboat, so no S3 path is taken away.
const (
	Prefix        = "/_lifeboat/"
	HealthPath    = Prefix + "health"    // GET: Health
	DisasterPath  = Prefix + "disaster"  // POST a Disaster begins it; DELETE with one ends it
	DisastersPath = Prefix + "disasters" // GET: []Disaster
	SavePath      = Prefix + "save"      // POST: Save
	CallsPath     = Prefix + "calls"     // GET: []Operation
)

// MaxBody bounds a body of this API in either direction.
const MaxBody = 4 << 20

// Disaster is what a drill takes away; package sim says what its members mean.
type Disaster = sim.Disaster

// The kinds of disaster and the modes of a lost place.
const (
	RegionLost         = sim.RegionLost
	AccountLost        = sim.AccountLost
	CredentialsRevoked = sim.CredentialsRevoked

	Refuse = sim.Refuse
	Hang   = sim.Hang
	Mixed  = sim.Mixed
)

// Health is a running cloud's word about itself.
type Health struct {
	Status  string  `json:"status"` // ok
	Version string  `json:"version"`
	UptimeS float64 `json:"uptime_s"`
	// Time is the cloud's, and Speed how many of its seconds pass in a second of its clients: instants that are compared with what the
	// cloud says, such as one to restore to, are told in this time.
	Time     time.Time `json:"time"`
	Speed    float64   `json:"speed"`
	Seed     uint64    `json:"seed"`
	Services []string  `json:"services"`           // as SigV4 names them, sorted
	Upstream string    `json:"upstream,omitempty"` // what answers for the services that the cloud lacks
	Strict   bool      `json:"strict,omitempty"`   // signatures are verified
}

// Save asks for the cloud's state in a file, by absolute path; gzip when it ends in .gz.
type Save struct {
	File string `json:"file"`
}

// Operation counts the calls of one operation since the cloud started.
type Operation struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Calls     uint64 `json:"calls"`
	Errors    uint64 `json:"errors"`    // answered with a status of 400 or more, throttled ones among them
	Throttled uint64 `json:"throttled"` // refused by a rate
	Lost      uint64 `json:"lost"`      // met a lost place: no answer
}

// Error is an error of this API.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is the code and the message.
func (e *Error) Error() string { return "drill cloud: " + e.Code + ": " + e.Message }

// Client steers the drill cloud at BaseURL, such as http://127.0.0.1:4566.
type Client struct {
	BaseURL string
	HTTP    *http.Client // nil is http.DefaultClient
}

// Health asks how the cloud is.
func (c *Client) Health(ctx context.Context) (Health, error) {
	var h Health
	return h, c.call(ctx, http.MethodGet, HealthPath, nil, &h)
}

// Ready waits until the cloud answers, or ctx ends. It asks every 20 ms.
func (c *Client) Ready(ctx context.Context) error {
	for {
		_, err := c.Health(ctx)
		if err == nil {
			return nil
		}
		if stop := clock.Sleep(ctx, 20*time.Millisecond); stop != nil {
			return fmt.Errorf("the drill cloud at %s did not become ready: %w (last: %w)", c.BaseURL, stop, err)
		}
	}
}

// Strike begins a disaster.
func (c *Client) Strike(ctx context.Context, d Disaster) error {
	return c.call(ctx, http.MethodPost, DisasterPath, d, nil)
}

// End ends the disaster of the same kind, account and region.
func (c *Client) End(ctx context.Context, d Disaster) error {
	return c.call(ctx, http.MethodDelete, DisasterPath, d, nil)
}

// Disasters lists what goes on, the oldest first.
func (c *Client) Disasters(ctx context.Context) ([]Disaster, error) {
	var ds []Disaster
	return ds, c.call(ctx, http.MethodGet, DisastersPath, nil, &ds)
}

// Save writes the cloud's state to a file of the cloud's machine, by absolute path.
func (c *Client) Save(ctx context.Context, file string) error {
	return c.call(ctx, http.MethodPost, SavePath, Save{file}, nil)
}

// Calls counts what was called, by service and operation.
func (c *Client) Calls(ctx context.Context) ([]Operation, error) {
	var ops []Operation
	return ops, c.call(ctx, http.MethodGet, CallsPath, nil, &ops)
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	url := strings.TrimSuffix(c.BaseURL, "/") + path
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("drill cloud: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // a body that was read to its end
	b, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody))
	if err != nil {
		return fmt.Errorf("drill cloud: %s %s: %w", method, url, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		e := &Error{}
		if json.Unmarshal(b, e) != nil || e.Code == "" {
			return fmt.Errorf("drill cloud: %s %s: status %s; is something else listening there?", method, url, resp.Status)
		}
		return e
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("drill cloud: %s %s: %w", method, url, err)
	}
	return nil
}
