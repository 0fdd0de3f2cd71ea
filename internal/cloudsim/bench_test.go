package cloudsim

import (
	"net/http/httptest"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// BenchmarkCall compares a call to a service through the gateway with the same call to the service alone.
func BenchmarkCall(b *testing.B) {
	c, n := small(b, Config{Throttle: true})
	r := request(b.Context(), "http://127.0.0.1", primary, london, "ssm", "GetParameters2")
	b.Run("gateway", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
	bare := r.WithContext(sim.WithCall(r.Context(), &sim.Call{Scope: sim.Scope{Account: primary, Region: london}}))
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n.ServeHTTP(httptest.NewRecorder(), bare)
		}
	})
}
