package protect

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

// objects is a bucket in memory, which may refuse the nth deletion.
type objects struct {
	all     map[string][]byte
	deletes int
	refuse  int
	// unlisted is what listing the bucket gives.
	unlisted error
}

func (o *objects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b, ok := o.all[*in.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(b))}, nil
}

func (o *objects) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	b, err := io.ReadAll(in.Body)
	o.all[*in.Key] = b
	return &s3.PutObjectOutput{}, err
}

func (o *objects) DeleteObject(_ context.Context, in *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	if o.deletes++; o.deletes == o.refuse {
		return nil, errors.New("no answer")
	}
	delete(o.all, *in.Key)
	return &s3.DeleteObjectOutput{}, nil
}

// ListObjectsV2 gives a key at a time.
func (o *objects) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	for _, k := range o.keys() {
		if !strings.HasPrefix(k, *in.Prefix) || in.ContinuationToken != nil && k <= *in.ContinuationToken {
			continue
		}
		if len(out.Contents) > 0 {
			out.NextContinuationToken = out.Contents[0].Key
			break
		}
		out.Contents = append(out.Contents, s3types.Object{Key: &k})
	}
	return out, o.unlisted
}

func (o *objects) keys() []string { return slices.Sorted(maps.Keys(o.all)) }

const place = "lifeboat/shop/primary/orders"

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

// add writes an export of one item: a full one of a day, or what changed from a day on.
func (o *objects) add(t *testing.T, id string, from, to int) export.Export {
	t.Helper()
	prefix := place + "/AWSDynamoDB/" + id
	key, line, summary := prefix+"/data/a.json.gz", `{"Item":{"id":{"S":"1"}}}`, map[string]any{"exportTime": day(to), "exportType": "FULL_EXPORT"}
	if from > 0 {
		key, line = place+"/AWSDynamoDB/data/"+id+".json.gz", `{"Keys":{"id":{"S":"2"}},"NewImage":{"id":{"S":"2"}}}`
		summary = map[string]any{"exportFromTime": day(from), "exportToTime": day(to), "exportType": "INCREMENTAL_EXPORT"}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, line+"\n")
	_ = z.Close()
	sum := md5.Sum(packed.Bytes())
	summary["outputFormat"], summary["manifestFilesS3Key"], summary["billedSizeBytes"] = "DYNAMODB_JSON", prefix+"/manifest-files.json", 10
	text, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	o.all[key], o.all[prefix+"/_started"], o.all[prefix+"/manifest-summary.json"] = packed.Bytes(), nil, text
	o.all[prefix+"/manifest-files.json"] = fmt.Appendf(nil, `{"itemCount":1,"md5Checksum":%q,"dataFileS3Key":%q}`+"\n", base64.StdEncoding.EncodeToString(sum[:]), key)
	e, _, err := export.Bucket{Store: o, Name: "vault"}.Open(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// vault has three chains: of the 1st with an increment to the 2nd, of the 10th with one to the 11th, of the 20th.
func vault(t *testing.T) (*objects, Config, *export.Catalogue, *[]string) {
	t.Helper()
	o, told := &objects{all: map[string][]byte{}}, &[]string{}
	cat := &export.Catalogue{Schema: export.CatalogueSchema, Table: "orders", Keys: []string{"id"}, Exports: []export.Export{
		o.add(t, "a", 0, 1), o.add(t, "b", 1, 2), o.add(t, "c", 0, 10), o.add(t, "d", 10, 11), o.add(t, "e", 0, 20),
	}}
	c := Config{Table: "orders", Vault: export.Bucket{Store: o, Name: "vault"}, Writer: o, Place: place, Delete: true, Clock: clock.System{}, Tell: func(s string) { *told = append(*told, s) }}
	return o, c, cat, told
}

func holds(o *objects, part string) bool {
	return slices.ContainsFunc(o.keys(), func(k string) bool { return strings.Contains(k, part) })
}
