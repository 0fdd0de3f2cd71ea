package s3_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"pgregory.net/rapid"
)

// Of many writers who all ask for a key that is not there yet, exactly one wins: this is what locks and leases rest on.
func TestConditionalWriteHasOneWinner(t *testing.T) {
	t.Parallel()
	c := newCloud(t).bucket(t, "lock")
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("lock"), Key: aws.String("k"), Body: strings.NewReader("me"), IfNoneMatch: aws.String("*")})
			switch code(err) {
			case "":
				won.Add(1)
			case "PreconditionFailed":
				lost.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 15 {
		t.Errorf("%d won and %d were refused, want 1 and 15", won.Load(), lost.Load())
	}
}

// If-Match writes only over what the writer has seen; a delete marker counts as nothing.
func TestConditionalWrites(t *testing.T) {
	t.Parallel()
	c := newCloud(t).bucket(t, "lock")
	enable(t, c, "lock")
	b, k := aws.String("lock"), aws.String("k")
	write := func(match, none *string) error {
		_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: b, Key: k, Body: strings.NewReader("new"), IfMatch: match, IfNoneMatch: none})
		return err
	}
	want(t, "If-Match of nothing", write(aws.String("x"), nil), "NoSuchKey")
	old := put(t, c, "lock", "k", "old")
	want(t, "If-Match of another", write(aws.String(`"x"`), nil), "PreconditionFailed")
	want(t, "If-Match", write(old.ETag, nil), "")
	want(t, "If-Match of before", write(old.ETag, nil), "PreconditionFailed")
	want(t, "If-None-Match", write(nil, aws.String("*")), "PreconditionFailed")
	_, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: b, Key: k, IfMatch: old.ETag})
	want(t, "delete with If-Match of before", err, "PreconditionFailed")
	must(t)(c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: b, Key: k}))
	want(t, "If-None-Match over a delete marker", write(nil, aws.String("*")), "")
}

// What is written under versioning stays readable by its version, through deletes, suspension and overwrites.
func TestVersions(t *testing.T) {
	t.Parallel()
	ctx, cl := t.Context(), newCloud(t)
	c := cl.bucket(t, "bkt")
	b, k := aws.String("bkt"), aws.String("k")
	put(t, c, "bkt", "k", "before")
	enable(t, c, "bkt")
	one := put(t, c, "bkt", "k", "one")
	gone, err := c.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: b, Key: k})
	if err != nil || !aws.ToBool(gone.DeleteMarker) {
		t.Fatalf("delete: %+v, %v", gone, err)
	}
	_, err = get(t, c, "bkt", "k", "")
	want(t, "get behind a delete marker", err, "NoSuchKey")
	_, err = get(t, c, "bkt", "k", *gone.VersionId)
	want(t, "get the delete marker", err, "MethodNotAllowed")
	_, err = get(t, c, "bkt", "k", "unknown")
	want(t, "get a version that is not", err, "NoSuchVersion")
	for id, text := range map[string]string{"null": "before", *one.VersionId: "one"} {
		if got, err := get(t, c, "bkt", "k", id); got != text {
			t.Errorf("version %s: %q, %v; want %q", id, got, err, text)
		}
	}
	must(t)(c.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: b, Key: k, VersionId: gone.VersionId}))
	if got, _ := get(t, c, "bkt", "k", ""); got != "one" {
		t.Errorf("after the marker's end: %q, want one", got)
	}
	setVersioning(t, c, "bkt", types.BucketVersioningStatusSuspended)
	put(t, c, "bkt", "k", "suspended")
	if got, _ := get(t, c, "bkt", "k", "null"); got != "suspended" {
		t.Errorf("a write under suspension replaces the null version; got %q", got)
	}
	_, err = c.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: b})
	want(t, "delete a bucket with versions", err, "BucketNotEmpty")

	must(t)(c.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: b, Key: k, CopySource: aws.String("bkt/k?versionId=" + *one.VersionId)}))
	if got, _ := get(t, c, "bkt", "k", ""); got != "one" {
		t.Errorf("restore of an old version by copy: %q", got)
	}
}

