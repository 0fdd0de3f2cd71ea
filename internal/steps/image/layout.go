package image

import (
	"context"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// refName is where an OCI layout keeps a tag (OCI image-spec, "Pre-defined annotation keys").
const refName = "org.opencontainers.image.ref.name"

// folder is a local OCI image layout.
type folder struct{ index v1.ImageIndex }

func openLayout(dir string) (finder, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("it is no OCI image layout: %w", err)
	}
	return folder{index}, nil
}

// notInLayoutError is a reference that the layout does not have.
type notInLayoutError struct{ ref string }

func (e *notInLayoutError) Error() string { return e.ref + " is not in it" }

func (f folder) find(ctx context.Context, ref string) (remote.Taggable, v1.Hash, error) {
	img, digest, err := search(ctx, f.index, ref, 0)
	if err == nil && img == nil {
		err = &notInLayoutError{ref}
	}
	return img, digest, err
}

// search looks for a tag among the annotations, or a digest in the indexes below too.
func search(ctx context.Context, index v1.ImageIndex, ref string, depth int) (remote.Taggable, v1.Hash, error) {
	m, err := index.IndexManifest()
	if err != nil || depth > 4 {
		return nil, v1.Hash{}, err
	}
	for _, d := range m.Manifests {
		if err := ctx.Err(); err != nil {
			return nil, v1.Hash{}, err
		}
		match := d.Digest.String() == ref || d.Annotations[refName] == ref
		switch {
		case match && d.MediaType.IsImage():
			img, err := index.Image(d.Digest)
			return img, d.Digest, err
		case !d.MediaType.IsIndex():
			continue
		}
		below, err := index.ImageIndex(d.Digest)
		if err != nil || match {
			return below, d.Digest, err
		}
		if img, digest, err := search(ctx, below, ref, depth+1); err != nil || img != nil {
			return img, digest, err
		}
	}
	return nil, v1.Hash{}, nil
}
