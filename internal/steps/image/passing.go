package image

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// passing hands layers from one registry to another without hashing them on the way: the registry that takes a layer hashes it, and refuses
// what is not the digest that was asked for (OCI distribution-spec, "Pushing blobs"). On a fast line that is a sixth of the work.
type passing struct {
	ctx  context.Context //nolint:containedctx // the library's layers carry theirs too: they are opened when their turn comes
	from *pulling
}

// through wraps what a registry gave. What is neither image nor index has no layers to pass.
func (p passing) through(d *remote.Descriptor) (remote.Taggable, error) {
	switch {
	case d.MediaType.IsIndex():
		x, err := d.ImageIndex()
		return passedIndex{x, p}, err
	case d.MediaType.IsImage():
		img, err := d.Image()
		return passedImage{img, p}, err
	}
	return d, nil
}

// index is the library's, under a name that leaves room for its method.
type index = v1.ImageIndex

type passedIndex struct {
	index
	passing
}

// Image is a child with layers that pass.
func (x passedIndex) Image(h v1.Hash) (v1.Image, error) {
	img, err := x.index.Image(h)
	return passedImage{img, x.passing}, err
}

// ImageIndex is a child whose children pass.
func (x passedIndex) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	below, err := x.index.ImageIndex(h)
	return passedIndex{below, x.passing}, err
}

// Layer is a child that is neither, such as an attestation.
func (x passedIndex) Layer(h v1.Hash) (v1.Layer, error) {
	l, ok := x.index.(interface {
		Layer(v1.Hash) (v1.Layer, error)
	})
	if !ok {
		return nil, fmt.Errorf("child %s is neither an image nor an index", h)
	}
	return l.Layer(h)
}

type passedImage struct {
	v1.Image
	passing
}

// Layers are the image's, opened without a hash.
func (i passedImage) Layers() ([]v1.Layer, error) {
	layers, err := i.Image.Layers()
	for n, l := range layers {
		layers[n] = passedLayer{l, i.passing}
	}
	return layers, err
}

type passedLayer struct {
	v1.Layer
	passing
}

// Compressed opens the layer at its registry, when fewer than jobs of them are open.
func (l passedLayer) Compressed() (io.ReadCloser, error) {
	h, err := l.Digest()
	if err != nil {
		return nil, err
	}
	p := l.from
	select {
	case p.open <- struct{}{}:
	case <-l.ctx.Done():
		return nil, l.ctx.Err()
	}
	body, err := p.blob(l.ctx, h)
	if err != nil {
		<-p.open
		return nil, err
	}
	return &opened{ReadCloser: body, release: sync.OnceFunc(func() { <-p.open })}, nil
}

type opened struct {
	io.ReadCloser
	release func()
}

// Close lets the next layer open.
func (o *opened) Close() error {
	defer o.release()
	return o.ReadCloser.Close()
}

func (p *pulling) blob(ctx context.Context, h v1.Hash) (io.ReadCloser, error) {
	u := url.URL{Scheme: p.repo.Scheme(), Host: p.repo.RegistryStr(), Path: fmt.Sprintf("/v2/%s/blobs/%s", p.repo.RepositoryStr(), h)}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Transport: p.wire}).Do(r) // ECR redirects to S3
	if err != nil {
		return nil, err
	}
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp.Body, nil
}