// Page by page, every list gives each key and each version exactly once and in order, whatever the keys and sizes.
func TestListsAreComplete(t *testing.T) {
	t.Parallel()
	cl := newCloud(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		name := fmt.Sprintf("list-%d", n)
		c := cl.bucket(t, name)
		enable(t, c, name)
		keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[ab+ é&]{1,2}(/[ab]{1,2}){0,2}`), 0, 12, rapid.ID).Draw(rt, "keys")
		var current []string
		versions := 0
		for i, key := range keys {
			for range 1 + i%3 {
				put(t, c, name, key, "x")
				versions++
			}
			if i%4 == 3 {
				must(t)(c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: &name, Key: &key}))
				versions++
			} else {
				current = append(current, key)
			}
		}
		slices.Sort(current)
		size := aws.Int32(int32(rapid.IntRange(1, 5).Draw(rt, "size")))
		delimiter := rapid.SampledFrom([]*string{nil, aws.String("/")}).Draw(rt, "delimiter")
		expected := fold(current, delimiter)

		var v2, v1 []string
		pages := awss3.NewListObjectsV2Paginator(c, &awss3.ListObjectsV2Input{Bucket: &name, MaxKeys: size, Delimiter: delimiter})
		for pages.HasMorePages() {
			out, err := pages.NextPage(t.Context())
			must(t)(out, err)
			v2 = append(v2, names(out.Contents, out.CommonPrefixes)...)
		}
		for marker := aws.String(""); marker != nil; {
			out, err := c.ListObjects(t.Context(), &awss3.ListObjectsInput{Bucket: &name, MaxKeys: size, Delimiter: delimiter, Marker: marker})
			must(t)(out, err)
			page := names(out.Contents, out.CommonPrefixes)
			v1 = append(v1, page...)
			marker = nil
			if aws.ToBool(out.IsTruncated) {
				marker = aws.String(page[len(page)-1])
			}
		}
		if !slices.Equal(v2, expected) || !slices.Equal(v1, expected) {
			rt.Fatalf("listed %q (V2) and %q (V1), want %q", v2, v1, expected)
		}
		if got := listVersions(t, c, name, size); got != versions {
			rt.Fatalf("listed %d versions, want %d", got, versions)
		}
	})
}

// fold replaces keys by their common prefixes.
func fold(keys []string, delimiter *string) []string {
	out := []string{}
	for _, k := range keys {
		if i := strings.Index(k, "/"); delimiter != nil && i >= 0 {
			k = k[:i+1]
		}
		out = append(out, k)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func names(contents []types.Object, prefixes []types.CommonPrefix) []string {
	var out []string
	for _, c := range contents {
		out = append(out, *c.Key)
	}
	for _, p := range prefixes {
		out = append(out, *p.Prefix)
	}
	slices.Sort(out)
	return out
}

func listVersions(t *testing.T, c *awss3.Client, bucket string, size *int32) int {
	t.Helper()
	seen := map[string]bool{}
	in := &awss3.ListObjectVersionsInput{Bucket: &bucket, MaxKeys: size}
	for {
		out, err := c.ListObjectVersions(t.Context(), in)
		must(t)(out, err)
		for _, v := range out.Versions {
			seen[*v.Key+"\x00"+*v.VersionId] = true
		}
		for _, m := range out.DeleteMarkers {
			seen[*m.Key+"\x00"+*m.VersionId] = true
		}
		if !aws.ToBool(out.IsTruncated) {
			return len(seen)
		}
		in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
	}
}

// An upload in parts is the whole in the end, with S3's ETag and a checksum; bad completions change nothing.
func TestMultipart(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), newCloud(t).bucket(t, "bkt")
	b, k := aws.String("bkt"), aws.String("big")
	for _, algorithm := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmSha256, types.ChecksumAlgorithmCrc64nvme} {
		up, err := c.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: b, Key: k, ChecksumAlgorithm: algorithm, Metadata: map[string]string{"who": "me"}})
		must(t)(up, err)
		first := bytes.Repeat([]byte("a"), 5<<20)
		var parts []types.CompletedPart
		for i, data := range [][]byte{first, []byte("tail")} {
			p, err := c.UploadPart(ctx, &awss3.UploadPartInput{Bucket: b, Key: k, UploadId: up.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(data), ChecksumAlgorithm: algorithm})
			must(t)(p, err)
			parts = append(parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: p.ETag})
		}
		complete := func(parts ...types.CompletedPart) error {
			_, err := c.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{Bucket: b, Key: k, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
			return err
		}
		want(t, "parts out of order", complete(parts[1], parts[0]), "InvalidPartOrder")
		want(t, "a part that is not", complete(parts[0], types.CompletedPart{PartNumber: aws.Int32(3), ETag: aws.String("x")}), "InvalidPart")
		want(t, "complete", complete(parts...), "")
		want(t, "complete again", complete(parts...), "NoSuchUpload")
		out, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: b, Key: k})
		must(t)(out, err)
		data, err := io.ReadAll(out.Body) // the SDK verifies the checksum, where it is one of the whole
		if err != nil || len(data) != 5<<20+4 || !strings.HasSuffix(*out.ETag, `-2"`) || out.Metadata["who"] != "me" {
			t.Errorf("%s: %d bytes, ETag %s, %v", algorithm, len(data), *out.ETag, err)
		}
		part, err := c.GetObject(ctx, &awss3.GetObjectInput{Bucket: b, Key: k, PartNumber: aws.Int32(2)})
		must(t)(part, err)
		if tail, _ := io.ReadAll(part.Body); string(tail) != "tail" || *part.PartsCount != 2 {
			t.Errorf("part 2 of the object: %q of %d", tail, *part.PartsCount)
		}
	}
}

