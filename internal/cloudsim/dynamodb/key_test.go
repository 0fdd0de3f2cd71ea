package dynamodb

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// Each place is in exactly one segment, whatever their number.
func TestSegmentsPartitionPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, maxSegments).Draw(t, "total")
		place := string(appendPartition(nil, rapid.String().Draw(t, "key")))
		if rapid.Bool().Draw(t, "at a bound") {
			place = segmentStart(rapid.IntRange(0, total-1).Draw(t, "segment"), total)
		}
		low, high := 0, total // the segment, by bisection
		for high-low > 1 {
			if middle := (low + high) / 2; place >= segmentStart(middle, total) {
				low = middle
			} else {
				high = middle
			}
		}
		if place < segmentStart(low, total) || place >= segmentStart(low+1, total) {
			t.Errorf("%x is not in segment %d of %d, which begins at %x", place[:8], low, total, segmentStart(low, total))
		}
		if segmentStart(low, total) >= segmentStart(low+1, total) {
			t.Errorf("segment %d of %d is empty", low, total)
		}
	})
}

// Places order as sort keys do, and the range of a prefix holds exactly the keys that begin with it.
func TestPlacesOrderAsSortKeys(t *testing.T) {
	t.Parallel()
	key := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 254, 255}), 1, 5), func(b []byte) string { return string(b) })
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		partition := appendPartition(nil, "p")
		place := func(k string) string { return string(appendSortEnd(appendSort(slices.Clone(partition), k))) }
		if got, want := strings.Compare(place(a)+"x", place(b)), strings.Compare(a, b); want != 0 && got != want {
			t.Errorf("%x against %x: %d, want %d", a, b, got, want)
		}
		prefix := appendSort(slices.Clone(partition), b)
		if got, want := place(a) >= string(prefix) && place(a) < after(prefix), strings.HasPrefix(a, b); got != want {
			t.Errorf("%x in the range of prefix %x: %v, want %v", a, b, got, want)
		}
	})
}

// Hashes spread keys evenly: of 64 segments none has twice its share.
func TestHashSpreads(t *testing.T) {
	t.Parallel()
	counts := make([]int, 64)
	for i := range 64 * 500 {
		counts[hashOf("user#"+item.Int(i).Text)>>58]++
	}
	if low, high := slices.Min(counts), slices.Max(counts); low < 350 || high > 650 {
		t.Errorf("segments of 500 have from %d to %d", low, high)
	}
}
