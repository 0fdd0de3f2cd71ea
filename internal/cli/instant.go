package cli

import (
	"fmt"
	"strings"
	"time"
)

// instant reads a time that a person gives: RFC 3339, or how long ago it was, as in -15m. It is never in the future.
func instant(text string, now time.Time) (time.Time, error) {
	const form = `write it as 2026-11-23T03:00:00Z, or as how long ago it was: -15m, -2h30m`
	if ago, ok := strings.CutPrefix(text, "-"); ok {
		d, err := time.ParseDuration(ago)
		if err != nil || d < 0 {
			return time.Time{}, fmt.Errorf("%q is not a time: %s", text, form)
		}
		return now.Add(-d).UTC(), nil
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
