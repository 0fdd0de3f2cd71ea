package lambda

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func stale() error {
	return sim.Errorf("PreconditionFailedException",
		"The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id").WithStatus(http.StatusPreconditionFailed)
}

// publish makes a version of $LATEST, unless nothing changed since the last one.
func (s *Service) publish(f *function, description string) *revision {
	v := f.Latest
	v.Description = cmp.Or(description, v.Description)
	if n := len(f.Published); n > 0 {
		if last := &f.Published[n-1]; last.Of == f.Latest.ID {
			return last
		}
	}
	f.Numbers++
	v.Version, v.ID, v.Of, v.Modified = strconv.Itoa(f.Numbers), s.world.UUID(), v.ID, s.world.Now()
	f.Published = append(f.Published, v)
	return &f.Published[len(f.Published)-1]
}

func (s *Service) publishVersion(r *region, q *request) (any, error) {
	f, err := s.changeable(r, q)
	if err != nil {
		return nil, err
	}
	var in struct{ CodeSha256, Description string }
	if err := q.into(&in); err != nil {
		return nil, err
	}
	if in.CodeSha256 != "" && in.CodeSha256 != f.Latest.Code.SHA256 {
		return nil, invalid("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). Please try again with the CodeSHA256 in $LATEST.", in.CodeSha256, f.Latest.Code.SHA256)
	}
	return s.describe(q, f, s.publish(f, in.Description), true), nil
}

// versions shows $LATEST and every published version.
func (s *Service) versions(q *request, f *function) []configuration {
	out := []configuration{s.describe(q, f, &f.Latest, true)}
	for i := range f.Published {
		out = append(out, s.describe(q, f, &f.Published[i], true))
	}
	return out
}

func (s *Service) listVersions(r *region, q *request) (any, error) {
	f, _, err := find(r, q)
	if err != nil {
		return nil, err
	}
	part, next, err := page(q, s.versions(q, f))
	return listOutput{Versions: part, NextMarker: next}, err
}
