package s3

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// bucket is a bucket with all that it holds.
type bucket struct {
	Name    string    `json:"name"`
	Account string    `json:"account"` // the owner
	Region  string    `json:"region"`
	Created time.Time `json:"created"`
	// Versioning is "" until it is set for the first time, then Enabled or Suspended.
	Versioning string               `json:"versioning,omitempty"`
	Settings   map[string]document  `json:"settings"`
	Objects    map[string][]*object `json:"objects"` // versions by key, the newest last; never empty
	Uploads    map[string]*upload   `json:"uploads,omitempty"`

	sorted []string // the keys of Objects in order; nil after a change of them
}

func (b *bucket) scope() sim.Scope { return sim.Scope{Account: b.Account, Region: b.Region} }

// keys gives the keys of all objects in order. The caller holds the service's lock for writing, or sorted is set.
func (b *bucket) keys() []string {
	if b.sorted == nil {
		b.sorted = slices.Sorted(maps.Keys(b.Objects))
	}
	return b.sorted
}

func (s *Service) bucketTable() map[string]operation {
	t := map[string]operation{
		"PUT ":         {"CreateBucket", "", s.createBucket},
		"HEAD ":        {"HeadBucket", "s3:ListBucket", s.headBucket},
		"DELETE ":      {"DeleteBucket", "s3:DeleteBucket", s.deleteBucket},
		"GET ":         {"ListObjects", "s3:ListBucket", s.listObjects},
		"GET versions": {"ListObjectVersions", "s3:ListBucketVersions", s.listVersions},
		"GET uploads":  {"ListMultipartUploads", "s3:ListBucketMultipartUploads", s.listUploads},
		"GET location": {"GetBucketLocation", "s3:GetBucketLocation", s.location},
		"POST delete":  {"DeleteObjects", "", s.deleteObjects},
	}
	s.addSettings(t)
	return t
}

// createRequest is CreateBucketConfiguration.
type createRequest struct {
	LocationConstraint string `xml:"LocationConstraint"`
	Tags               []tag  `xml:"Tags>Tag"`
}

func (s *Service) createBucket(r *request) error {
	in, err := readCreate(r)
	if err != nil {
		return err
	}
	region, err := placeOf(r, in.LocationConstraint)
	if err != nil {
		return err
	}
	b := &bucket{
		Name: r.bucket, Account: r.call.Account, Region: region, Created: s.world.Now().UTC(),
		Settings: map[string]document{}, Objects: map[string][]*object{}, Uploads: map[string]*upload{},
	}
	if !validName(b.Name) {
		return fail(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	if s.world.Vanish(r.w, r.Request, b.scope()) {
		return errGone
	}
	if err := b.begin(r, in.Tags); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.claim(b, r.call.Region); err != nil {
		return err
	}
	r.w.Header().Set("Location", "/"+b.Name)
	return nil
}

func readCreate(r *request) (createRequest, error) {
	var in createRequest
	p, err := readPayload(r, 1<<20)
	if err == nil && len(p.data) > 0 {
		err = parseXML(p.data, &in)
	}
	return in, err
}

// placeOf gives the region of a new bucket. Only us-east-1's endpoint makes buckets elsewhere (S3 API Reference, CreateBucket).
func placeOf(r *request, constraint string) (string, error) {
	if constraint == "EU" {
		constraint = "eu-west-1"
	}
	switch here := r.call.Region; {
	case constraint == "us-east-1", constraint != "" && !sim.KnownRegion(constraint):
		return "", fail(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid")
	case here == "us-east-1" && constraint == "":
		return here, nil
	case here != "us-east-1" && constraint != here:
		if constraint == "" {
			constraint = "unspecified"
		}
		return "", fail(http.StatusBadRequest, "IllegalLocationConstraintException",
			"The %s location constraint is incompatible for the region specific endpoint this request was sent to.", constraint)
	}
	return constraint, nil
}

// claim takes a name, which is one for all accounts and regions: a bucket in a lost region still has it.
func (s *Service) claim(b *bucket, from string) error {
	old := s.state.Buckets[b.Name]
	switch {
	case old != nil && old.Account != b.Account:
		return fail(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. "+
			"The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	case old != nil && old.Region == "us-east-1" && from == "us-east-1":
		return nil // "legacy compatibility" (CreateBucket, BucketAlreadyOwnedByYou)
	case old != nil:
		return fail(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	case s.world.Now().Before(s.state.Held[b.Name]):
		return fail(http.StatusConflict, "OperationAborted", "A conflicting conditional operation is currently in progress against this resource. Please try again.")
	}
	delete(s.state.Held, b.Name)
	s.state.Buckets[b.Name] = b
	return nil
}
