package planfile

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// longest bounds durations. AWS keeps point-in-time backups for 35 days, so nothing in a plan takes longer than a year.
const longest = 366 * 24 * time.Hour

// parseDuration reads a duration. The hint gives the right form of what people write instead.
func parseDuration(s string) (d time.Duration, hint string, err error) {
	switch d, err = clock.Span(s); {
	case err != nil:
		if hint = durationHint(s); hint == fmt.Sprintf("Write %q", s) { // the form is right
			hint = ""
		}
		return 0, hint, err
	case d <= 0:
		return 0, "", errors.New("it must be longer than nothing")
	case d > longest:
		return 0, "", errors.New("it is longer than a year")
	}
	return d, "", nil
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func durationHint(s string) string {
	m := regexp.MustCompile(`(?i)^\s*(\d+)\s*([a-z]*)\s*$`).FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	n, unit := m[1], strings.ToLower(m[2])
	switch {
	case unit == "":
		return fmt.Sprintf(`Say which unit: "%ss", "%sm" or "%sh"`, n, n, n)
	case strings.HasPrefix(unit, "w"):
		return fmt.Sprintf(`Write "%sw"`, n)
	case unit == "h" || strings.HasPrefix(unit, "ho") || unit == "hr" || unit == "hrs":
		return fmt.Sprintf(`Write "%sh"`, n)
	case strings.HasPrefix(unit, "m") && !strings.HasPrefix(unit, "mo"):
		return fmt.Sprintf(`Write "%sm"`, n)
	case strings.HasPrefix(unit, "s"):
		return fmt.Sprintf(`Write "%ss"`, n)
	case strings.HasPrefix(unit, "d"):
		return fmt.Sprintf(`Write "%sd"`, n)
	}
	return ""
}

// badPoint says what is wrong with a point in time to recover data to, if anything.
func badPoint(s string) error {
	if s == "latest" || s == "before-disaster" {
		return nil
	}
	if ago, ok := strings.CutPrefix(s, "-"); ok {
		_, _, err := parseDuration(ago)
		return err
	}
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		return errors.New(`a point is "latest", "before-disaster", an offset such as "-15m", or a time such as "2026-11-23T04:00:00Z"`)
	}
	return nil
}
