package dynamodb

import (
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

const (
	// sweepEvery is how often expired items are looked for. AWS promises "within a few days".
	sweepEvery = time.Hour
	// sweepStep bounds the items that one call looks at, so that no call waits for a large table.
	sweepStep = 256
	// oldestExpiry is how far in the past an expiry may lie ("Time to Live"): older ones are taken for mistakes.
	oldestExpiry = 5 * 365 * 24 * time.Hour
	// ttlPause is how long after a change of TTL another one is refused (UpdateTimeToLive).
	ttlPause = time.Hour
)

// sweep is how far the search for expired items has come. It begins anew when the cloud is loaded.
type sweep struct {
	from string    // the next place to look at
	due  time.Time // when the next step may be done

	expiring bool // what changes now, TTL changes
}

func (t *table) sweepDue(now time.Time) bool {
	return t.def.TTL.Enabled && !now.Before(t.def.TTL.DoneAt) && !now.Before(t.sweep.due)
}

// expire removes expired items among the next few. The caller holds the lock.
func (t *table) expire(now time.Time) {
	if !t.sweepDue(now) {
		return
	}
	type found struct {
		place string
		old   item.Item
	}
	var expired []found
	left := sweepStep
	next := ""
	for place, i := range t.items.From(t.sweep.from) {
		if left == 0 {
			next = place
			break
		}
		left--
		if t.expired(i, now) {
			expired = append(expired, found{place, i})
		}
	}
	t.sweep.from = next
	if next == "" {
		t.sweep.due = now.Add(sweepEvery)
	}
	t.sweep.expiring = true
	defer func() { t.sweep.expiring = false }()
	for _, f := range expired {
		t.replace(now, f.place, f.old, nil)
	}
}

func (t *table) expired(i item.Item, now time.Time) bool {
	v, ok := i.Get(t.def.TTL.Attribute)
	if !ok || v.Kind != item.N {
		return false
	}
	seconds, err := strconv.ParseFloat(string(item.AppendNumber(nil, v.Text)), 64)
	return err == nil && seconds <= float64(now.Unix()) && seconds >= float64(now.Add(-oldestExpiry).Unix())
}
