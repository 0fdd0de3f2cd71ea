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
)

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
