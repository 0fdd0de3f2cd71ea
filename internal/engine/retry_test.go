package engine

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Delays double up to the bound, throttles wait longer, and what cannot help is not tried again.
func TestRetryAt(t *testing.T) {
	t.Parallel()
	p := step.Retry{Attempts: 4, Delay: 2 * time.Second, Max: 5 * time.Second}
	const still = 512 // a seed that moves nothing
	for name, c := range map[string]struct {
		n     int
		class step.Class
		want  time.Duration
		again bool
	}{
		"first":           {1, step.Transient, 2 * time.Second, true},
		"second":          {2, step.Transient, 4 * time.Second, true},
		"bounded":         {3, step.Timeout, 5 * time.Second, true},
		"all used":        {4, step.Transient, 0, false},
		"throttle":        {1, step.Throttle, 6 * time.Second, true},
		"throttle, bound": {3, step.Throttle, 15 * time.Second, true},
		"permanent":       {1, step.Permanent, 0, false},
		"cancelled":       {1, step.Cancelled, 0, false},
		"unheard of":      {1, "odd", 0, false},
	} {
		at, again := RetryAt(p, c.n, c.class, noon, still)
		if again != c.again || again && at.Sub(noon) != c.want {
			t.Errorf("%s: after %v, %v; want %v, %v", name, at.Sub(noon), again, c.want, c.again)
		}
	}
	if at, again := RetryAt(step.Retry{Attempts: 2}, 1, step.Throttle, noon, still); !again || at.Sub(noon) < time.Second {
		t.Errorf("a throttle without a delay is tried again after %v", at.Sub(noon))
	}
}

// A seed moves a delay by at most a quarter, and never into the past.
func TestRetryJitter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := step.Retry{
			Attempts: 10, Delay: time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "delay")),
			Max: time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "max")),
		}
		n, class := rapid.IntRange(1, 9).Draw(t, "n"), rapid.SampledFrom([]step.Class{step.Transient, step.Throttle}).Draw(t, "class")
		still, _ := RetryAt(p, n, class, noon, 512)
		moved, _ := RetryAt(p, n, class, noon, rapid.Uint64().Draw(t, "seed"))
		wait, got := still.Sub(noon), moved.Sub(noon)
		if got < 0 || got < wait*3/4-1 || got > wait*5/4+1 {
			t.Fatalf("%v became %v", wait, got)
		}
	})
}
