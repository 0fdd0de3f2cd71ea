package findgood

import (
	"fmt"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
)

// Answer is what the table said at an instant.
type Answer struct {
	At      time.Time `json:"at"`
	Good    bool      `json:"good"`    // the invariant held
	Matches int64     `json:"matches"` // items that the query found
	Items   int64     `json:"items"`   // of the table
}

// Span is where to look and how. Instants are whole seconds, because DynamoDB restores to these.
type Span struct {
	From, To time.Time
	Ways     int           // restores beside each other, 2 to beside.MaxRestores
	Within   time.Duration // how near the last good instant and the first bad one must come; at least a second
}

// Check refuses a span that cannot be searched.
func (s Span) Check() error {
	switch {
	case s.Ways < 2 || s.Ways > beside.MaxRestores:
		return fmt.Errorf("%d ways: a search has at least 2 restores beside each other, and AWS takes at most %d", s.Ways, beside.MaxRestores)
	case s.Within < time.Second || s.Within%time.Second != 0:
		return fmt.Errorf("within %v: a table can be restored to whole seconds", s.Within)
	case !s.From.Before(s.To):
		return fmt.Errorf("the search would begin at %s and end at %s", stamp(s.From), stamp(s.To))
	}
	return nil
}

// Next gives the instants of the next round; there are none when the search is over. It depends on nothing but the answers so far, in any order,
// so that a search goes on from them. The first round looks at both ends too: what nobody has seen is not taken for granted.
func (s Span) Next(answers []Answer) []time.Time {
	var out []time.Time
	for _, end := range []time.Time{s.From, s.To} {
		if !slices.ContainsFunc(answers, func(a Answer) bool { return a.At.Equal(end) }) {
			out = append(out, end)
		}
	}
	good, bad, found := Edge(answers)
	switch {
	case found:
		out = append(out, s.between(good.At, bad.At, s.Ways-len(out))...)
	case len(out) > 0:
		out = append(out, s.between(s.From, s.To, s.Ways-len(out))...)
	}
	return slices.SortedFunc(slices.Values(out), time.Time.Compare)
}

// between gives at most n instants that cut a stretch into even parts, and none where it is short enough.
func (s Span) between(from, to time.Time, n int) []time.Time {
	length := seconds(to.Sub(from))
	parts := s.parts(length, n)
	var out []time.Time
	for i := int64(1); i < parts; i++ {
		out = append(out, from.Add(time.Duration(length*i/parts)*time.Second))
	}
	return out
}

// parts is into how many parts n instants cut a stretch, none of them shorter than it needs to be.
func (s Span) parts(length int64, n int) int64 {
	return min(int64(n)+1, ceil(length, seconds(s.Within)))
}

// Edge gives the last good instant that has a bad one behind it, and that bad one.
func Edge(answers []Answer) (good, bad Answer, found bool) {
	all := sorted(answers)
	for i := len(all) - 2; i >= 0; i-- {
		if all[i].Good && !all[i+1].Good {
			return all[i], all[i+1], true
		}
	}
	return good, bad, false
}

// Mended gives the bad instants that have a good one behind them. A search assumes that there are none: what broke stays broken.
func Mended(answers []Answer) []Answer {
	all := sorted(answers)
	var bad, out []Answer
	for _, a := range all {
		if !a.Good {
			bad = append(bad, a)
			continue
		}
		out, bad = append(out, bad...), nil
	}
	return out
}

func sorted(answers []Answer) []Answer {
	return slices.SortedFunc(slices.Values(answers), func(a, b Answer) int { return a.At.Compare(b.At) })
}

// Forecast is how many rounds and restores the search takes at most, if what broke stays broken.
func (s Span) Forecast() (rounds, restores int) {
	length := seconds(s.To.Sub(s.From))
	parts := s.parts(length, s.Ways-2)
	rounds, restores = 1, 2+int(parts)-1
	for length = ceil(length, parts); length > seconds(s.Within); length = ceil(length, parts) {
		parts = s.parts(length, s.Ways)
		rounds, restores = rounds+1, restores+int(parts)-1
	}
	return rounds, restores
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func ceil(a, b int64) int64 { return (a + b - 1) / b }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
