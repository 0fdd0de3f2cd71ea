// Package clock is the only place that reads the wall clock or waits for it.
//
// Promise: everything that decides takes an instant as an argument; everything that waits does so through
// Sleep, which a cancelled context ends at once. Inside a testing/synctest bubble System is the bubble's clock.
package clock

import (
	"context"
	"strings"
	"time"
)

// Clock tells the time. Implementations are safe for concurrent use.
type Clock interface {
	// Now is the current instant.
	Now() time.Time
}

// System is the machine's clock.
type System struct{}

// Now is the current instant in UTC, with Go's monotonic reading kept.
func (System) Now() time.Time { return time.Now().UTC() }

// Fast is a clock that started at Origin and runs Factor times as fast as Base. The drill cloud uses it so that
// waits of documented length (a table restore, a deletion window) can be lived through in a drill.
type Fast struct {
	Base   Clock
	Origin time.Time
	Factor float64
}

// Now is Origin plus the time since Origin on Base, multiplied by Factor.
func (f Fast) Now() time.Time {
	return f.Origin.Add(time.Duration(float64(f.Base.Now().Sub(f.Origin)) * f.Factor))
}

// Sleep waits for d, or until ctx ends, whose error it then returns.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Brief writes a duration without zeros at its end: 4h for 4h0m0s.
func Brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
