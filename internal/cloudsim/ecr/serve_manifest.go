package ecr

import (
	"io"
	"net/http"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

func (s *Service) getManifest(x *exchange) error {
	s.mu.RLock()
	r, err := s.repository(x, "BatchGetImage")
	var img *image
	if err == nil {
		img = r.find(x.ref)
	}
	s.mu.RUnlock()
	switch {
	case err != nil:
		return err
	case img == nil:
		return unknownManifest(x)
	}
	h := x.w.Header()
	h.Set("Content-Type", img.MediaType)
	h.Set("Content-Length", strconv.Itoa(len(img.Manifest)))
	h.Set("Docker-Content-Digest", img.Digest)
	if x.Method == http.MethodGet {
		_, _ = x.w.Write(img.Manifest)
	}
	return nil
}

func unknownManifest(x *exchange) error {
	return sim.Errorf("MANIFEST_UNKNOWN", "Requested image not found: %s in the repository %s of %s in %s", x.ref, x.name, x.scope.Account, x.scope.Region).
		WithStatus(http.StatusNotFound)
}

func (s *Service) putManifest(x *exchange) error {
	body, err := io.ReadAll(io.LimitReader(x.Body, maxManifest+1))
	if err != nil {
		return err
	}
	digest, tag := digestOf(body), x.ref
	switch {
	case len(body) > maxManifest:
		return sim.Errorf("MANIFEST_INVALID", "a manifest is at most %d bytes", maxManifest).WithStatus(http.StatusRequestEntityTooLarge)
	case isDigest(x.ref) && x.ref != digest:
		return sim.Errorf("DIGEST_INVALID", "the manifest's digest is %s, not %s", digest, x.ref)
	case isDigest(x.ref):
		tag = ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(x, "PutImage")
	if err != nil {
		return err
	}
	if _, err := r.put(body, x.Header.Get("Content-Type"), tag, s.state.Blobs, s.world.Now().UTC()); err != nil {
		return err
	}
	x.w.Header().Set("Location", x.base+"/manifests/"+digest)
	x.w.Header().Set("Docker-Content-Digest", digest)
	x.w.WriteHeader(http.StatusCreated)
	return nil
}

// deleteManifest takes away a tag, or an image with all of its tags when it is named by digest.
func (s *Service) deleteManifest(x *exchange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(x, "BatchDeleteImage")
	if err != nil {
		return err
	}
	img := r.find(x.ref)
	switch {
	case img == nil:
		return unknownManifest(x)
	case !isDigest(x.ref):
		delete(r.Names, x.ref)
	case r.parentOf(img.Digest) != "":
		return sim.Errorf("DENIED", "image %s is referenced by the index %s", x.ref, r.parentOf(img.Digest)).WithStatus(http.StatusConflict)
	default:
		r.drop(img.Digest)
	}
	x.w.WriteHeader(http.StatusAccepted)
	return nil
}
