package lambda

import (
	"maps"
	"slices"
	"strings"
)

// tagged gives the tags of the function or mapping that a request's ARN names.
func (s *Service) tagged(r *region, q *request) (*map[string]string, error) {
	arn := q.http.PathValue("arn")
	if id, ok := strings.CutPrefix(arn, q.ARN("lambda", "event-source-mapping:")); ok {
		m, err := s.mappingByID(r, id)
		if err != nil {
			return nil, err
		}
		return &m.Tags, nil
	}
	f, _, err := named(r, q, arn)
	if err != nil {
		return nil, err
	}
	return &f.Tags, nil
}

func (s *Service) listTags(r *region, q *request) (any, error) {
	tags, err := s.tagged(r, q)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	maps.Copy(out, *tags)
	return map[string]any{"Tags": out}, nil
}

func (s *Service) tag(r *region, q *request) (any, error) {
	tags, err := s.tagged(r, q)
	if err != nil {
		return nil, err
	}
	in := struct{ Tags map[string]string }{Tags: map[string]string{}}
	maps.Copy(in.Tags, *tags)
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if len(in.Tags) > 50 { // Lambda Developer Guide, "Tags"
		return nil, invalid("Tag limit exceeded: a resource can have up to 50 tags")
	}
	*tags = in.Tags
	return nil, nil
}

func (s *Service) untag(r *region, q *request) (any, error) {
	tags, err := s.tagged(r, q)
	if err == nil {
		maps.DeleteFunc(*tags, func(k, _ string) bool { return slices.Contains(q.query["tagKeys"], k) })
	}
	return nil, err
}
