package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Amount is a step's progress in words.
func Amount(x step.Progress) string {
	if x.Total <= 0 {
		return x.Message
	}
	if x.Unit == "bytes" {
		return fmt.Sprintf("%s (%.1f of %.1f MB)", x.Message, float64(x.Done)/1e6, float64(x.Total)/1e6)
	}
	return fmt.Sprintf("%s (%d of %d %s)", x.Message, x.Done, x.Total, x.Unit)
}

// Standing is where a run stands: what runs and since when, what is next, and how long the rest takes by its forecast.
func Standing(s *journal.State, now time.Time) string {
	var running, waiting, next []string
	done := 0
	for _, t := range s.Steps {
		switch {
		case t.Status == journal.StatusWaiting:
			waiting = append(waiting, fmt.Sprintf("%s %s", t.Spec.ID, span(now.Sub(t.Gate.Since))))
		case t.Status == journal.StatusRunning || t.Status == journal.StatusRetrying:
			running = append(running, fmt.Sprintf("%s %s", t.Spec.ID, span(t.Duration(now))))
		case t.Final():
			done++
		case len(next) < 3:
			next = append(next, t.Spec.ID)
		}
	}
	text := fmt.Sprintf("%d of %d steps done; running: %s", done, len(s.Steps), orNone(running))
	if len(waiting) > 0 {
		text += "; waiting for people: " + strings.Join(waiting, ", ")
	}
	if len(next) > 0 {
		text += "; next: " + strings.Join(next, ", ")
	}
	if left := Remaining(s, now); left > 0 {
		text += fmt.Sprintf("; about %s left", span(left))
	}
	return text
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// Remaining is how long the rest takes by the forecast: the longest chain of what is not done.
func Remaining(s *journal.State, now time.Time) time.Duration {
	left := map[string]time.Duration{}
	var longest time.Duration
	for _, t := range s.Steps {
		var before time.Duration
		for _, n := range t.Spec.Needs {
			before = max(before, left[n])
		}
		if !t.Final() {
			before += max(0, t.Spec.Forecast.Typical-t.Duration(now))
		}
		left[t.Spec.ID] = before
		longest = max(longest, before)
	}
	return longest
}

// Line writes one line of progress: the recovery clock, the objective, the text. A long text goes on, indented.
func Line(w io.Writer, width int, at time.Time, s *journal.State, text string) {
	head := "[" + clockFace(at.Sub(s.Disaster()))
	if o := s.Facts.RecoveryTime; o > 0 {
		head += " of " + span(o)
	}
	pg := &page{width: max(width, 40) - 4}
	pg.line(0, head+"] "+text)
	lines := slices.Collect(strings.Lines(pg.b.String()))
	_, _ = io.WriteString(w, strings.Join(lines, "    ")) // progress that nobody can read must not stop a recovery
}

func clockFace(d time.Duration) string {
	d = max(0, d)
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}
