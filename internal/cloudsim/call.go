package cloudsim

import (
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// serveCall answers a signed call: who and where, whether that place still stands, whether it may, and then its service.
func (c *Cloud) serveCall(w http.ResponseWriter, r *http.Request) {
	call := &sim.Call{RequestID: c.requestID(), Host: r.Host}
	setRequestID(w, call)
	s, ok := parseScope(r)
	if !ok {
		c.refuse(w, r, call, badSignature)
		return
	}
	call.Service, call.Region, call.AccessKey = s.Service, s.Region, s.AccessKey
	secret, why, known := c.identify(call, s.Token)
	operation, err := operationOf(w, r, call.Service)
	count := c.stats.of(call.Service, operation)
	if c.world.Lost(call.Scope) {
		count.lost.Add(1)
		if c.world.Vanish(w, r, call.Scope) {
			return
		}
	}
	rec := &recorder{ResponseWriter: w}
	defer func() { count.done(rec.status, c.recovered(rec, r, call, operation, recover())) }()
	switch {
	case !sim.KnownRegion(call.Region):
		c.refuse(rec, r, call, badRegion)
	case !known:
		c.refuse(rec, r, call, why)
	case err != nil:
		writeError(rec, r, call, err)
	case c.cfg.Strict && !c.verified(rec, r, call, s, secret):
	case c.cfg.Throttle && !c.throttle.take(call, operation, c.world.Wall()):
		count.throttled.Add(1)
		c.refuse(rec, r, call, tooFast)
	default:
		c.wait(r)
		c.serve(rec, r, call, operation)
	}
}

// serve hands a call to its service, or to the upstream. One that neither has is told by name; 501 keeps clients from trying again.
func (c *Cloud) serve(w http.ResponseWriter, r *http.Request, call *sim.Call, operation string) {
	service := c.routes[call.Service]
	switch {
	case service != nil:
		service.ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), call)))
	case c.upstream != nil && r.Header.Get(upstreamHeader) == "":
		c.forward(w, r, call, operation)
	default:
		writeError(w, r, call, sim.Unknown(call.Service, operation).WithStatus(http.StatusNotImplemented))
	}
}

// serveRegistry answers the container registry, whose clients do not sign.
func (c *Cloud) serveRegistry(w http.ResponseWriter, r *http.Request) {
	c.requests.Add(1)
	count := c.stats.of("ecr", registryOperation(r))
	if s, ok := c.registry.RegistryScope(r); ok {
		if c.world.Lost(s) {
			count.lost.Add(1)
			if c.world.Vanish(w, r, s) {
				return
			}
		}
		if c.world.Revoked(s.Account) {
			count.done(http.StatusForbidden, nil)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"errors":[{"code":"DENIED","message":"the credentials of account ` + s.Account + ` were revoked"}]}`))
			return
		}
	}
	rec := &recorder{ResponseWriter: w}
	defer func() { count.done(rec.status, nil) }()
	c.wait(r)
	c.registry.ServeRegistry(rec, r)
}

// requestID makes the next id: as scattered as a random one, but it takes nothing from the row of identifiers.
func (c *Cloud) requestID() string {
	n := c.requests.Add(1)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], mix(c.cfg.Seed^n))
	binary.BigEndian.PutUint64(b[8:], mix(c.cfg.Seed+n*2))
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// setRequestID puts the id where SDKs look for it: S3 has a header of its own.
func setRequestID(w http.ResponseWriter, c *sim.Call) {
	w.Header().Set("X-Amzn-Requestid", c.RequestID)
	w.Header().Set("X-Amz-Request-Id", c.RequestID)
}
