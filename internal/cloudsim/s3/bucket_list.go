package s3

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func (s *Service) headBucket(r *request) error {
	r.w.Header().Set("X-Amz-Access-Point-Alias", "false")
	return nil // admit has said all
}

func (s *Service) deleteBucket(r *request) error {
	return s.change(r, func(b *bucket) error {
		if len(b.Objects) > 0 {
			return fail(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
		}
		delete(s.state.Buckets, b.Name)
		if s.hold > 0 {
			s.state.Held[b.Name] = s.world.Now().Add(s.hold)
		}
		r.w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// change runs f on the request's bucket, alone.
func (s *Service) change(r *request, f func(*bucket) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.state.Buckets[r.bucket]
	if b == nil {
		return noSuchBucket()
	}
	return f(b)
}

// see runs f on the request's bucket while nobody changes it.
func (s *Service) see(r *request, f func(*bucket) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.state.Buckets[r.bucket]
	if b == nil {
		return noSuchBucket()
	}
	return f(b)
}

func noSuchBucket() *sim.Error {
	return fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
}

func (s *Service) location(r *request) error {
	return s.see(r, func(b *bucket) error {
		region := b.Region
		if region == "us-east-1" {
			region = "" // GetBucketLocation: "Buckets in Region us-east-1 have a LocationConstraint of null"
		}
		return writeXML(r, "LocationConstraint", struct {
			Region string `xml:",chardata"`
		}{region})
	})
}

type bucketEntry struct {
	Name         string
	CreationDate string
	BucketRegion string
}

func (s *Service) listBuckets(r *request) error {
	var out struct {
		Owner             *owner
		Buckets           []bucketEntry `xml:"Buckets>Bucket"`
		ContinuationToken string        `xml:",omitempty"`
		Prefix            string        `xml:",omitempty"`
	}
	limit, err := r.limit("max-buckets", 10000)
	if err != nil {
		return err
	}
	region, after := r.query.Get("bucket-region"), r.query.Get("continuation-token")
	out.Owner, out.Prefix = ownerOf(r.call.Account), r.query.Get("prefix")
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(s.state.Buckets)) {
		b := s.state.Buckets[name]
		if b.Account != r.call.Account || region != "" && b.Region != region || name <= after || !strings.HasPrefix(name, out.Prefix) {
			continue
		}
		if len(out.Buckets) == limit {
			out.ContinuationToken = out.Buckets[limit-1].Name
			break
		}
		out.Buckets = append(out.Buckets, bucketEntry{name, stamp(b.Created), b.Region})
	}
	return writeXML(r, "ListAllMyBucketsResult", out)
}
