package findgood

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Result is what a search found.
type Result struct {
	Good     Answer   `json:"good"`   // the last good instant
	Bad      Answer   `json:"bad"`    // the first bad one behind it
	Mended   []Answer `json:"mended"` // bad ones before the last good one: what broke did not stay broken
	Answers  []Answer `json:"answers"`
	Rounds   int      `json:"rounds"`   // of this process
	Restores int      `json:"restores"` // of this process
}

// beatEvery is how often a line says where a round stands.
const beatEvery = time.Minute

// Run searches. When it ends with an error, or ctx ends, the answers so far are kept for another Run of the same; copies may be left, see Clear.
func (s *Search) Run(ctx context.Context) (Result, error) {
	var r Result
	round := func(instants []time.Time) error {
		r.Rounds, r.Restores = r.Rounds+1, r.Restores+len(instants)
		return s.round(ctx, r.Rounds, instants)
	}
	if left := s.started(); len(left) > 0 { // by a process that was killed
		if err := round(left); err != nil {
			return r, err
		}
	}
	for next := s.Span.Next(s.answers); len(next) > 0; next = s.Span.Next(s.answers) {
		if err := round(next); err != nil {
			return r, err
		}
	}
	r.Answers, r.Mended = sorted(s.answers), append([]Answer{}, Mended(s.answers)...)
	var found bool
	if r.Good, r.Bad, found = Edge(s.answers); !found {
		s.memory.From, s.memory.To = time.Time{}, time.Time{} // the next search need not look there again
		return r, errors.Join(s.nothing(r.Answers), s.save())
	}
	return r, s.forget()
}

// Clear deletes the copies that are left. A restore that is under way must end first, as AWS has it.
func (s *Search) Clear(ctx context.Context) error { return s.Shelf.Clear(ctx) }

// started gives the instants within the span whose copies are there, or on their way, and were not asked yet.
func (s *Search) started() []time.Time {
	var out []time.Time
	for _, c := range s.Shelf.Left() {
		known := false
		for _, a := range s.answers {
			known = known || a.At.Equal(c.At)
		}
		if !known && !c.At.Before(s.Span.From) && !c.At.After(s.Span.To) && len(out) < s.Span.Ways {
			out = append(out, c.At)
		}
	}
	return out
}

// round looks at several instants at once. That one of them fails stops no other: each answer is worth having.
func (s *Search) round(ctx context.Context, n int, instants []time.Time) error {
	begun := s.Clock.Now()
	s.Tell(fmt.Sprintf("round %d: restoring the table as of %s, from %s to %s; AWS takes at least %s", n, diag.Count(len(instants), "instant"), stamp(instants[0]), stamp(instants[len(instants)-1]), clock.Brief(beside.Shortest)))
	beat, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for clock.Sleep(beat, beatEvery) == nil {
			s.Tell(fmt.Sprintf("round %d: under way for %s", n, clock.Brief(s.Clock.Now().Sub(begun).Round(time.Second))))
		}
	}()
	errs := make([]error, len(instants))
	var group sync.WaitGroup
	for i, at := range instants {
		group.Go(func() { errs[i] = s.look(ctx, at) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(errs...)
}

// look restores, asks and deletes.
func (s *Search) look(ctx context.Context, at time.Time) error {
	c, err := s.Shelf.Restore(ctx, at)
	if err != nil {
		return err
	}
	a, err := s.count(ctx, c.Name, at)
	if err != nil {
		return awscloud.Explain(err, "the table as of "+stamp(at)+" does not answer the query", s.Site)
	}
	if err := s.remember(a); err != nil {
		return err
	}
	s.Tell(fmt.Sprintf("%s: %s", stamp(at), s.Invariant.Say(a)))
	return s.Shelf.Delete(ctx, c)
}

// Say is an answer in words.
func (i Invariant) Say(a Answer) string {
	word := "bad"
	if a.Good {
		word = "good"
	}
	if i.Query == "" {
		return fmt.Sprintf("%s, %s", word, diag.Count(int(a.Items), "item"))
	}
	return fmt.Sprintf("%s, %d of %s match", word, a.Matches, diag.Count(int(a.Items), "item"))
}

// nothing is when no good instant has a bad one behind it.
func (s *Search) nothing(answers []Answer) error {
	first, last := answers[0], answers[len(answers)-1]
	e := &step.Error{Class: step.Permanent, Site: s.Site.Name}
	if last.Good {
		e.What = fmt.Sprintf("nothing is broken at %s: %s", stamp(last.At), s.Invariant.Say(last))
		e.Next = "See whether the query describes the damage; or let the search end later, with --to"
		return e
	}
	e.What = fmt.Sprintf("it was broken at each of the %d instants that were looked at, from %s on: %s", len(answers), stamp(first.At), s.Invariant.Say(first))
	e.Next = "See whether the query describes the damage and nothing else"
	if first.At.After(s.Window.Earliest) {
		e.Next += fmt.Sprintf("; the table can be restored as of %s, so begin earlier, with --from", stamp(s.Window.Earliest))
	} else {
		e.Next += "; the table cannot be restored to an earlier instant, so look into the vault: lifeboat data history"
	}
	return e
}
