package image

import (
	"context"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// origins are the sources of an image, in the plan's order.
type origins struct {
	list []*origin
	what string
}

// found is an image at the first origin that has it.
type found struct {
	image  remote.Taggable
	digest v1.Hash
	origin string
}

// noOriginError says that no origin has an image, and what each of them answered.
type noOriginError struct{ cause *step.Error }

func (e *noOriginError) Error() string { return e.cause.Error() }

func (e *noOriginError) Unwrap() error { return e.cause }

// find asks the origins in order.
func (o *origins) find(ctx context.Context, ref string) (found, error) {
	var tried source.Tried
	for _, x := range o.list {
		f, err := x.get(ctx)
		if err == nil {
			var img remote.Taggable
			var digest v1.Hash
			if img, digest, err = f.find(ctx, ref); err == nil {
				return found{img, digest, x.name}, nil
			}
		}
		if ctx.Err() != nil {
			return found{}, ctx.Err()
		}
		tried.Add(x.name, explain(ctx, err, o.what+" "+ref+" cannot be read", x.site))
	}
	return found{}, &noOriginError{tried.Err(o.what + " " + ref)}
}

// settled is a source site whose settings count.
type settled struct {
	site       *plan.Site
	repository *repository
}

// settings gives the first source site's repository. A refusal is an error; a site that does not answer, or has no such
// repository, is passed over.
func (o *origins) settings(ctx context.Context) (*settled, string, error) {
	sites := 0
	for _, x := range o.list {
		if x.site == nil {
			continue
		}
		sites++
		_, err := x.get(ctx)
		switch {
		case err == nil:
			return &settled{x.site, x.repo}, "", nil
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case awscloud.Denied(err):
			return nil, "", err
		}
	}
	if sites == 0 {
		return nil, "", nil
	}
	return nil, " with ECR's own settings where the plan has none, because no source site answered", nil
}
