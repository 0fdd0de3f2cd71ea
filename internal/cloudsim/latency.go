package cloudsim

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// Latency is how long calls take: log-normally distributed, as measured cloud APIs are, by its median and 99th percentile,
// and never more than four times that. The zero Latency is none.
type Latency struct {
	Median, P99 time.Duration
}

func (l Latency) check() error {
	if l.Median < 0 || l.P99 < l.Median {
		return fmt.Errorf("drill cloud: a latency's 99th percentile (%s) cannot be below its median (%s)", l.P99, l.Median)
	}
	return nil
}

// of turns a normally distributed number into a latency.
func (l Latency) of(norm float64) time.Duration {
	if l.Median == 0 {
		return 0
	}
	const z99 = 2.326 // the 99th percentile of the normal distribution
	sigma := math.Log(float64(l.P99)/float64(l.Median)) / z99
	return min(time.Duration(float64(l.Median)*math.Exp(sigma*norm)), 4*l.P99)
}

// wait spends a call's latency. A client that gives up meanwhile has its call done or not, as with the real network: here it is done.
func (c *Cloud) wait(r *http.Request) {
	if c.cfg.Latency.Median > 0 {
		_ = clock.Sleep(r.Context(), c.cfg.Latency.of(c.world.Norm()))
	}
}
