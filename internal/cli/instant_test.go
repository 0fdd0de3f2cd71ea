package cli

import (
	"strings"
	"testing"
	"time"
)

// The promise: an instant is read as people write it, in UTC, and is never in the future.
func TestInstant(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-11-23T03:00:00Z":      now.Add(-9 * time.Hour),
		"2026-11-23T05:00:00+02:00": now.Add(-9 * time.Hour),
		"-15m":                      now.Add(-15 * time.Minute),
		"-2h30m":                    now.Add(-150 * time.Minute),
		"-1d":                       now.Add(-24 * time.Hour),
		"-1d12h":                    now.Add(-36 * time.Hour),
		"-36h":                      now.Add(-36 * time.Hour),
		"-2w":                       now.Add(-14 * 24 * time.Hour),
		"2026-11-23T12:00:00Z":      now,
		"2026-11-23T12:00:01Z":      {},
		"--15m":                     {},
		"-":                         {},
		"15m":                       {},
		"-1mo":                      {},
		"-1.5d":                     {},
		"yesterday":                 {},
		"2026-11-23":                {},
		"":                          {},
	} {
		if got, err := instant(text, now); !got.Equal(want) || (err == nil) == want.IsZero() {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// The promise: who forgets the sign of an offset is told so.
func TestInstantWithoutItsSign(t *testing.T) {
	t.Parallel()
	_, err := instant("1d12h", time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	if err == nil || !strings.Contains(err.Error(), "write -1d12h for so long ago") {
		t.Error(err)
	}
}
