package s3

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Object gives an object's bytes to another service that acts for the caller, in the caller's region; version "" is the newest. The
// bytes are not to be changed. Errors are those of GetObject.
func (s *Service) Object(c *sim.Call, name, key, version string) ([]byte, error) {
	o, place, err := s.lookup(c, name, key, version)
	if err == nil && place.Region != c.Region {
		err = fail(http.StatusMovedPermanently, "PermanentRedirect", "The bucket is in this region: %s. Please use this region to retry the request", place.Region)
	}
	if err != nil {
		return nil, err
	}
	return o.Data, nil
}
