package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// instant reads a time that a person gives: RFC 3339, or how long ago it was, as in -15m or -1d12h. It is never in the future.
func instant(text string, now time.Time) (time.Time, error) {
	const form = `write it as 2026-11-23T03:00:00Z, or as how long ago it was: -15m, -2h30m, -1d, -2w`
	if ago, ok := strings.CutPrefix(text, "-"); ok {
		d, err := clock.Span(ago)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is not a time: %s", text, form)
		}
		return now.Add(-d).UTC(), nil
	}
	if d, err := clock.Span(text); err == nil && d > 0 {
		return time.Time{}, fmt.Errorf("%q is a duration, not a time: write -%s for so long ago", text, text)
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("%q is not a time: %s", text, form)
	case at.After(now):
		return time.Time{}, fmt.Errorf("%s is in the future; it is now %s", text, now.UTC().Format(time.RFC3339))
	}
	return at.UTC(), nil
}

// span is a flag that takes a duration as plans have it.
type span struct{ is *time.Duration }

// String is the duration.
func (s span) String() string {
	if s.is == nil { // a zero value, which pflag asks for what is no default
		return ""
	}
	return clock.Brief(*s.is)
}

// Set reads a duration.
func (s span) Set(text string) (err error) {
	*s.is, err = clock.Span(text)
	return err
}

// Type is what help calls it.
func (span) Type() string { return "duration" }
