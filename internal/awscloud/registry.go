package awscloud

import (
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// registry carries requests of the OCI distribution API. ECR counts them as the operations of its own API that they stand for.
type registry struct {
	next   http.RoundTripper
	site   *plan.Site
	limits *buckets
	guard  *guard
}

// RoundTrip sends a request, once the site is verified if it changes anything.
func (r *registry) RoundTrip(req *http.Request) (*http.Response, error) {
	if op := registryOperation(req); op != "" {
		ctx := req.Context()
		if !r.guard.open.Load() {
			if _, err := r.guard.verify(ctx); err != nil {
				return nil, err
			}
		}
		if err := r.limits.wait(ctx, r.site, "ECR", op); err != nil {
			return nil, err
		}
	}
	return r.next.RoundTrip(req)
}

// registryOperation names what a request changes; reads are the empty string.
func registryOperation(req *http.Request) string {
	switch {
	case req.Method == http.MethodGet || req.Method == http.MethodHead:
		return ""
	case req.Method == http.MethodPost:
		return "InitiateLayerUpload"
	case req.Method == http.MethodPut && strings.Contains(req.URL.Path, "/manifests/"):
		return "PutImage"
	case req.Method == http.MethodPut:
		return "CompleteLayerUpload"
	default:
		return "UploadLayerPart"
	}
}
