package s3

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// request is one call on its way through this package.
type request struct {
	*http.Request
	w           http.ResponseWriter
	call        *sim.Call
	bucket, key string
	query       url.Values
}

// operation is one S3 API action.
type operation struct {
	name   string // as AWS names it
	action string // what a bucket policy must allow to another account; empty when run asks by itself
	run    func(*request) error
}

// ServeHTTP answers one S3 call.
func (s *Service) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	r := newRequest(w, hr)
	if err := s.serve(r); err != nil && !errors.Is(err, errGone) {
		writeError(r, err)
	}
}

func newRequest(w http.ResponseWriter, hr *http.Request) *request {
	r := &request{Request: hr, w: w, call: sim.CallFrom(hr.Context()), query: hr.URL.Query()}
	r.bucket, r.key = address(hr.Host, hr.URL.Path)
	return r
}

func (s *Service) serve(r *request) error {
	op, err := s.operation(r)
	if err != nil {
		return err
	}
	if r.bucket != "" && op.name != "CreateBucket" {
		if err := s.admit(r, op); err != nil {
			return err
		}
	}
	return op.run(r)
}

// operation finds what is asked for. An unknown sub-resource is an error: it must not be taken for its bucket or object.
func (s *Service) operation(r *request) (operation, error) {
	if r.bucket == "" {
		switch sub := subResource(r.query); {
		case r.Method == http.MethodGet && sub == "":
			return operation{name: "ListBuckets", run: s.listBuckets}, nil
		case sub != "":
			return operation{}, fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement s3 %s ?%s on no bucket", r.Method, sub)
		}
		return operation{}, fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	sub, table := subResource(r.query), s.objectOp
	if r.key == "" {
		table = s.bucketOp
	}
	name := r.Method + " " + sub
	if r.key != "" && r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "" {
		name = "COPY " + sub
	}
	if op, ok := table[name]; ok {
		return op, nil
	}
	what := "a bucket"
	if r.key != "" {
		what = "an object"
	}
	if sub != "" {
		sub = "?" + sub
	}
	return operation{}, fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement s3 %s %s on %s", r.Method, sub, what)
}

// subResource gives the query parameter that names one, and "" when all are mere arguments.
func subResource(q url.Values) string {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !isArgument(name) {
			return name
		}
	}
	return ""
}

func isArgument(name string) bool {
	switch name {
	case "list-type", "prefix", "delimiter", "marker", "max-keys", "continuation-token", "start-after", "fetch-owner",
		"encoding-type", "key-marker", "version-id-marker", "upload-id-marker", "max-uploads", "part-number-marker", "max-parts",
		"versionId", "partNumber", "id", "x-id", "max-buckets", "bucket-region", "AWSAccessKeyId", "Signature", "Expires":
		return true
	}
	return strings.HasPrefix(name, "response-") || strings.HasPrefix(strings.ToLower(name), "x-amz-")
}
