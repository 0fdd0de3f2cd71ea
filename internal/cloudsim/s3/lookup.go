package s3

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Object gives an object's bytes to another service that acts for the caller, in the caller's region; version "" is the newest. The
// bytes are not to be changed. Errors are those of GetObject.
func (s *Service) Object(c *sim.Call, name, key, version string) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.state.Buckets[name]
	switch {
	case b == nil:
		return nil, fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	case !b.allows(c, "s3:GetObject", key):
		return nil, denied(c, "s3:GetObject", name, key)
	case b.Region != c.Region:
		return nil, fail(http.StatusMovedPermanently, "PermanentRedirect", "The bucket is in this region: %s. Please use this region to retry the request", b.Region)
	}
	o := b.current(key)
	if version != "" {
		o = b.version(key, version)
	}
	if o == nil || o.Marker {
		return nil, noSuchKey(key)
	}
	return o.Data, nil
}
