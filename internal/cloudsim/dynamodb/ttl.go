package dynamodb

import (
	"strconv"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
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

// timeToLive is a table's TTL setting.
type timeToLive struct {
	Enabled   bool      `json:"enabled"`
	Attribute string    `json:"attribute,omitempty"`
	ChangedAt time.Time `json:"changedAt,omitzero"` // the last call
	DoneAt    time.Time `json:"doneAt,omitzero"`    // ENABLING or DISABLING before
}

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

type timeToLiveSpecification struct {
	Enabled       bool
	AttributeName string
}

type updateTimeToLiveInput struct {
	TableName               string
	TimeToLiveSpecification timeToLiveSpecification
}

type updateTimeToLiveOutput struct {
	TimeToLiveSpecification timeToLiveSpecification
}

func (s *Service) updateTimeToLive(c *sim.Call, in *updateTimeToLiveInput) (*updateTimeToLiveOutput, error) {
	spec := in.TimeToLiveSpecification
	if spec.AttributeName == "" || len(spec.AttributeName) > 255 {
		return nil, constraint(spec.AttributeName, "timeToLiveSpecification.attributeName", "Member must have length between 1 and 255")
	}
	t, err := s.forChange(c, in.TableName)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	now, ttl := s.world.Now(), &t.def.TTL
	switch {
	case spec.Enabled && ttl.Enabled:
		return nil, invalid("TimeToLive is already enabled")
	case !spec.Enabled && !ttl.Enabled:
		return nil, invalid("TimeToLive is already disabled")
	case !spec.Enabled && spec.AttributeName != ttl.Attribute:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", ttl.Attribute)
	case !ttl.ChangedAt.IsZero() && now.Before(ttl.ChangedAt.Add(ttlPause)):
		return nil, invalid("Time to live has been modified multiple times within a fixed interval")
	}
	*ttl = timeToLive{spec.Enabled, spec.AttributeName, now, now.Add(s.Timing.Update)}
	t.sweep = sweep{}
	return &updateTimeToLiveOutput{spec}, nil
}

type timeToLiveDescription struct {
	TimeToLiveStatus string
	AttributeName    string `json:",omitempty"`
}

type describeTimeToLiveOutput struct{ TimeToLiveDescription timeToLiveDescription }

func (s *Service) describeTimeToLive(c *sim.Call, in *tableInput) (*describeTimeToLiveOutput, error) {
	t, err := s.forControl(c, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	ttl := t.def.TTL
	out := timeToLiveDescription{AttributeName: ttl.Attribute}
	changing := s.world.Now().Before(ttl.DoneAt)
	switch {
	case ttl.Enabled && changing:
		out.TimeToLiveStatus = "ENABLING"
	case ttl.Enabled:
		out.TimeToLiveStatus = "ENABLED"
	case changing:
		out.TimeToLiveStatus = "DISABLING"
	default:
		out = timeToLiveDescription{TimeToLiveStatus: "DISABLED"}
	}
	return &describeTimeToLiveOutput{out}, nil
}
