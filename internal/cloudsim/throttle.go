package cloudsim

import (
	"math"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// throttle is the token buckets of every account, region and class of calls.
type throttle struct {
	mu      sync.Mutex
	buckets map[bucketKey]*bucket
}

type bucketKey struct {
	sim.Scope
	service, class string
}

// bucket holds tokens as they were at an instant.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes a token from every bucket that a call draws on, or none and says no.
func (t *throttle) take(c *sim.Call, operation string, now time.Time) bool {
	rates := ratesOf(c.Service, operation)
	if len(rates) == 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buckets == nil {
		t.buckets = map[bucketKey]*bucket{}
	}
	drawn := make([]*bucket, len(rates))
	for i, rate := range rates {
		key := bucketKey{c.Scope, c.Service, rate.class}
		b := t.buckets[key]
		if b == nil {
			b = &bucket{tokens: rate.burst, at: now}
			t.buckets[key] = b
		}
		b.tokens = math.Min(rate.burst, b.tokens+now.Sub(b.at).Seconds()*rate.perSecond)
		b.at = now
		if b.tokens < 1 {
			return false
		}
		drawn[i] = b
	}
	for _, b := range drawn {
		b.tokens--
	}
	return true
}
