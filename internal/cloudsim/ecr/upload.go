package ecr

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// uploads are the layer uploads under way, by id.
type uploads struct {
	mu sync.Mutex
	m  map[string]*upload
}

// upload is one of them: a hash that has seen what the buffer holds.
type upload struct {
	mu   sync.Mutex
	repo string // the registry and repository that it is for
	buf  bytes.Buffer
	hash hash.Hash
}

func (u *uploads) add(id string, up *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.m == nil {
		u.m = map[string]*upload{}
	}
	u.m[id] = up
}

func (u *uploads) get(id string) *upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.m[id]
}

func (u *uploads) end(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.m, id)
}

// beginUpload opens an upload; or mounts a layer of another repository; or takes it whole, when its digest is stated.
func (s *Service) beginUpload(x *exchange) error {
	q := x.URL.Query()
	s.mu.Lock()
	r, err := s.repository(x, "InitiateLayerUpload")
	mounted := false
	if err == nil {
		if mounted = s.mountable(x, q.Get("mount"), q.Get("from")); mounted {
			r.Layers[q.Get("mount")] = true
		}
	}
	s.mu.Unlock()
	switch {
	case err != nil:
		return err
	case mounted:
		x.created(q.Get("mount"))
		return nil
	}
	u := &upload{repo: x.repo(), hash: sha256.New()}
	if digest := q.Get("digest"); digest != "" {
		if err := u.receive(x.Request, x.w); err != nil {
			return err
		}
		return s.finish(x, u, digest)
	}
	x.ref = s.world.UUID()
	s.uploads.add(x.ref, u)
	x.accepted(u)
	return nil
}

// upload goes on with an upload, or ends it.
func (s *Service) upload(x *exchange) error {
	u := s.uploads.get(x.ref)
	if u == nil || u.repo != x.repo() {
		return sim.Errorf("BLOB_UPLOAD_UNKNOWN", "there is no upload %s to the repository %s", x.ref, x.name).WithStatus(http.StatusNotFound)
	}
	s.mu.RLock()
	_, err := s.repository(x, "UploadLayerPart")
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch x.Method {
	case http.MethodGet:
		x.uploadHeaders(u)
		x.w.WriteHeader(http.StatusNoContent)
	case http.MethodDelete:
		s.uploads.end(x.ref)
		x.w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch:
		if err := u.receive(x.Request, x.w); err != nil {
			return err
		}
		x.accepted(u)
	default:
		if err := u.receive(x.Request, x.w); err != nil {
			return err
		}
		return s.finish(x, u, x.URL.Query().Get("digest"))
	}
	return nil
}

// receive appends a request's body. A Content-Range must go on where the upload stands.
func (u *upload) receive(r *http.Request, w http.ResponseWriter) error {
	if first, _, ok := strings.Cut(r.Header.Get("Content-Range"), "-"); ok && first != strconv.Itoa(u.buf.Len()) {
		return sim.Errorf("BLOB_UPLOAD_INVALID", "the upload stands at %d, not at %s", u.buf.Len(), first).WithStatus(http.StatusRequestedRangeNotSatisfiable)
	}
	if n := r.ContentLength; n > 0 {
		u.buf.Grow(int(min(n, 256<<20)) + bytes.MinRead) // memory that is never written to costs nothing
	}
	body := http.MaxBytesReader(w, r.Body, int64(maxLayer-u.buf.Len()))
	_, err := io.CopyBuffer(io.MultiWriter(u.hash, &u.buf), struct{ io.Reader }{body}, make([]byte, 256<<10))
	if maxed := (*http.MaxBytesError)(nil); errors.As(err, &maxed) {
		return sim.Errorf("SIZE_INVALID", "a layer is at most %d bytes in the drill cloud", maxLayer).WithStatus(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return sim.Errorf("BLOB_UPLOAD_INVALID", "the body broke off: %v", err)
	}
	return nil
}

func (x *exchange) accepted(u *upload) {
	x.uploadHeaders(u)
	x.w.WriteHeader(http.StatusAccepted)
}

func (x *exchange) uploadHeaders(u *upload) {
	h := x.w.Header()
	h.Set("Location", x.base+"/blobs/uploads/"+x.ref)
	h.Set("Docker-Upload-Uuid", x.ref)
	h.Set("Range", "0-"+strconv.Itoa(max(u.buf.Len()-1, 0)))
}
