package cloudsim

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Invoker is what a service may have besides its signed API: URLs of what its users have deployed, for callers who need not sign.
type Invoker interface {
	// InvokeScope tells whether a request is for such a URL, and as far as the URL tells in which account and region.
	InvokeScope(r *http.Request) (at sim.Scope, ok bool)
	// ServeInvoke answers a request that InvokeScope knows.
	ServeInvoke(w http.ResponseWriter, r *http.Request)
}

// serveInvoke answers a request for a deployed API, unless it is for another thing or its place is lost. It tells whether the
// request was one.
func (c *Cloud) serveInvoke(w http.ResponseWriter, r *http.Request) bool {
	if c.invoker == nil {
		return false
	}
	at, ok := c.invoker.InvokeScope(r)
	if !ok {
		return false
	}
	call := &sim.Call{Scope: at, Service: "execute-api", RequestID: c.requestID(), Host: r.Host}
	count := c.stats.of(call.Service, "Invoke")
	if c.world.Lost(at) {
		count.lost.Add(1)
		if c.world.Vanish(w, r, at) {
			return true
		}
	}
	rec := &recorder{ResponseWriter: w}
	defer func() { count.done(rec.status, c.recovered(rec, r, call, "Invoke", recover())) }()
	c.wait(r)
	c.invoker.ServeInvoke(rec, r.WithContext(sim.WithCall(r.Context(), call)))
	return true
}
