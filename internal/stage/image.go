package stage

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand"
	"os"

	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
)

// What an invented image is made of: enough for a copy to have something to do.
const (
	layers    = 3
	layerSize = 1 << 20 // bytes
)

// furnishImage invents an image for every tag and pushes it to a site with the step that copies images. The same tag gives the
// same image at every site.
func (s *Stage) furnishImage(ctx context.Context, p *plan.Plan, site *plan.Site, x *plan.Image) (err error) {
	if len(x.Digests) > 0 {
		return fmt.Errorf("the drill cannot invent an image for a given digest (%s): name it by a tag, or take it from a layout", x.Digests[0])
	}
	dir, err := os.MkdirTemp("", "lifeboat-image-")
	if err != nil {
		return err
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil {
			err = e
		}
	}()
	files, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	for _, tag := range x.Tags {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%s:%s", x.Repository, tag) // a hash never fails
		img, err := random.Image(layerSize, layers, random.WithSource(rand.NewSource(int64(h.Sum64()>>1))))
		if err != nil {
			return err
		}
		if err := files.AppendImage(img, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": tag})); err != nil {
			return err
		}
	}
	push := *x
	push.From = []plan.Source{{Layout: dir}}
	work, err := image.New(s.Sites, p)(step.Spec{ID: "image/" + x.Name, Kind: step.Image, Config: &push})
	if err != nil {
		return err
	}
	_, err = work.Ensure(ctx, &step.Call{Run: "furnish", Step: "image/" + x.Name, Attempt: 1, Site: site})
	return err
}
