package image_test

import (
	"io"
	"log"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/crane"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/steps/image"
)

func local(b *testing.B) string {
	b.Helper()
	srv := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	b.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

// BenchmarkCopy compares our copy with crane's, turn by turn between two registries in memory: 64 MB in one image of eight layers, and
// an index of eight small images. The figure that counts is the ratio of the fastest times, which a busy machine disturbs least: below 1
// we are faster.
func BenchmarkCopy(b *testing.B) {
	img, err := random.Image(8<<20, 8)
	if err != nil {
		b.Fatal(err)
	}
	index, err := random.Index(64<<10, 4, 8)
	if err != nil {
		b.Fatal(err)
	}
	for name, what := range map[string]remote.Taggable{"image": img, "index": index} {
		b.Run(name, func(b *testing.B) {
			source := local(b)
			if err := remote.Push(parse(b, source+"/app:1"), what); err != nil {
				b.Fatal(err)
			}
			crane := func(target string) error {
				return crane.Copy(source+"/app:1", target+"/app:1", crane.WithContext(b.Context()))
			}
			ours := func(target string) error {
				return image.CopyOne(b.Context(), remote.DefaultTransport, source+"/app", target+"/app", "1")
			}
			var times [2][]time.Duration
			for turn := 0; b.Loop(); turn++ {
				for i := range 2 {
					who := (turn + i) % 2 // each goes first every other time
					copies := []func(string) error{crane, ours}[who]
					target := local(b)
					runtime.GC() // each pays for its own garbage
					start := time.Now()
					if err := copies(target); err != nil {
						b.Fatal(err)
					}
					times[who] = append(times[who], time.Since(start))
				}
			}
			c, o := slices.Min(times[0]), slices.Min(times[1])
			b.ReportMetric(float64(c.Microseconds())/1000, "crane-ms")
			b.ReportMetric(float64(o.Microseconds())/1000, "lifeboat-ms")
			b.ReportMetric(float64(o)/float64(c), "ratio")
		})
	}
}

func parse(b *testing.B, text string) name.Reference {
	b.Helper()
	ref, err := name.ParseReference(text)
	if err != nil {
		b.Fatal(err)
	}
	return ref
}
