package history

import (
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// fact is what a source says of the item from one instant to another, both included.
type fact struct {
	from, to time.Time
	item     item.Item // nil: it was not there
	source   string
	before   string // why nothing is known of what was before, if the source tells
}

// silence is when, as a source says, the item was not written, whatever it was.
type silence struct {
	from, to time.Time
	source   string
	blind    bool // an item that was made and removed meanwhile does not show
}

// tick is how finely sources tell the time.
const tick = time.Microsecond

// unless is what an absence that was seen by exports may hide.
const unless = "unless it was made and removed within the window of one incremental export, which leaves that out"

// why is what is said of a gap when no source tells more.
const why = "no source shows what was there"

// timeline puts together what sources say, up to now and from an instant on; a zero instant is the first that is known. The states follow each other
// without a hole: what nobody can see is a state too.
func timeline(facts []fact, still []silence, since, now time.Time) []State {
	var out []State
	for _, s := range merge(stretch(facts, still)) {
		if s.To.Before(since) {
			continue
		}
		last := len(out) - 1
		switch {
		case last < 0 || s.From.Sub(out[last].To) <= tick:
		case s.From.Sub(out[last].To) <= time.Second+tick && !s.From.Equal(s.To): // as finely as a stream tells it
			s.From = out[last].To.Add(tick)
		default:
			out = append(out, gap(out[last], s))
		}
		out = append(out, s)
	}
	for _, q := range still {
		if since.IsZero() && q.from.Before(out[0].From) {
			since = q.from // something was seen then, and not what it was
		}
	}
	if len(out) > 0 && !since.IsZero() && out[0].From.After(since) {
		first := State{From: since, To: out[0].From, Known: false, Why: out[0].before}
		out = slices.Insert(out, 0, first)
	}
	for i := range out {
		if out[i].Why == "" && !out[i].Known {
			out[i].Why = why
		}
		if out[i].To.After(now) {
			out[i].To = now
		}
	}
	return out
}

// gap is the state between two others.
func gap(a, b State) State {
	g := State{From: a.To, To: b.From, Why: b.before, Changed: a.digest != b.digest}
	if !g.Changed && g.Why == "" {
		g.Why = "it was the same at both ends; " + why + " in between"
	}
	return g
}

// stretch makes each fact as long as silences beside it allow, and sorts them.
func stretch(facts []fact, still []silence) []State {
	up := slices.SortedFunc(slices.Values(still), func(a, b silence) int { return a.from.Compare(b.from) })
	down := slices.SortedFunc(slices.Values(still), func(a, b silence) int { return b.to.Compare(a.to) })
	var out []State
	for _, f := range facts {
		s := State{From: f.from, To: f.to, Known: true, Item: f.item, Sources: []string{f.source}, before: f.before, digest: digest(f.item)}
		for _, q := range up {
			if !q.from.After(s.To) && q.to.After(s.To) && !q.to.Before(s.From) && !q.within(s) {
				s.To = q.to
				s.heard(q)
			}
		}
		for _, q := range down {
			if !q.to.Before(s.From) && q.from.Before(s.From) && !q.from.After(s.To) && !q.within(s) {
				s.From, s.before = q.from, ""
				s.heard(q)
			}
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b State) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return a.To.Compare(b.To)
	})
	return out
}

// within tells whether an item was there somewhere in a blind silence, and at neither end of it that is known: it may be one that was made and removed.
func (q silence) within(s State) bool {
	return q.blind && s.Item != nil && q.from.Before(s.From) && q.to.After(s.To)
}

func (s *State) heard(q silence) {
	s.Sources = append(s.Sources, q.source)
	if q.blind && s.Item == nil {
		s.Unless = unless
	}
}

// merge joins states that are the same and touch. Where two that differ overlap, the later one begins where it begins: times of different sources
// agree to the second.
func merge(states []State) []State {
	var out []State
	for _, s := range states {
		last := len(out) - 1
		switch {
		case last < 0 || s.From.Sub(out[last].To) > tick:
			out = append(out, s)
		case s.digest == out[last].digest:
			l := &out[last]
			sure := func(a, b State) bool { return a.Unless == "" && !a.From.After(b.From) && !a.To.Before(b.To) }
			if sure(s, *l) || sure(*l, s) {
				l.Unless = ""
			} else if l.Unless == "" {
				l.Unless = s.Unless
			}
			if s.To.After(l.To) {
				l.To = s.To
			}
			l.Sources = append(l.Sources, s.Sources...)
		default:
			if l := &out[last]; l.To.After(s.From) {
				l.To = s.From
			}
			out = append(out, s)
		}
	}
	for i := range out {
		slices.Sort(out[i].Sources)
		out[i].Sources = slices.Compact(out[i].Sources)
	}
	return out
}

// digest tells items apart; empty is no item.
func digest(it item.Item) string {
	if it == nil {
		return ""
	}
	b, err := item.Append(nil, it)
	if err != nil {
		return "unreadable: " + err.Error()
	}
	return string(b)
}
