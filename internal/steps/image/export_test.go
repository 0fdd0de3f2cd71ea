package image

import (
	"context"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// CopyOne copies a reference between two open registries as the step does into a repository that it has just created, without ECR around it.
func CopyOne(ctx context.Context, base http.RoundTripper, from, to, ref string) error {
	open := func(address string, base http.RoundTripper) (*pulling, error) {
		repo, err := name.NewRepository(address)
		if err != nil {
			return nil, err
		}
		return openPulling(ctx, repo, authn.Anonymous, base)
	}
	source, err := open(from, base)
	if err != nil {
		return err
	}
	sent := &meter{next: base}
	target, err := open(to, sent)
	if err != nil {
		return err
	}
	sent.empty.Store(true)
	s := &image{want: &plan.Image{Repository: "app"}}
	w := &work{target: &repository{pulling: target, sent: sent}, origins: &origins{list: []*origin{{tried: true, finder: source}}}}
	_, err = s.copy(ctx, &step.Call{}, w, []string{ref})
	return err
}
