package clock

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const (
	day     = 24 * time.Hour
	longest = 100_000 * day // a Duration holds 106,751 days
)

// Span reads a duration as people write it in plans, options and answers, always the same way: Go's durations with weeks and days of 24 hours at
// the front, such as 90m, 36h, 1d12h or 2w. It is not negative.
func Span(text string) (time.Duration, error) {
	d, rest := time.Duration(0), text
	for _, u := range [...]struct {
		name string
		is   time.Duration
	}{{"w", 7 * day}, {"d", day}} {
		n, after, found := strings.Cut(rest, u.name)
		if !found || n == "" || strings.Trim(n, "0123456789") != "" {
			continue
		}
		count, err := strconv.Atoi(n)
		if err != nil || count > int(longest/u.is) {
			return 0, errors.New("a duration is at most 100000 days long")
		}
		d, rest = d+time.Duration(count)*u.is, after
	}
	if rest == "" && text != "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 {
		return 0, errors.New(`a duration is a number with a unit: s, m, h, d or w, such as "90m", "1d12h" or "2w"`)
	}
	if more > longest-d {
		return 0, errors.New("a duration is at most 100000 days long")
	}
	return d + more, nil
}
