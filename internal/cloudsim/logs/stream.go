package logs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type stream struct {
	Name    string
	Created time.Time
	Events  []event // by time
}

func (st *stream) size() int {
	n := 0
	for _, e := range st.Events {
		n += len(e.Message) + overhead
	}
	return n
}

type streamRef struct {
	ref
	LogStreamName string
}

func (r *region) stream(c *sim.Call, in streamRef) (*stream, error) {
	g, err := r.find(c, in.ref)
	if err != nil {
		return nil, err
	}
	if st := g.Streams[in.LogStreamName]; st != nil {
		return st, nil
	}
	return nil, sim.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
}

func (s *Service) createStream(r *region, c *sim.Call, in *streamRef) (none, error) {
	g, err := r.find(c, in.ref)
	if err != nil {
		return none{}, err
	}
	if g.Streams[in.LogStreamName] != nil {
		return none{}, sim.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	if in.LogStreamName == "" || strings.ContainsAny(in.LogStreamName, ":*") {
		return none{}, sim.Errorf("InvalidParameterException", "a log stream's name has 1 to 512 characters, without : and *")
	}
	g.Streams[in.LogStreamName] = &stream{Name: in.LogStreamName, Created: s.world.Now()}
	return none{}, nil
}

func (s *Service) removeStream(r *region, c *sim.Call, in *streamRef) (none, error) {
	st, err := r.stream(c, *in)
	if err != nil {
		return none{}, err
	}
	g, err := r.find(c, in.ref)
	if err == nil {
		delete(g.Streams, st.Name)
	}
	return none{}, err
}

func (s *Service) describeStreams(r *region, c *sim.Call, in *struct {
	ref
	LogStreamNamePrefix, NextToken string
	Limit                          int
},
) (any, error) {
	g, err := r.find(c, in.ref)
	if err != nil {
		return nil, err
	}
	s.expire(g)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(g.Streams)), func(n string) bool { return !strings.HasPrefix(n, in.LogStreamNamePrefix) })
	part, next, err := sim.Page(names, in.NextToken, in.Limit, 50)
	out := make([]map[string]any, len(part))
	for i, n := range part {
		st := g.Streams[n]
		out[i] = map[string]any{
			"logStreamName": n, "creationTime": st.Created.UnixMilli(), "storedBytes": 0,
			"arn": c.ARN("logs", "log-group:"+g.Name+":log-stream:"+n),
		}
		if len(st.Events) > 0 {
			out[i]["firstEventTimestamp"], out[i]["lastEventTimestamp"] = st.Events[0].At, st.Events[len(st.Events)-1].At
			out[i]["lastIngestionTime"] = st.Events[len(st.Events)-1].Ingested
		}
	}
	return listed("logStreams", out, next), err
}
