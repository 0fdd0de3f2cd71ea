package ecr

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// maxLayer bounds a layer. ECR takes 52,000 MiB; the drill cloud keeps layers in memory.
const maxLayer = 4 << 30

func (x *exchange) repo() string { return registryHost(x.scope) + "/" + x.name }

func (s *Service) getBlob(x *exchange) error {
	s.mu.RLock()
	r, err := s.repository(x, "GetDownloadUrlForLayer")
	var data []byte
	found := err == nil && r.Layers[x.ref]
	if found {
		data = s.state.Blobs[x.ref]
	}
	s.mu.RUnlock()
	switch {
	case err != nil:
		return err
	case !found:
		return sim.Errorf("BLOB_UNKNOWN", "layer %s is not in the repository %s", x.ref, x.name).WithStatus(http.StatusNotFound)
	}
	h := x.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Docker-Content-Digest", x.ref)
	h.Set("Etag", `"`+x.ref+`"`)
	http.ServeContent(x.w, x.Request, "", time.Time{}, bytes.NewReader(data))
	return nil
}

// mountable tells whether a layer can be taken from another repository of the same registry.
func (s *Service) mountable(x *exchange, digest, from string) bool {
	if i := strings.Index(from, "/"); i > 0 && s.host.MatchString(from[:i]) {
		from = from[i+1:] // as the client names repositories
	}
	source, err := s.in(&x.caller, at{x.scope.Account, from}, "GetDownloadUrlForLayer")
	return err == nil && source.Layers[digest]
}

// finish makes a layer of an upload whose digest is as stated.
func (s *Service) finish(x *exchange, u *upload, digest string) error {
	if got := "sha256:" + hex.EncodeToString(u.hash.Sum(nil)); got != digest {
		return sim.Errorf("DIGEST_INVALID", "the layer's digest is %s, not %q", got, digest)
	}
	data := u.buf.Bytes()
	if cap(data) > len(data)+len(data)/4 {
		data = bytes.Clone(data) // a drill keeps it for long
	}
	s.uploads.end(x.ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(x, "CompleteLayerUpload")
	if err != nil {
		return err
	}
	if s.state.Blobs[digest] == nil {
		s.state.Blobs[digest] = data
	}
	r.Layers[digest] = true
	x.created(digest)
	return nil
}

func (x *exchange) created(digest string) {
	x.w.Header().Set("Location", x.base+"/blobs/"+digest)
	x.w.Header().Set("Docker-Content-Digest", digest)
	x.w.WriteHeader(http.StatusCreated)
}
