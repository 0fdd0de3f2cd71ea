package load

import (
	"context"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

const (
	calm     = 250 * time.Millisecond // throttles within it are one and the same
	backOff  = 0.9                    // of the rate that got through when the table throttles
	speedUp  = 1.02                   // each calm span
	feelUp   = 1.003                  // each calm span, near the rate at which the table throttled last
	slowest  = 25                     // writes a second: a batch, so that a load never stops by itself
	lookBack = time.Second            // over which the rate that gets through is measured
	burst    = 0.1                    // seconds of writes that may go out at once
)

// pace keeps writes at the rate that the table takes. Until the table throttles there is no limit. A throttle sets the limit a little below
// what got through just before, so that it finds the table's capacity at once and does not halve its way down; every calm span raises
// it a little, and near the rate of the last throttle only just.
type pace struct {
	clock clock.Clock

	mu      sync.Mutex
	limit   float64   // writes a second; 0: none
	next    time.Time // when the next write may go out
	changed time.Time // the limit
	window  time.Time // since when count counts
	count   float64   // writes that got through in the window
	rate    float64   // of the window before
	most    float64   // what got through when the table throttled last
}

func newPace(c clock.Clock) *pace { return &pace{clock: c, window: c.Now()} }

// wait waits until n writes may go out.
func (p *pace) wait(ctx context.Context, n int) error {
	p.mu.Lock()
	now := p.clock.Now()
	p.raise(now)
	if p.limit == 0 {
		p.mu.Unlock()
		return ctx.Err()
	}
	if floor := now.Add(-time.Duration(burst * float64(time.Second))); p.next.Before(floor) {
		p.next = floor
	}
	p.next = p.next.Add(time.Duration(float64(n) / p.limit * float64(time.Second)))
	until := p.next.Sub(now)
	p.mu.Unlock()
	if until <= 0 {
		return ctx.Err()
	}
	return clock.Sleep(ctx, until)
}

// raise lifts the limit for every calm span since it was changed.
func (p *pace) raise(now time.Time) {
	for p.limit > 0 && now.Sub(p.changed) >= calm {
		up := speedUp
		if p.limit > 0.85*p.most && p.limit < 1.05*p.most {
			up = feelUp
		}
		p.limit, p.changed = p.limit*up, p.changed.Add(calm)
	}
}

// made counts writes that got through.
func (p *pace) made(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roll(p.clock.Now())
	p.count += float64(n)
}

func (p *pace) roll(now time.Time) {
	if d := now.Sub(p.window); d >= lookBack {
		p.rate, p.count, p.window = p.count/d.Seconds(), 0, now
	}
}

// throttled takes a throttle into account. The first says only that there is a limit: what got through before it was the table's savings. From
// then on it is measured.
func (p *pace) throttled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	p.roll(now)
	if !p.changed.IsZero() && now.Sub(p.changed) < calm {
		return
	}
	if p.changed.IsZero() {
		p.changed, p.window, p.count, p.rate = now, now, 0, 0
		return
	}
	through := p.rate
	if d := now.Sub(p.window); d >= calm || p.rate == 0 {
		through = p.count / max(d.Seconds(), 1e-3)
	}
	p.most = through
	limit := backOff * through
	if p.limit > 0 {
		limit = min(max(limit, p.limit/2), p.limit*backOff) // a lull in the source is no lack of capacity
	}
	p.limit, p.changed = max(limit, slowest), now
}
