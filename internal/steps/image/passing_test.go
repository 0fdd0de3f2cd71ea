package image_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
)

// garbled changes the last byte of every layer that is read.
type garbled struct{ next http.RoundTripper }

func (g garbled) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/") || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if len(b) > 0 {
		b[len(b)-1] ^= 1
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp, err
}

// The promise: a layer that was changed on the way never becomes part of an image: nothing is tagged, and the copy fails.
func TestChangedLayersAreRefused(t *testing.T) {
	t.Parallel()
	start := func() string {
		srv := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
		t.Cleanup(srv.Close)
		return strings.TrimPrefix(srv.URL, "http://")
	}
	source, target := start(), start()
	ref := func(host string) name.Reference {
		r, err := name.ParseReference(host + "/app:1")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if err := remote.Push(ref(source), randomImage(t, 4096)); err != nil {
		t.Fatal(err)
	}
	if err := image.CopyOne(t.Context(), garbled{http.DefaultTransport}, source+"/app", target+"/app", "1"); err == nil {
		t.Error("the copy reported success")
	}
	if _, err := remote.Head(ref(target)); err == nil {
		t.Error("the image was tagged")
	}
}
