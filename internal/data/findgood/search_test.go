package findgood_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/data/findgood"
)

func second(n int) time.Time {
	return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
}

// drive carries a search out on a history, shuffling each round's answers, and gives its answers with the rounds and the restores that it took.
func drive(t *rapid.T, s findgood.Span, good func(int) bool) (answers []findgood.Answer, rounds, restores int) {
	for {
		next := s.Next(answers)
		if len(next) == 0 {
			return answers, rounds, restores
		}
		if len(next) > s.Ways {
			t.Fatalf("%d restores in a round of %d ways", len(next), s.Ways)
		}
		for _, at := range rapid.Permutation(next).Draw(t, "order") {
			if at.Before(s.From) || at.After(s.To) {
				t.Fatalf("%v is outside of the span", at)
			}
			for _, a := range answers {
				if a.At.Equal(at) {
					t.Fatalf("%v is looked at twice", at)
				}
			}
			answers = append(answers, findgood.Answer{At: at, Good: good(int(at.Sub(second(0)) / time.Second))})
		}
		rounds, restores = rounds+1, restores+len(next)
	}
}

func drawSpan(t *rapid.T) findgood.Span {
	return findgood.Span{
		From: second(0), To: second(rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 35*24*3600)).Draw(t, "length")),
		Ways: rapid.IntRange(2, 50).Draw(t, "ways"), Within: time.Duration(rapid.OneOf(rapid.Just(1), rapid.IntRange(1, 3600)).Draw(t, "within")) * time.Second,
	}
}

// The promise: for any history that breaks once, and any number of ways, the search ends with the last good second and the first bad one (or as near
// as was asked), in no more rounds and restores than were announced, and reports nothing strange.
func TestSearchFindsTheLastGoodSecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpan(t)
		length := int(s.To.Sub(s.From) / time.Second)
		last := rapid.IntRange(0, length-1).Draw(t, "last good")
		rounds, restores := s.Forecast()
		answers, gotRounds, gotRestores := drive(t, s, func(n int) bool { return n <= last })
		good, bad, found := findgood.Edge(answers)
		if !found || good.At.After(second(last)) || !bad.At.After(second(last)) || bad.At.Sub(good.At) > s.Within {
			t.Fatalf("good %v, bad %v, the last good second is %v", good.At, bad.At, second(last))
		}
		if s.Within == time.Second && (!good.At.Equal(second(last)) || !bad.At.Equal(second(last+1))) {
			t.Fatalf("good %v, bad %v, not the exact second %v", good.At, bad.At, second(last))
		}
		if gotRounds > rounds || gotRestores > restores {
			t.Fatalf("%d rounds and %d restores; %d and %d were announced", gotRounds, gotRestores, rounds, restores)
		}
		if odd := findgood.Mended(answers); len(odd) > 0 {
			t.Fatalf("reported as mended: %v", odd)
		}
	})
}

// The promise: whatever the history, a search ends; what it gives was seen, one good and the next bad; and an answer that was mended is reported.
func TestSearchReportsWhatWasMended(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpan(t)
		breaks := rapid.SliceOfN(rapid.IntRange(0, int(s.To.Sub(s.From)/time.Second)), 0, 6).Draw(t, "changes")
		history := func(n int) bool {
			good := true
			for _, b := range breaks {
				if n >= b {
					good = !good
				}
			}
			return good
		}
		answers, _, _ := drive(t, s, history)
		seen := map[bool]bool{}
		strange := false
		for n := range answers { // every bad answer that has a good one behind it
			for m := range answers {
				strange = strange || !answers[n].Good && answers[m].Good && answers[n].At.Before(answers[m].At)
			}
			seen[answers[n].Good] = true
		}
		if strange != (len(findgood.Mended(answers)) > 0) {
			t.Fatalf("mended: %v of %v", findgood.Mended(answers), answers)
		}
		good, bad, found := findgood.Edge(answers)
		if found && (!good.Good || bad.Good || bad.At.Sub(good.At) > s.Within) {
			t.Fatalf("good %v, bad %v", good, bad)
		}
		if !found && history(0) && !history(int(s.To.Sub(s.From)/time.Second)) {
			t.Fatal("it was good and became bad, and nothing was found")
		}
	})
}

// The promise: what was announced is what a person can check by hand, and what cannot be searched is refused.
func TestForecast(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		length, ways     int
		within           time.Duration
		rounds, restores int
	}{
		{1, 4, time.Second, 1, 2},
		{3, 4, time.Second, 1, 4},
		{3600, 4, time.Second, 6, 21}, // 3600, 1200, 240, 48, 10, 2, 1
		{3600, 4, time.Minute, 3, 11}, // 3600, 1200, 240, 60 within a minute
		{35 * 24 * 3600, 4, time.Second, 10, 38},
		{35 * 24 * 3600, 50, time.Second, 4, 173},
	} {
		s := findgood.Span{From: second(0), To: second(tt.length), Ways: tt.ways, Within: tt.within}
		if rounds, restores := s.Forecast(); s.Check() != nil || rounds != tt.rounds || restores != tt.restores {
			t.Errorf("%+v: %d rounds, %d restores, %v", tt, rounds, restores, s.Check())
		}
	}
	for name, s := range map[string]findgood.Span{
		"one way":         {second(0), second(9), 1, time.Second},
		"too many":        {second(0), second(9), 51, time.Second},
		"nothing between": {second(9), second(9), 4, time.Second},
		"half a second":   {second(0), second(9), 4, 1500 * time.Millisecond},
	} {
		if s.Check() == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}
