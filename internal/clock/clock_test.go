package clock

import (
	"testing"
	"time"
)

// A duration is shown without zeros at its end, and never as another one.
func TestBrief(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		4 * time.Hour: "4h", 90 * time.Minute: "1h30m", time.Minute: "1m", time.Hour + time.Second: "1h0m1s", 10 * time.Minute: "10m", 10 * time.Second: "10s", 0: "0s", 20 * time.Hour: "20h",
		1500 * time.Millisecond: "1.5s", 100*time.Minute + 30*time.Second: "1h40m30s",
	} {
		if got := Brief(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
		if back, err := time.ParseDuration(Brief(d)); err != nil || back != d {
			t.Errorf("%v: %v, %v", d, back, err)
		}
	}
}

// Spans are Go's durations, with weeks and days; what is none, or is longer than can be counted, is refused and never becomes another one.
func TestSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"35d": 35 * day, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute, "0s": 0, "2w": 14 * day, "1w2d3h": 9*day + 3*time.Hour, "36h": 36 * time.Hour, "1w30m": 7*day + 30*time.Minute,
		"1.5h": 90 * time.Minute, "100000d": longest,
	} {
		if got, err := Span(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "d", "w", "-1d", "-5m", "1d-1h", "1d1d", "1d1w", "1.5d", "1.5w", "999999999d", "99999999999999999999w", "100000d1s", "14286w", "2 w", "2weeks", "1mo", "5", "2562047h",
	} {
		if got, err := Span(text); err == nil {
			t.Errorf("%q became %v", text, got)
		}
	}
}
