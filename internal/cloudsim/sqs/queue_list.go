package sqs

import (
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type listInput struct {
	QueueNamePrefix string
	QueueURL        string `json:"QueueUrl"`
	MaxResults      int
	NextToken       string
}

func (s *Service) list(r *region, c *sim.Call, in *listInput) (any, error) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(r.Queues)), func(n string) bool { return !strings.HasPrefix(n, in.QueueNamePrefix) })
	return urls(c, "QueueUrls", names, in)
}

func (s *Service) listSources(r *region, c *sim.Call, in *listInput) (any, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(r.Queues)), func(n string) bool {
		d, ok := r.Queues[n].redrive()
		return !ok || d.Target != c.ARN("sqs", q.Name)
	})
	return urls(c, "queueUrls", names, in)
}

func urls(c *sim.Call, member string, names []string, in *listInput) (any, error) {
	part, next, err := sim.Page(names, in.NextToken, in.MaxResults, 1000)
	list := make([]string, len(part))
	for i, n := range part {
		list[i] = queueURL(c, n)
	}
	out := map[string]any{member: list}
	if next != "" && in.MaxResults > 0 {
		out["NextToken"] = next
	}
	return out, err
}

func (s *Service) listTags(r *region, c *sim.Call, in *queueInput) (any, error) {
	q, err := find(r, c, in.QueueURL)
	if err != nil || len(q.Tags) == 0 {
		return nil, err
	}
	return map[string]any{"Tags": maps.Clone(q.Tags)}, nil
}

func (s *Service) tag(r *region, c *sim.Call, in *struct {
	queueInput
	Tags map[string]string
},
) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err == nil {
		maps.Copy(q.Tags, in.Tags)
	}
	return none{}, err
}

func (s *Service) untag(r *region, c *sim.Call, in *struct {
	queueInput
	TagKeys []string
},
) (none, error) {
	q, err := find(r, c, in.QueueURL)
	if err == nil {
		maps.DeleteFunc(q.Tags, func(k, _ string) bool { return slices.Contains(in.TagKeys, k) })
	}
	return none{}, err
}
