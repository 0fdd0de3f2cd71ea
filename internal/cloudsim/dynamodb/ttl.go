package dynamodb

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// timeToLive is a table's TTL setting.
type timeToLive struct {
	Enabled   bool      `json:"enabled"`
	Attribute string    `json:"attribute,omitempty"`
	ChangedAt time.Time `json:"changedAt,omitzero"` // the last call
	DoneAt    time.Time `json:"doneAt,omitzero"`    // ENABLING or DISABLING before
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
