package engine

import (
	"hash/fnv"
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// throttlePatience is how much longer than after another error we wait when AWS asks to slow down: its token buckets refill over
// seconds, and everybody who asks again at once keeps them empty.
const throttlePatience = 3

// leastThrottle is the shortest wait after a throttle.
const leastThrottle = time.Second

// RetryAt tells when a step is tried again after its n-th failure (from 1), or that it is not. Delays double from Delay up to Max, and seed
// moves each by up to a quarter, so that steps that failed together do not come back together. It depends on nothing but its arguments.
func RetryAt(p step.Retry, n int, class step.Class, now time.Time, seed uint64) (time.Time, bool) {
	if n >= p.Attempts {
		return time.Time{}, false
	}
	wait, most := p.Delay, max(p.Max, p.Delay)
	switch class {
	case step.Transient, step.Timeout:
	case step.Throttle:
		wait, most = max(wait, leastThrottle)*throttlePatience, max(most, leastThrottle)*throttlePatience
	case step.Permanent, step.Cancelled:
		return time.Time{}, false
	default: // what we do not know is not tried again
		return time.Time{}, false
	}
	for range n - 1 {
		wait = min(wait*2, most)
	}
	wait = min(wait, most)
	share := float64(seed%1024)/1024 - 0.5 // -0.5 to 0.5
	return now.Add(wait + time.Duration(float64(wait)*share/2)), true
}

// seed is the same whenever the same failure of the same step of the same run is looked at.
func seed(run, id string, failures int) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(run + "/" + id + "/" + strconv.Itoa(failures)))
	return h.Sum64()
}
