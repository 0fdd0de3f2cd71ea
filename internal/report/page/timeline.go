package page

import (
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
)

// timeline is the picture of the run: a row a step, in the order in which they began. Places on the time axis are per cents of its
// length, so that the picture fits any screen with text of one size.
type timeline struct {
	Ticks []tick
	Flags []flag
	Rows  []row
	Left  int // steps that have no bar
}

// row is one step.
type row struct {
	ID, Anchor, Took, Status string
	Critical, Optional       bool
	From, Width              float64
	Bars                     []bar
	Text                     string // of all the bars, for who cannot see them
}

// bar is one span of a step.
type bar struct {
	X, Width float64
	Class    string // work, lost, wait, pause
	Text     string
}

// promised is the instant until which the application should have been recovered.
func promised(d report.Document) (time.Time, bool) {
	r := d.Objectives.RecoveryTime
	if r.ObjectiveS == nil {
		return time.Time{}, false
	}
	return r.From.Add(time.Duration(*r.ObjectiveS * float64(time.Second))), true
}

func timelineOf(d report.Document) timeline {
	a := axisOf(d)
	t := timeline{Ticks: a.ticks(d.Objectives.RecoveryTime.From), Flags: a.flags(d)}
	order := make([]int, 0, len(d.Steps))
	for i, s := range d.Steps {
		if len(s.Spans) > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return d.Steps[i].Spans[0].From.Compare(d.Steps[j].Spans[0].From) })
	for _, i := range order {
		r := a.row(d.Steps[i], d.Objectives.RecoveryTime.From)
		r.Anchor, r.Critical = anchor(i), slices.Contains(d.CriticalPath, r.ID)
		t.Rows = append(t.Rows, r)
	}
	t.Left = len(d.Steps) - len(t.Rows)
	return t
}

// meaning is how a step's i-th span is drawn, and what it says.
func meaning(s report.Step, i int) (class, text string) {
	x, last := s.Spans[i], i == len(s.Spans)-1
	switch journal.Status(x.Status) {
	case journal.StatusWaiting:
		return "wait", "waited for a person"
	case journal.StatusRetrying:
		return "pause", "paused before the next attempt"
	default:
	}
	cutOff := !last && s.Spans[i+1].Status == string(journal.StatusRunning) || last && (s.Status == "interrupted" || s.Status == string(journal.StatusPending))
	switch {
	case cutOff:
		return "lost", "cut off with its process"
	case x.Error != "":
		return "lost", "an attempt that failed"
	case last && s.Status == string(journal.StatusRunning):
		return "work", "works"
	default:
		return "work", "worked"
	}
}
