package cloudsim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// TestThrottle: a fourth PutParameter in a second is refused as Parameter Store does, and only that; the rate fills again.
func TestThrottle(t *testing.T) {
	t.Parallel()
	clk := &handClock{now: time.Unix(1e9, 0)}
	c, _ := small(t, Config{Clock: clk, Throttle: true})
	put := func(account, region, operation string) *httptest.ResponseRecorder {
		return answer(c, request(t.Context(), "http://127.0.0.1", account, region, "ssm", operation))
	}
	for i := range 3 {
		if w := put(primary, london, "PutParameter"); w.Code != http.StatusOK {
			t.Fatalf("call %d: %d %s", i, w.Code, w.Body)
		}
	}
	if w := put(primary, london, "PutParameter"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "ThrottlingException") {
		t.Errorf("the fourth: %d %s", w.Code, w.Body)
	}
	for _, other := range [][3]string{{standby, london, "PutParameter"}, {primary, ireland, "PutParameter"}, {primary, london, "GetParameter"}} {
		if w := put(other[0], other[1], other[2]); w.Code != http.StatusOK {
			t.Errorf("%v shares the bucket: %d", other, w.Code)
		}
	}
	clk.advance(334 * time.Millisecond)
	if w := put(primary, london, "PutParameter"); w.Code != http.StatusOK {
		t.Errorf("after a third of a second: %d", w.Code)
	}
	for _, op := range c.Calls() {
		if op.Operation == "PutParameter" && (op.Throttled != 1 || op.Calls != 7) {
			t.Errorf("counted %+v", op)
		}
	}
}

// TestThrottleCodes: each service has its own word for too fast.
func TestThrottleCodes(t *testing.T) {
	t.Parallel()
	clk := &handClock{now: time.Unix(1e9, 0)}
	c, _ := small(t, Config{Clock: clk, Throttle: true})
	for _, test := range []struct {
		service, method, path string
		calls, status         int
		has                   string
	}{
		{"lambda", http.MethodPost, "/2015-03-31/functions", 15, http.StatusTooManyRequests, "TooManyRequestsException"},
		{"s3", http.MethodPut, "/bucket/key", 3500, http.StatusServiceUnavailable, "<Code>SlowDown</Code>"},
	} {
		call := func() *httptest.ResponseRecorder {
			r := request(t.Context(), "http://127.0.0.1"+test.path, primary, london, test.service, "")
			r.Method = test.method
			r.Header.Del("X-Amz-Target")
			r.Header.Del("Content-Type")
			return answer(c, r)
		}
		for i := range test.calls {
			if w := call(); w.Code != http.StatusOK {
				t.Fatalf("%s call %d: %d %s", test.service, i, w.Code, w.Body)
			}
		}
		if w := call(); w.Code != test.status || !strings.Contains(w.Body.String(), test.has) {
			t.Errorf("%s: %d %s", test.service, w.Code, w.Body)
		}
	}
}

// TestRateHolds: whatever the times of the calls, a bucket lets through no more than its size and what has flowed in since;
// and a call that one of its buckets refuses takes nothing from the others.
func TestRateHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var th throttle
		call := &sim.Call{Scope: sim.Scope{Account: primary, Region: london}, Service: "apigateway"}
		start := time.Unix(1e9, 0)
		now, keys, all := start, 0, 0
		for range rapid.IntRange(1, 300).Draw(rt, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "ms")) * time.Millisecond)
			operation := rapid.SampledFrom([]string{"CreateApiKey", "GetApiKeys"}).Draw(rt, "operation")
			if th.take(call, operation, now) {
				all++
				if operation == "CreateApiKey" {
					keys++
				}
			}
		}
		elapsed := now.Sub(start).Seconds()
		if most := 5 + 5*elapsed + 1e-6; float64(keys) > most {
			rt.Fatalf("%d CreateApiKey in %.3f s, at most %.2f", keys, elapsed, most)
		}
		if most := 40 + 10*elapsed + 1e-6; float64(all) > most {
			rt.Fatalf("%d calls in %.3f s, at most %.2f", all, elapsed, most)
		}
	})
}

// TestLatency: calls take the time that the seed says, around the median, and the same again for the same seed.
func TestLatency(t *testing.T) {
	t.Parallel()
	l := Latency{Median: 20 * time.Millisecond, P99: 100 * time.Millisecond}
	run := func(seed uint64) (took []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			c, _ := small(t, Config{Seed: seed, Latency: l})
			for range 200 {
				start := time.Now()
				if w := answer(c, request(t.Context(), "http://127.0.0.1", primary, london, "ssm", "GetParameter")); w.Code != http.StatusOK {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
				took = append(took, time.Since(start))
			}
		})
		return took
	}
	first, again, other := run(1), run(1), run(2)
	same, below := true, 0
	for i := range first {
		if first[i] != again[i] {
			t.Fatalf("call %d took %s, then %s with the same seed", i, first[i], again[i])
		}
		same = same && first[i] == other[i]
		if first[i] < l.Median {
			below++
		}
		if first[i] <= 0 || first[i] > 4*l.P99 {
			t.Fatalf("call %d took %s", i, first[i])
		}
	}
	if same || below < 70 || below > 130 {
		t.Fatalf("another seed changes nothing: %v; %d of 200 below the median", same, below)
	}
	w := sim.NewWorld(0, nil)
	if _, err := assemble(Config{Latency: Latency{Median: 2, P99: 1}}, w, nil, nil); err == nil {
		t.Fatal("a 99th percentile below the median was taken")
	}
}
