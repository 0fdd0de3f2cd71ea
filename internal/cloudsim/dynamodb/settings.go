package dynamodb

import (
	"maps"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func checkClass(class string) error {
	if class != "" && class != "STANDARD" && class != "STANDARD_INFREQUENT_ACCESS" {
		return constraint(class, "tableClass", "Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]")
	}
	return nil
}

// setStream changes the stream setting. A new stream has a new label.
func (d *definition) setStream(spec *streamSpecification, now time.Time) error {
	if spec == nil {
		return nil
	}
	switch {
	case !spec.StreamEnabled && spec.StreamViewType != "":
		return invalidValue("UpdateStreamEnabled is false but StreamViewType is specified")
	case !spec.StreamEnabled:
		d.Stream = nil
		return nil
	case !slices.Contains([]string{"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"}, spec.StreamViewType):
		return invalidValue("StreamViewType must be specified when the stream is enabled: %q", spec.StreamViewType)
	case d.Stream != nil:
		return invalidValue("Table already has an enabled stream: TableName: %s", d.Name)
	}
	d.Stream, d.StreamLabel = spec, now.UTC().Format("2006-01-02T15:04:05.000")
	return nil
}

func (d *definition) addTags(tags []tag) error {
	if d.Tags == nil {
		d.Tags = map[string]string{}
	}
	for _, t := range tags {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 {
			return constraint(t.Key, "tags.member.key", "Member must have length between 1 and 128, and its value at most 256")
		}
		d.Tags[t.Key] = t.Value
	}
	if len(d.Tags) > maxTags {
		return invalidValue("Too many tags: a resource has at most %d", maxTags)
	}
	return nil
}

type tagResourceInput struct {
	ResourceArn string
	Tags        []tag
	TagKeys     []string
}

func (s *Service) tagResource(c *sim.Call, in *tagResourceInput) (*struct{}, error) {
	t, err := s.byARN(c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return &struct{}{}, t.def.addTags(in.Tags)
}

func (s *Service) untagResource(c *sim.Call, in *tagResourceInput) (*struct{}, error) {
	t, err := s.byARN(c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range in.TagKeys {
		delete(t.def.Tags, k)
	}
	return &struct{}{}, nil
}

type listTagsOutput struct{ Tags []tag }

func (s *Service) listTagsOfResource(c *sim.Call, in *tagResourceInput) (*listTagsOutput, error) {
	t, err := s.byARN(c, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := &listTagsOutput{Tags: []tag{}}
	for _, k := range slices.Sorted(maps.Keys(t.def.Tags)) {
		out.Tags = append(out.Tags, tag{k, t.def.Tags[k]})
	}
	return out, nil
}
