package s3

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

type tag struct {
	Key   string `json:"key" xml:"Key"`
	Value string `json:"value" xml:"Value"`
}

type tagging struct {
	TagSet []tag `xml:"TagSet>Tag"`
}

// parseTags reads a Tagging document of at most limit tags (10 for objects, 50 for buckets).
func parseTags(body string, limit int) ([]tag, error) {
	var in tagging
	if err := parseXML([]byte(body), &in); err != nil {
		return nil, err
	}
	return in.TagSet, checkTags(in.TagSet, limit)
}

func checkTags(tags []tag, limit int) error {
	if len(tags) > limit {
		return fail(http.StatusBadRequest, "BadRequest", "Tags cannot be more than %d", limit)
	}
	for i, t := range tags {
		switch {
		case t.Key == "" || len(t.Key) > 128:
			return fail(http.StatusBadRequest, "InvalidTag", "The TagKey you have provided is invalid")
		case len(t.Value) > 256:
			return fail(http.StatusBadRequest, "InvalidTag", "The TagValue you have provided is invalid")
		case slices.ContainsFunc(tags[:i], func(o tag) bool { return o.Key == t.Key }):
			return fail(http.StatusBadRequest, "InvalidTag", "Cannot provide multiple Tags with the same key")
		}
	}
	return nil
}

// headerTags reads x-amz-tagging: tags as a URL query.
func headerTags(header string) ([]tag, error) {
	q, err := url.ParseQuery(header)
	if err != nil {
		return nil, fail(http.StatusBadRequest, "InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters")
	}
	var tags []tag
	for key, values := range q {
		for _, v := range values {
			tags = append(tags, tag{key, v})
		}
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, checkTags(tags, 10)
}

func (s *Service) getTags(r *request) error {
	return s.see(r, func(b *bucket) error {
		o, err := b.find(r)
		if err != nil {
			return err
		}
		return writeXML(r, "Tagging", tagging{o.Tags})
	})
}

func (s *Service) putTags(r *request) error {
	p, err := readPayload(r, 1<<20)
	if err != nil {
		return err
	}
	tags, err := parseTags(string(p.data), 10)
	if err != nil {
		return err
	}
	return s.setTags(r, tags, http.StatusOK)
}

func (s *Service) deleteTags(r *request) error { return s.setTags(r, nil, http.StatusNoContent) }

func (s *Service) setTags(r *request, tags []tag, status int) error {
	return s.change(r, func(b *bucket) error {
		o, err := b.find(r)
		if err != nil {
			return err
		}
		o.Tags = tags
		r.w.WriteHeader(status)
		return nil
	})
}