// A body that differs from any digest which came with it is refused, and nothing is stored.
func TestDigestsAreVerified(t *testing.T) {
	t.Parallel()
	c := newCloud(t).bucket(t, "bkt")
	for expected, in := range map[string]*awss3.PutObjectInput{
		"BadDigest":     {ChecksumCRC32: aws.String("AAAAAA==")},
		"InvalidDigest": {ContentMD5: aws.String("short")},
	} {
		in.Bucket, in.Key, in.Body = aws.String("bkt"), aws.String("k"), strings.NewReader("body")
		_, err := c.PutObject(t.Context(), in)
		want(t, "put", err, expected)
	}
	_, err := c.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: aws.String("bkt"), Key: aws.String("k")})
	want(t, "head", err, "NotFound")
}

// Bodies of unknown length come in chunks with a trailing checksum; all algorithms are verified on the way back.
func TestChunkedUploads(t *testing.T) {
	t.Parallel()
	c := newCloud(t).bucket(t, "bkt")
	text := strings.Repeat("0123456789", 20000)
	for _, a := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"} {
		out, err := c.PutObject(t.Context(), &awss3.PutObjectInput{
			Bucket: aws.String("bkt"), Key: aws.String("k//../é +%"), Body: strings.NewReader(text), ChecksumAlgorithm: a,
			ContentEncoding: aws.String("gzip"), ContentType: aws.String("text/x"), Tagging: aws.String("a=b"),
		})
		must(t)(out, err)
		back, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bkt"), Key: aws.String("k//../é +%"), ChecksumMode: types.ChecksumModeEnabled})
		must(t)(back, err)
		b, err := io.ReadAll(back.Body)
		if err != nil || string(b) != text || *back.ContentEncoding != "gzip" || *back.ContentType != "text/x" || *back.TagCount != 1 {
			t.Errorf("%s: %d bytes, %v, %v", a, len(b), *back.ContentEncoding, err)
		}
	}
}

// Ranges follow RFC 9110; what S3 cannot satisfy is a 416.
func TestRanges(t *testing.T) {
	t.Parallel()
	c := newCloud(t).bucket(t, "bkt")
	put(t, c, "bkt", "k", "0123456789")
	for spec, expected := range map[string]string{
		"bytes=0-3": "0123", "bytes=8-": "89", "bytes=-2": "89", "bytes=-20": "0123456789", "bytes=9-99": "9",
		"bytes=3-1": "0123456789", "lines=1-2": "0123456789", "bytes=0-1,4-5": "0123456789", "bytes=10-": "InvalidRange", "bytes=-0": "InvalidRange",
	} {
		out, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("bkt"), Key: aws.String("k"), Range: &spec})
		got := code(err)
		if err == nil {
			b, _ := io.ReadAll(out.Body)
			got = string(b)
		}
		if got != expected {
			t.Errorf("%s: %q, want %q", spec, got, expected)
		}
	}
}

// DeleteObjects deletes what it lists and reports each.
func TestDeleteMany(t *testing.T) {
	t.Parallel()
	c := newCloud(t).bucket(t, "bkt")
	put(t, c, "bkt", "a", "")
	out, err := c.DeleteObjects(t.Context(), &awss3.DeleteObjectsInput{Bucket: aws.String("bkt"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("a")}, {Key: aws.String("never")}}}})
	must(t)(out, err)
	if len(out.Deleted) != 2 || len(out.Errors) != 0 {
		t.Errorf("%+v", out)
	}
	must(t)(c.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: aws.String("bkt")}))
}

// Virtual-host style and path style reach the same object.
func TestVirtualHost(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	put(t, c.bucket(t, "bkt"), "bkt", "dir/k", "v")
	for _, host := range []string{"bkt.s3.eu-west-2.amazonaws.com", "bkt.s3.amazonaws.com", "bkt.s3.dualstack.eu-west-2.amazonaws.com", "bkt.localhost:4566", "bkt.127.0.0.1:4566", "bkt.s3.localhost"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/dir/k", nil)
		must(t)(r, err)
		r.Host = host
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+primary+"/20260101/eu-west-2/s3/aws4_request")
		resp, err := http.DefaultClient.Do(r)
		must(t)(resp, err)
		if b, _ := io.ReadAll(resp.Body); string(b) != "v" {
			t.Errorf("Host %s: %d %s", host, resp.StatusCode, b)
		}
		resp.Body.Close()
	}
}
