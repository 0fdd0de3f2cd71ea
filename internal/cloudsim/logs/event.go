package logs

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type event struct {
	ID       string
	At       int64 // milliseconds since 1970
	Ingested int64
	Message  string
}

// overhead is what CloudWatch Logs counts for an event beside its text, and maxEvents and maxBatch bound one PutLogEvents.
const (
	overhead  = 26
	maxEvents = 10_000
	maxBatch  = 1 << 20
)

type entry struct {
	Timestamp int64
	Message   string
}

func (s *Service) put(r *region, c *sim.Call, in *struct {
	streamRef
	LogEvents []entry
},
) (any, error) {
	st, err := r.stream(c, in.streamRef)
	if err != nil {
		return nil, err
	}
	bytes := 0
	for i, e := range in.LogEvents {
		if bytes += len(e.Message) + overhead; i > 0 && e.Timestamp < in.LogEvents[i-1].Timestamp {
			return nil, sim.Errorf("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	if len(in.LogEvents) == 0 || len(in.LogEvents) > maxEvents || bytes > maxBatch {
		return nil, sim.Errorf("InvalidParameterException", "a batch has 1 to %d events and at most %d bytes, not %d and %d", maxEvents, maxBatch, len(in.LogEvents), bytes)
	}
	for _, e := range in.LogEvents {
		st.Events = append(st.Events, event{s.world.Hex(32), e.Timestamp, s.world.Now().UnixMilli(), e.Message})
	}
	slices.SortStableFunc(st.Events, func(a, b event) int { return int(min(max(a.At-b.At, -1), 1)) })
	return map[string]string{"nextSequenceToken": s.world.Text(56, "0123456789")}, nil
}

// expire drops the events that are older than the group's retention.
func (s *Service) expire(g *group) {
	if g.Retention == 0 {
		return
	}
	oldest := s.world.Now().AddDate(0, 0, -g.Retention).UnixMilli()
	for _, st := range g.Streams {
		st.Events = slices.DeleteFunc(st.Events, func(e event) bool { return e.At < oldest })
	}
}

type window struct {
	StartTime, EndTime int64
	Limit              int
}

func (w window) holds(e event) bool {
	return e.At >= w.StartTime && (w.EndTime == 0 || e.At < w.EndTime)
}

type eventOutput struct {
	EventID       string `json:"eventId,omitempty"`
	LogStreamName string `json:"logStreamName,omitempty"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// maxRead is the most events of one answer, GetLogEvents and FilterLogEvents.
const maxRead = 10_000

func (s *Service) events(r *region, c *sim.Call, in *struct {
	streamRef
	window
	NextToken string
},
) (any, error) {
	st, err := r.stream(c, in.streamRef)
	if err != nil {
		return nil, err
	}
	g, err := r.find(c, in.ref)
	if err != nil {
		return nil, err
	}
	s.expire(g)
	var all []eventOutput
	for _, e := range st.Events {
		if in.holds(e) {
			all = append(all, eventOutput{Timestamp: e.At, Message: e.Message, IngestionTime: e.Ingested})
		}
	}
	from := strings.TrimLeft(in.NextToken, "fb/")
	part, next, err := sim.Page(all, from, in.Limit, maxRead)
	if next == "" {
		next = strconv.Itoa(len(all)) // at the end the token stays the same, which is how a reader knows
	}
	return map[string]any{"events": append([]eventOutput{}, part...), "nextForwardToken": "f/" + next, "nextBackwardToken": "b/0"}, err
}

func (s *Service) filter(r *region, c *sim.Call, in *struct {
	ref
	window
	FilterPattern, LogStreamNamePrefix, NextToken string
	LogStreamNames                                []string
},
) (any, error) {
	g, err := r.find(c, in.ref)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(in.FilterPattern, "{}[]%?-") {
		return nil, sim.Errorf("InvalidParameterException", "the drill cloud's filter patterns are plain terms, not %q", in.FilterPattern)
	}
	s.expire(g)
	terms := strings.Fields(strings.ReplaceAll(in.FilterPattern, `"`, " "))
	var all []eventOutput
	for _, name := range slices.Sorted(maps.Keys(g.Streams)) {
		if !strings.HasPrefix(name, in.LogStreamNamePrefix) || len(in.LogStreamNames) > 0 && !slices.Contains(in.LogStreamNames, name) {
			continue
		}
		for _, e := range g.Streams[name].Events {
			if in.holds(e) && !slices.ContainsFunc(terms, func(t string) bool { return !strings.Contains(e.Message, t) }) {
				all = append(all, eventOutput{e.ID, name, e.At, e.Message, e.Ingested})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b eventOutput) int { return int(min(max(a.Timestamp-b.Timestamp, -1), 1)) })
	part, next, err := sim.Page(all, in.NextToken, in.Limit, maxRead)
	return listed("events", part, next), err
}
