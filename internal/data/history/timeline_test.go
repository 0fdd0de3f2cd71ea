package history

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// write is a change that really happened; 0 deletes.
type write struct {
	at time.Time
	v  int
}

// truth is what really happened, the oldest first.
type truth []write

func of(v int) item.Item {
	if v == 0 {
		return nil
	}
	return item.Item{"id": &types.AttributeValueMemberS{Value: "1"}, "v": &types.AttributeValueMemberN{Value: strconv.Itoa(v)}}
}

// at is the item at an instant.
func (w truth) at(t time.Time) item.Item {
	v := 0
	for _, one := range w {
		if !one.at.After(t) {
			v = one.v
		}
	}
	return of(v)
}

// near tells whether the item was so within a second of an instant: streams tell no more.
func (w truth) near(at time.Time, it item.Item) bool {
	for _, t := range append(instantsOf(w), at, at.Add(-time.Second), at.Add(time.Second)) {
		if t.Sub(at).Abs() <= time.Second && digest(w.at(t)) == digest(it) {
			return true
		}
	}
	return false
}

// export is what DynamoDB would export: the item at an instant, or its last change in a window, and nothing where it was made and removed.
func (w truth) export(h *History, e export.Export, images bool) {
	if e.Full {
		var v *export.Version
		if it := w.at(e.To.Add(-tick)); it != nil {
			v = &export.Version{New: it}
		}
		h.export(e, v)
		return
	}
	var last *write
	for i := range w {
		if !w[i].at.Before(e.From) && w[i].at.Before(e.To) {
			last = &w[i]
		}
	}
	old := w.at(e.From.Add(-tick))
	if last == nil || last.v == 0 && old == nil {
		h.export(e, nil)
		return
	}
	v := &export.Version{At: last.at, New: of(last.v)}
	if images {
		v.Old = old
	}
	h.export(e, v)
}

// stream is what a stream shows from an instant on.
func (w truth) stream(h *History, begin, end time.Time, view streams.StreamViewType) {
	var mine []change
	was := w.at(begin.Add(-tick))
	for i, one := range w {
		if one.at.Before(begin) {
			continue
		}
		c := change{at: one.at.Truncate(time.Second), seq: fmt.Sprintf("%05d", i), kind: streams.OperationTypeModify}
		switch {
		case one.v == 0:
			c.kind = streams.OperationTypeRemove
		case was == nil:
			c.kind = streams.OperationTypeInsert
		}
		if view == streams.StreamViewTypeNewImage || view == streams.StreamViewTypeNewAndOldImages {
			c.new = of(one.v)
		}
		if view == streams.StreamViewTypeOldImage || view == streams.StreamViewTypeNewAndOldImages {
			c.old = was
		}
		was = of(one.v)
		mine = append(mine, c)
	}
	h.changes(mine, begin, end)
}

// The promise: whatever happened, and whatever of it exports, restores and a stream of any view show, a state that is said to be known was so at every
// instant of its time (to the second, as streams tell it), states follow each other without a hole, and the last one is the present.
func TestWhatIsKnownWasSo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		now := start.Add(6 * time.Hour)
		instants := rapid.SliceOfN(rapid.IntRange(1, 5*3600), 0, 12).Draw(t, "writes")
		slices.Sort(instants)
		var w truth
		for i, s := range instants {
			v := rapid.IntRange(0, 3).Draw(t, "value")
			at := start.Add(time.Duration(s)*time.Second + time.Duration(i)*time.Millisecond)
			if v == 0 && w.at(at) == nil {
				continue // a delete of nothing is no change
			}
			w = append(w, write{at, v})
		}
		h := &History{}
		whole := func(name string) time.Time {
			return start.Add(time.Duration(rapid.IntRange(0, 5*60).Draw(t, name)) * time.Minute)
		}
		if rapid.Bool().Draw(t, "vault") {
			end := whole("full")
			w.export(h, export.Export{Full: true, To: end}, false)
			for range rapid.IntRange(0, 4).Draw(t, "incremental") {
				from := end
				end = end.Add(time.Duration(rapid.IntRange(15, 90).Draw(t, "window")) * time.Minute)
				if end.Before(now) && rapid.Float64().Draw(t, "kept") > 0.2 {
					w.export(h, export.Export{From: from, To: end}, rapid.Bool().Draw(t, "images"))
				}
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "restores") {
			at := whole("restore")
			h.facts = append(h.facts, fact{from: at, to: at, item: w.at(at), source: "restore"})
		}
		if rapid.Bool().Draw(t, "stream") {
			w.stream(h, whole("begin"), now, rapid.SampledFrom(streams.StreamViewType("").Values()).Draw(t, "view"))
		}
		h.facts = append(h.facts, fact{from: now, to: now, item: w.at(now), source: "table"})
		since := time.Time{}
		if rapid.Bool().Draw(t, "since") {
			since = whole("from")
		}
		check(t, w, timeline(h.facts, h.still, since, now), since, now)
	})
}

func check(t *rapid.T, w truth, states []State, since, now time.Time) {
	if last := states[len(states)-1]; !last.Known || !last.To.Equal(now) || digest(last.Item) != digest(w.at(now)) {
		t.Fatalf("the last state is %+v", last)
	}
	if !since.IsZero() && states[0].From.After(since) {
		t.Fatalf("it begins at %v, not at %v", states[0].From, since)
	}
	for i, s := range states {
		if s.To.Before(s.From) || i > 0 && s.From.Sub(states[i-1].To) > tick {
			t.Fatalf("there is a hole before state %d: %+v", i, states)
		}
		if !s.Known && s.Why == "" || s.Known && len(s.Sources) == 0 {
			t.Fatalf("nothing says why: %+v", s)
		}
		if !s.Known {
			continue
		}
		for _, at := range append(instantsOf(w), s.From, s.To, s.From.Add(s.To.Sub(s.From)/2)) {
			if at.Before(s.From.Add(time.Second)) || at.After(s.To.Add(-time.Second)) {
				continue // streams tell the second
			}
			if !w.near(at, s.Item) && (s.Item != nil || s.Unless == "") {
				t.Fatalf("at %v it was %v, not as in %+v", at, w.at(at), s)
			}
		}
	}
}

func instantsOf(w truth) []time.Time {
	var out []time.Time
	for _, one := range w {
		out = append(out, one.at, one.at.Add(-tick), one.at.Add(time.Second))
	}
	return out
}

// The promise: a full export, which costs a read of the whole table, is read only where incremental ones do not tell the same.
func TestRelevantExports(t *testing.T) {
	t.Parallel()
	at := func(h int) time.Time { return time.Date(2026, 11, 20, h, 0, 0, 0, time.UTC) }
	full := func(h int) export.Export { return export.Export{Full: true, To: at(h)} }
	step := func(from, to int) export.Export { return export.Export{From: at(from), To: at(to)} }
	all := []export.Export{full(1), step(1, 2), step(2, 3), full(3), step(3, 4), full(8), step(8, 9), step(10, 11)}
	for since, want := range map[time.Time][]export.Export{
		{}:    {full(1), step(1, 2), step(2, 3), step(3, 4), full(8), step(8, 9), step(10, 11)},
		at(3): {full(3), step(3, 4), full(8), step(8, 9), step(10, 11)},
		at(9): {full(8), step(8, 9), step(10, 11)},
	} {
		if got := relevant(all, since); !slices.Equal(got, want) {
			t.Errorf("since %v: %v, not %v", since, got, want)
		}
	}
}
