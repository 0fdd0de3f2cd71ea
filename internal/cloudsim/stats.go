package cloudsim

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
)

// maxOperations bounds how many operations are counted apart: names come from clients.
const maxOperations = 4096

// stats counts calls by service and operation.
type stats struct {
	mu     sync.RWMutex
	counts map[[2]string]*counter
}

type counter struct {
	calls, errors, throttled, lost atomic.Uint64
}

// of gives an operation's counter, and counts a call.
func (s *stats) of(service, operation string) *counter {
	key := [2]string{service, operation}
	s.mu.RLock()
	n := s.counts[key]
	s.mu.RUnlock()
	if n == nil {
		n = s.add(key)
	}
	n.calls.Add(1)
	return n
}

func (s *stats) add(key [2]string) *counter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = map[[2]string]*counter{}
	}
	if len(s.counts) >= maxOperations || len(key[0])+len(key[1]) > 200 {
		key = [2]string{"other", "other"}
	}
	if s.counts[key] == nil {
		s.counts[key] = &counter{}
	}
	return s.counts[key]
}

// done counts how a call ended.
func (n *counter) done(status int, err error) {
	if err != nil || status >= http.StatusBadRequest {
		n.errors.Add(1)
	}
}

// Calls counts what was called since the cloud started, sorted by service and operation.
func (c *Cloud) Calls() []control.Operation {
	c.stats.mu.RLock()
	defer c.stats.mu.RUnlock()
	out := make([]control.Operation, 0, len(c.stats.counts))
	for key, n := range c.stats.counts {
		out = append(out, control.Operation{
			Service: key[0], Operation: key[1],
			Calls: n.calls.Load(), Errors: n.errors.Load(), Throttled: n.throttled.Load(), Lost: n.lost.Load(),
		})
	}
	slices.SortFunc(out, func(a, b control.Operation) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation))
	})
	return out
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the first final status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write answers 200 when nothing was said before.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Flush sends what was written so far, for handlers that stream.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
