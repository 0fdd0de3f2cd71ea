package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/report"
)

// tick is a time on the axis.
type tick struct {
	X    float64
	Text string
}

// Anchor keeps the text inside the picture.
func (t tick) Anchor() string { return textAnchor(t.X) }

// flag is an instant that matters: a mark, or the objective.
type flag struct {
	X      float64
	Letter string
	Text   string
}

// Anchor keeps the letter inside the picture.
func (f flag) Anchor() string { return textAnchor(f.X) }

// axis is what the timeline covers.
type axis struct {
	from   time.Time
	length time.Duration
}

// at is the place of an instant, in per cents with two decimals.
func (a axis) at(t time.Time) float64 {
	return hundredths(min(100, max(0, 100*float64(t.Sub(a.from))/float64(a.length))))
}

// extent is the place of a span, which is seen even if it took no time or the clock was set back.
func (a axis) extent(from, to time.Time) (x, width float64) {
	const least = .3
	x = min(a.at(from), 100-least)
	return x, max(least, hundredths(a.at(to)-x))
}

func hundredths(x float64) float64 { return math.Round(x*100) / 100 }

func axisOf(d report.Document) axis {
	from := d.Objectives.RecoveryTime.From
	to := from.Add(time.Millisecond)
	extend := func(t time.Time) {
		if t.Before(from) {
			from = t
		}
		if t.After(to) {
			to = t
		}
	}
	for _, s := range d.Steps {
		for _, x := range s.Spans {
			extend(x.From)
			extend(x.To)
		}
	}
	if d.FinishedAt != nil {
		extend(*d.FinishedAt)
	}
	// The objective is drawn where it leaves most of the room to what happened.
	if end, ok := promised(d); ok && end.Sub(from) <= to.Sub(from)*5/4 {
		extend(end)
	}
	return axis{from, to.Sub(from)}
}

// ticks are at round times since the clock started, at most seven.
func (a axis) ticks(zero time.Time) []tick {
	every := round(a.length / 6)
	var out []tick
	first := a.from.Sub(zero).Truncate(every)
	for i := range time.Duration(8) {
		d := first + i*every
		if at := zero.Add(d); !at.Before(a.from) && !at.After(a.from.Add(a.length)) {
			out = append(out, tick{a.at(at), clock.Brief(d)})
		}
	}
	return out
}

// round is the least round duration that is not shorter.
func round(d time.Duration) time.Duration {
	unit := time.Millisecond
	for _, n := range []time.Duration{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000} {
		if n*unit >= d {
			return n * unit
		}
	}
	hours := time.Hour
	for i := 0; hours < d; i++ {
		hours *= []time.Duration{2, 3, 2, 2}[min(i, 3)] // 2, 6, 12, 24 hours, and so on
	}
	return hours
}

func (a axis) flags(d report.Document) []flag {
	var out []flag
	add := func(at time.Time, text string) {
		if at.Before(a.from) || at.After(a.from.Add(a.length)) {
			return
		}
		out = append(out, flag{a.at(at), string(rune('A' + len(out)%26)), text})
	}
	marks := slices.Clone(d.Marks)
	slices.SortStableFunc(marks, func(x, y report.Mark) int { return x.At.Compare(y.At) })
	for _, m := range marks {
		text := m.Name
		if m.Note != "" {
			text += ": " + m.Note
		}
		add(m.At, text)
	}
	if end, ok := promised(d); ok {
		add(end, "objective: recovered within "+report.Duration(*d.Objectives.RecoveryTime.ObjectiveS))
	}
	return out
}

func (a axis) row(s report.Step, zero time.Time) row {
	r := row{ID: s.ID, Took: report.Duration(s.DurationS), Status: s.Status, Optional: s.Optional}
	texts := make([]string, 0, len(s.Spans))
	for i, x := range s.Spans {
		b := bar{}
		b.X, b.Width = a.extent(x.From, x.To)
		b.Class, b.Text = meaning(s, i)
		b.Text += fmt.Sprintf(", from %s for %s", report.Duration(x.From.Sub(zero).Seconds()), report.Duration(x.To.Sub(x.From).Seconds()))
		r.Bars = append(r.Bars, b)
		texts = append(texts, b.Text)
	}
	r.From, r.Width = a.extent(s.Spans[0].From, s.Spans[len(s.Spans)-1].To)
	r.Text = s.ID + ": " + strings.Join(texts, "; ")
	return r
}

func textAnchor(x float64) string {
	switch {
	case x < 4:
		return "start"
	case x > 96:
		return "end"
	default:
		return "middle"
	}
}
