package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// isMissing tells whether a registry, or a layout, has no such image.
func isMissing(err error) bool {
	var answer *transport.Error
	var layout *notInLayoutError
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound || errors.As(err, &layout)
}

// explain says a failure of a registry as a step.Error, with the ECR action that the request stands for.
func explain(ctx context.Context, err error, what string, site *plan.Site) *step.Error {
	var answer *transport.Error
	if ctx.Err() != nil || !errors.As(err, &answer) {
		e := awscloud.Explain(err, what, site)
		if ctx.Err() != nil {
			e.Class = step.ClassOf(ctx.Err())
		}
		return e
	}
	e := &step.Error{Class: step.Permanent, What: what, Err: err}
	if site != nil {
		e.Site = site.Name
	}
	if answer.Request != nil {
		e.Action = action(answer.Request)
	}
	switch code := answer.StatusCode; {
	case code == http.StatusTooManyRequests:
		e.Class = step.Throttle
	case code >= http.StatusInternalServerError:
		e.Class = step.Transient
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		e.Why = "The permission " + e.Action + " is missing, here or in the repository's policy"
		e.Next = fmt.Sprintf("Allow the credentials to perform %s, then run `lifeboat resume`", e.Action)
	}
	return e
}

// explainPush knows besides that ECR does not let a tag move in an immutable repository.
func (s *image) explainPush(ctx context.Context, err error, ref string, site *plan.Site) *step.Error {
	e := explain(ctx, err, fmt.Sprintf("image %s:%s cannot be copied", s.want.Repository, ref), site)
	if strings.Contains(err.Error(), "immutable") {
		e.Why = "The repository's tags are immutable, and the tag was given to another image meanwhile"
		e.Next = "Name the digest that you want in the plan instead of the tag, or delete the tag here by hand, then run `lifeboat resume`"
	}
	return e
}

// action is the ECR action that a request of the registry's protocol needs (ECR User Guide, "Required IAM permissions for pushing an image").
func action(r *http.Request) string {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch path := r.URL.Path; {
	case strings.Contains(path, "/manifests/") && read:
		return "ecr:BatchGetImage"
	case strings.Contains(path, "/manifests/"):
		return "ecr:PutImage"
	case !strings.Contains(path, "/blobs/"):
		return "ecr:GetAuthorizationToken"
	}
	switch r.Method {
	case http.MethodHead:
		return "ecr:BatchCheckLayerAvailability"
	case http.MethodGet:
		return "ecr:GetDownloadUrlForLayer"
	case http.MethodPost:
		return "ecr:InitiateLayerUpload"
	case http.MethodPatch:
		return "ecr:UploadLayerPart"
	}
	return "ecr:CompleteLayerUpload"
}
