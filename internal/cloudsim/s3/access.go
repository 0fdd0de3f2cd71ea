package s3

import (
	"errors"
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/policy"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// errGone is a call whose connection was ended without an answer, because its bucket's region is lost.
var errGone = errors.New("the bucket's region is lost")

// admit tells whether a call may reach its bucket.
func (s *Service) admit(r *request, op operation) error {
	s.mu.RLock()
	b := s.state.Buckets[r.bucket]
	var scope sim.Scope
	var allowed bool
	if b != nil {
		scope, allowed = b.scope(), b.allows(r.call, op.action, r.key)
	}
	s.mu.RUnlock()
	if b == nil {
		return noSuchBucket()
	}
	if s.world.Vanish(r.w, r.Request, scope) {
		return errGone
	}
	if r.key == "" || scope.Region != r.call.Region {
		r.w.Header().Set("X-Amz-Bucket-Region", scope.Region)
	}
	switch want := r.Header.Get("X-Amz-Expected-Bucket-Owner"); {
	case scope.Region != r.call.Region && (op.name != "GetBucketLocation" || r.call.Region != "us-east-1"):
		e := fail(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the "+
			"specified endpoint. Please send all future requests to this endpoint.")
		e.Extra = map[string]any{"Endpoint": r.bucket + ".s3." + scope.Region + ".amazonaws.com"}
		return e
	case want != "" && want != scope.Account:
		return fail(http.StatusForbidden, "AccessDenied", "Access Denied")
	case !allowed:
		return denied(r.call, op.action, r.bucket, r.key)
	}
	return nil
}

func denied(c *sim.Call, action, bucket, key string) *sim.Error {
	return fail(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: %s on resource: %q because no resource-based policy allows the %s action",
		c.CallerARN, action, arn(bucket, key), action)
}

func arn(bucket, key string) string {
	return strings.TrimSuffix("arn:aws:s3:::"+bucket+"/"+key, "/")
}

// allows tells whether the owner calls, or the operation asks for itself (without an action here), or the bucket's policy
// lets the caller's account in.
func (b *bucket) allows(c *sim.Call, action, key string) bool {
	return b.Account == c.Account || action == "" || policy.Allows(b.Settings["policy"].Body, c.Account, action, arn(b.Name, key))
}
