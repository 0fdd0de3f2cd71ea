package image

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sync/errgroup"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// copy brings references to the target, some at a time. A layer that several of them share travels once.
func (s *image) copy(ctx context.Context, call *step.Call, w *work, refs []string) (string, error) {
	pusher, err := remote.NewPusher(remote.WithTransport(w.target.wire), remote.WithJobs(jobs), remote.WithRetryBackoff(backoff()))
	if err != nil {
		return "", err
	}
	w.target.sent.tell(call.Tell, "images of "+s.want.Repository)
	var mu sync.Mutex
	names := map[string]bool{}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(looks)
	for _, ref := range refs {
		g.Go(func() error {
			from, err := w.origins.find(gctx, ref)
			if err != nil {
				return err
			}
			call.Tell(step.Progress{Message: fmt.Sprintf("copying %s:%s from %s", s.want.Repository, ref, from.origin)})
			if err := pusher.Push(gctx, w.target.reference(ref), from.image); err != nil {
				return s.explainPush(ctx, err, ref, call.Site)
			}
			mu.Lock()
			defer mu.Unlock()
			names[from.origin] = true
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s copied from %s (%s)", diag.Count(len(refs), "image"), strings.Join(slices.Sorted(maps.Keys(names)), " and "), size(w.target.sent.done.Load())), nil
}

func size(n int64) string {
	switch {
	case n == 0:
		return "its layers were there"
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// tellEvery is how often the bytes are told.
const tellEvery = 500 * time.Millisecond

// meter counts the bytes of layers on their way to a registry. The total is of the layers that have set out.
type meter struct {
	next        http.RoundTripper
	done, total atomic.Int64
	// empty is set once the repository was created by ourselves, just now: to ask for each layer whether it is there would cost a
	// round trip each, and the answer is known.
	empty atomic.Bool

	mu   sync.Mutex
	last time.Time
	say  func(step.Progress)
	name string
}

func (m *meter) tell(say func(step.Progress), name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.say, m.name = say, name
}

// RoundTrip sends a request, and counts it when it carries a layer.
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodHead && m.empty.Load() {
		return &http.Response{StatusCode: http.StatusNotFound, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	if r.Method == http.MethodPatch && r.Body != nil {
		m.total.Add(max(r.ContentLength, 0))
		r = r.Clone(r.Context())
		r.Body = &counted{r.Body, m}
	}
	return m.next.RoundTrip(r)
}

func (m *meter) add(n int) {
	done := m.done.Add(int64(n))
	now := (clock.System{}).Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.say == nil || now.Sub(m.last) < tellEvery {
		return
	}
	m.last = now
	m.say(step.Progress{Message: m.name, Done: done, Total: m.total.Load(), Unit: "bytes"})
}

// counted is a layer that is read to be sent.
type counted struct {
	io.ReadCloser
	meter *meter
}

// Read counts what it reads.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.meter.add(n)
	return n, err
}
