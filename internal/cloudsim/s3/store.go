package s3

import (
	"crypto/md5" //nolint:gosec // ETags are MD5
	"encoding/hex"
	"maps"
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Put stores an object for another service that acts for the caller, in a bucket of any region, as a multipart upload of one part. An
// owner that is given must be the bucket's; without one the bucket must be the caller's. Header says how the object is encrypted. It
// gives the ETag without its quotes; errors are those of PutObject. The data is not to be changed afterwards.
func (s *Service) Put(c *sim.Call, owner, name, key string, data []byte, header map[string]string) (etag string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.served(c, owner, name, "s3:PutObject", key)
	if err != nil {
		return "", err
	}
	part := md5.Sum(data)     //nolint:gosec // ETags are MD5
	whole := md5.Sum(part[:]) //nolint:gosec // ETags are MD5
	etag = hex.EncodeToString(whole[:]) + "-1"
	o := &object{
		Header: map[string]string{"Content-Type": "application/octet-stream"}, Data: data, ETag: `"` + etag + `"`,
		Sum: sumOf(defaultAlgorithm, data), Parts: []int64{int64(len(data))},
	}
	maps.Copy(o.Header, header)
	b.encrypt(o)
	if err := s.checkKey(b, o); err != nil {
		return "", err
	}
	s.add(b, key, o)
	return etag, nil
}

// Keys gives the keys that begin with a prefix, in order, on the terms of Put. Errors are those of ListObjectsV2.
func (s *Service) Keys(c *sim.Call, owner, name, prefix string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.served(c, owner, name, "s3:ListBucket", "")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, key := range b.keys() {
		if strings.HasPrefix(key, prefix) && b.current(key) != nil {
			out = append(out, key)
		}
	}
	return out, nil
}

// Get gives an object's bytes, which are not to be changed, on the terms of Put. Errors are those of GetObject.
func (s *Service) Get(c *sim.Call, owner, name, key string) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.served(c, owner, name, "s3:GetObject", key)
	if err != nil {
		return nil, err
	}
	o := b.current(key)
	if o == nil {
		return nil, noSuchKey(key)
	}
	return o.Data, s.checkKey(b, o)
}

// served gives the bucket of a call that another service makes for the caller.
func (s *Service) served(c *sim.Call, owner, name, action, key string) (*bucket, error) {
	b := s.state.Buckets[name]
	switch {
	case b == nil:
		return nil, noSuchBucket()
	case s.world.Lost(b.scope()):
		return nil, fail(http.StatusServiceUnavailable, "ServiceUnavailable", "the region %s of the bucket %s does not answer", b.Region, name)
	case owner == "" && b.Account != c.Account, owner != "" && owner != b.Account:
		return nil, fail(http.StatusForbidden, "AccessDenied", "Access Denied")
	case !b.allows(c, action, key):
		return nil, denied(c, action, name, key)
	}
	return b, nil
}
