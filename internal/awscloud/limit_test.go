package awscloud

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The promise: however calls arrive, no more of them start in any stretch of time than the documented rate allows, plus one second's burst.
func TestBucketsKeepTheRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0.5, 100).Draw(t, "rate")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 500), 1, 200).Draw(t, "milliseconds between calls")
		var b buckets
		now := time.Unix(1_000_000, 0)
		var starts []time.Time
		for _, g := range gaps {
			now = now.Add(time.Duration(g) * time.Millisecond)
			starts = append(starts, now.Add(b.take(bucketKey{class: "x"}, rate, now)))
		}
		for i := range starts {
			for j := i; j < len(starts); j++ {
				allowed := rate + rate*starts[j].Sub(starts[i]).Seconds() + 1e-6
				if n := float64(j - i); n > allowed { // the first call starts the stretch
					t.Fatalf("%v calls in %s at %v a second", n, starts[j].Sub(starts[i]), rate)
				}
			}
		}
	})
}

// The promise: rates are counted per account, region and class, as AWS does.
func TestBucketsAreSeparate(t *testing.T) {
	t.Parallel()
	var b buckets
	now := time.Unix(1_000_000, 0)
	a := bucketKey{"1", "eu-west-1", "ssm PutParameter"}
	for range 3 {
		if d := b.take(a, 3, now); d != 0 {
			t.Fatalf("waited %s below the rate", d)
		}
	}
	if d := b.take(a, 3, now); d < 300*time.Millisecond || d > 400*time.Millisecond {
		t.Errorf("the fourth of 3 a second waits %s", d)
	}
	for _, k := range []bucketKey{{"2", a.region, a.class}, {a.account, "eu-west-2", a.class}, {a.account, a.region, "other"}} {
		if d := b.take(k, 3, now); d != 0 {
			t.Errorf("%v waits %s for another's calls", k, d)
		}
	}
}
