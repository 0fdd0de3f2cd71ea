package load_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// folder is a bucket on disk.
type folder string

func (f folder) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	file, err := os.Open(filepath.Join(string(f), filepath.FromSlash(*in.Key)))
	return &s3.GetObjectOutput{Body: file}, err
}

const files = 8

// benchItem gives the text of an item of 450 B, as DynamoDB counts them, in DynamoDB JSON.
func benchItem(b []byte, i int, r *rand.Rand) []byte {
	b = append(b, `{"id":{"S":"`...)
	b = fmt.Appendf(b, "%010d", i)
	b = append(b, `"},"amount":{"N":"`...)
	b = strconv.AppendInt(b, int64(i%9973), 10)
	b = append(b, `"},"open":{"BOOL":true},"text":{"S":"`...)
	for range 416 / 16 {
		b = fmt.Appendf(b, "%016x", r.Uint64())
	}
	return append(b, `"}}`...)
}

// furnish writes a full export of so many items, as DynamoDB does.
func furnish(b *testing.B, items int) (export.Bucket, []export.Export) {
	b.Helper()
	dir := b.TempDir()
	var manifest bytes.Buffer
	for f := range files {
		key := fmt.Sprintf("%d.json.gz", f)
		out, err := os.Create(filepath.Join(dir, key))
		if err != nil {
			b.Fatal(err)
		}
		sum, r, n := md5.New(), rand.New(rand.NewPCG(1, uint64(f))), 0
		buffer := bufio.NewWriter(io.MultiWriter(out, sum))
		z, _ := gzip.NewWriterLevel(buffer, gzip.BestSpeed)
		var line []byte
		for i := f; i < items; i += files {
			line = append(benchItem(append(line[:0], `{"Item":`...), i, r), "}\n"...)
			_, _ = z.Write(line)
			n++
		}
		if z.Close() != nil || buffer.Flush() != nil || out.Close() != nil {
			b.Fatal("the export cannot be written")
		}
		fmt.Fprintf(&manifest, `{"itemCount":%d,"md5Checksum":%q,"dataFileS3Key":%q}`+"\n", n, base64.StdEncoding.EncodeToString(sum.Sum(nil)), key)
	}
	summary, _ := json.Marshal(map[string]any{"exportTime": "2026-11-23T01:00:00Z", "exportType": "FULL_EXPORT", "outputFormat": "DYNAMODB_JSON", "manifestFilesS3Key": "files.json", "itemCount": items})
	for name, text := range map[string][]byte{"files.json": manifest.Bytes(), "manifest-summary.json": summary} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	bucket := export.Bucket{Store: folder(dir), Name: "vault"}
	e, _, err := bucket.Open(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	return bucket, []export.Export{e}
}

// stub is a DynamoDB that takes everything at once, and a client of it.
func stub(b *testing.B) (*dynamodb.Client, *atomic.Int64) {
	b.Helper()
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		calls.Add(1)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"UnprocessedItems":{}}`)
	}))
	b.Cleanup(srv.Close)
	return dynamodb.New(dynamodb.Options{
		Region: "eu-west-2", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "any", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}), &calls
}

const writers = 16

// ceiling writes prepared batches with nothing but the SDK.
func ceiling(b *testing.B, api *dynamodb.Client, batches [][]types.WriteRequest, items int) time.Duration {
	b.Helper()
	begun := time.Now()
	var next atomic.Int64
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i*load.Batch >= items {
					return
				}
				in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"t": batches[i%len(batches)]}}
				if _, err := api.BatchWriteItem(b.Context(), in); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(begun)
}

// BenchmarkLoad writes 250,000 items of 450 B from an export, and as many in prepared batches with the SDK alone, in turn: the ceiling.
func BenchmarkLoad(b *testing.B) {
	const items = 250_000
	bucket, exports := furnish(b, items)
	api, calls := stub(b)
	chain, err := bucket.Check(b.Context(), exports, []string{"id"})
	if err != nil || chain.Sum.Count != items {
		b.Fatal(err)
	}
	var batches [][]types.WriteRequest
	few := errors.New("enough") // a few are written again and again: a large heap would cost both sides
	for i := range chain.Segments() {
		err := chain.Read(b.Context(), i, "", func(p load.Page) error {
			for puts := range slices.Chunk(p.Puts, load.Batch) {
				var batch []types.WriteRequest
				for _, text := range puts {
					it, err := item.Decode(text)
					if err != nil {
						return err
					}
					batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
				}
				batches = append(batches, batch)
			}
			return few
		})
		if err != nil && !errors.Is(err, few) {
			b.Fatal(err)
		}
	}
	var alone, ours, aloneCPU, oursCPU time.Duration
	for b.Loop() {
		used := cpu(b)
		alone += ceiling(b, api, batches, items)
		aloneCPU += cpu(b) - used
		before, begun, used := calls.Load(), time.Now(), cpu(b)
		res, err := load.Run(b.Context(), load.Config{Source: chain, API: api, Table: "t", Writers: writers, Checkpoint: filepath.Join(b.TempDir(), "load.json")})
		ours += time.Since(begun)
		oursCPU += cpu(b) - used
		if err != nil || res.Written != items || calls.Load()-before < items/load.Batch {
			b.Fatal(res, err)
		}
	}
	b.ReportMetric(float64(b.N*items)/ours.Seconds(), "items/s")
	b.ReportMetric(float64(b.N*items)/alone.Seconds(), "ceiling/s")
	b.ReportMetric(100*alone.Seconds()/ours.Seconds(), "%ceiling")
	b.ReportMetric(float64(aloneCPU.Microseconds())/float64(b.N*items), "ceiling-us-cpu/item")
	b.ReportMetric(float64(oursCPU.Microseconds())/float64(b.N*items), "us-cpu/item")
	b.ReportMetric(100*aloneCPU.Seconds()/oursCPU.Seconds(), "%ceiling-cpu")
}

// cpu is what the process has used of all cores.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoadMemory checks and loads 1,000,000 items of 450 B. The peak is that of the whole process, the stub server in it.
func BenchmarkLoadMemory(b *testing.B) {
	const items = 1_000_000
	bucket, exports := furnish(b, items)
	api, _ := stub(b)
	for b.Loop() {
		chain, err := bucket.Check(b.Context(), exports, []string{"id"})
		if err != nil {
			b.Fatal(err)
		}
		res, err := load.Run(b.Context(), load.Config{Source: chain, API: api, Table: "t", Checkpoint: filepath.Join(b.TempDir(), "load.json")})
		if err != nil || res.Written != items {
			b.Fatal(res, err)
		}
	}
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("the peak of the memory is known on Linux only")
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseFloat(f[1], 64)
			b.ReportMetric(kb*1024/1e6, "MB")
		}
	}
}
