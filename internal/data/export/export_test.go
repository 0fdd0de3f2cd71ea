package export_test

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

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// objects is a bucket in memory.
type objects map[string][]byte

func (o objects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b, ok := o[*in.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(b))}, nil
}

func (o objects) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	b, err := io.ReadAll(in.Body)
	o[*in.Key] = b
	return &s3.PutObjectOutput{}, err
}

// write puts an export into the bucket as DynamoDB writes it.
func (o objects) write(t *testing.T, prefix string, summary map[string]any, files ...[]string) {
	t.Helper()
	var manifest bytes.Buffer
	for i, lines := range files {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		for _, l := range lines {
			_, _ = io.WriteString(z, l+"\n")
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprintf("%s/data/%d.json.gz", prefix, i)
		sum := md5.Sum(packed.Bytes())
		o[key] = packed.Bytes()
		line, err := json.Marshal(map[string]any{"itemCount": len(lines), "md5Checksum": base64.StdEncoding.EncodeToString(sum[:]), "dataFileS3Key": key})
		if err != nil {
			t.Fatal(err)
		}
		manifest.Write(append(line, '\n'))
	}
	summary["outputFormat"], summary["manifestFilesS3Key"] = "DYNAMODB_JSON", prefix+"/manifest-files.json"
	b, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	o[prefix+"/manifest-files.json"], o[prefix+"/manifest-summary.json"] = manifest.Bytes(), b
}

const (
	one   = "2026-11-23T01:00:00Z"
	two   = "2026-11-23T02:00:00Z"
	three = "2026-11-23T03:00:00Z"
)

func entry(id, v string) string { return fmt.Sprintf(`{"Item":{"id":{"S":%q},"v":{"S":%q}}}`, id, v) }

func change(id, v string) string {
	if v == "" {
		return fmt.Sprintf(`{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":%q}}}`, id)
	}
	return fmt.Sprintf(`{"Keys":{"id":{"S":%q}},"NewImage":{"id":{"S":%q},"v":{"S":%q}}}`, id, id, v)
}

// bucket has a full export and two incremental ones.
func bucket(t *testing.T) (objects, []export.Export) {
	t.Helper()
	o := objects{}
	o.write(t, "a", map[string]any{"exportTime": one, "exportType": "FULL_EXPORT"}, []string{entry("1", "a"), entry("2", "a")}, []string{entry("3", "a")}, nil)
	o.write(t, "b", map[string]any{"exportFromTime": one, "exportToTime": two, "exportType": "INCREMENTAL_EXPORT"}, []string{change("2", "b"), change("3", ""), change("4", "b")})
	o.write(t, "c", map[string]any{"exportFromTime": two, "exportToTime": three, "exportType": "INCREMENTAL_EXPORT"}, []string{change("4", ""), change("3", "c")})
	var all []export.Export
	for _, p := range []string{"a", "b", "c"} {
		e, _, err := export.Bucket{Store: o, Name: "vault"}.Open(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return o, all
}

// puts are the items that a page puts, in either form.
func puts(t *testing.T, p load.Page) (all []item.Item) {
	t.Helper()
	for _, w := range p.Writes {
		all = append(all, w.PutRequest.Item)
	}
	for _, text := range p.Puts {
		it, err := item.Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, it)
	}
	return all
}

// collect reads a chain as a load does, from given positions.
func collect(t *testing.T, c *export.Chain) map[string]string {
	t.Helper()
	got := map[string]string{}
	for i := range c.Segments() {
		err := c.Read(t.Context(), i, "", func(p load.Page) error {
			for _, it := range puts(t, p) {
				id, v := it["id"].(*types.AttributeValueMemberS), it["v"].(*types.AttributeValueMemberS)
				if _, twice := got[id.Value]; twice {
					t.Errorf("item %s came twice", id.Value)
				}
				got[id.Value] = v.Value
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// A chain gives each item once, as it was at the chain's end; the chain reaches as close to an instant as there are exports, and not past it.
func TestChainGivesTheTableAtAnInstant(t *testing.T) {
	t.Parallel()
	o, all := bucket(t)
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tc := range []struct {
		at    time.Time
		want  map[string]string
		until string
	}{
		{at(one), map[string]string{"1": "a", "2": "a", "3": "a"}, one},
		{at(three).Add(-time.Second), map[string]string{"1": "a", "2": "b", "4": "b"}, two},
		{time.Time{}, map[string]string{"1": "a", "2": "b", "3": "c"}, three},
	} {
		c, err := export.Bucket{Store: o, Name: "vault"}.Check(t.Context(), export.Choose(all, tc.at), []string{"id"})
		if err != nil {
			t.Fatal(err)
		}
		if got := collect(t, c); !maps.Equal(got, tc.want) || !c.Until.Equal(at(tc.until)) || c.Sum.Count != int64(len(tc.want)) {
			t.Errorf("at %v: %v until %v, sum %v; want %v until %s", tc.at, got, c.Until, c.Sum, tc.want, tc.until)
		}
	}
	if got := export.Choose(all, at(one).Add(-time.Second)); got != nil {
		t.Errorf("before the first export: %v", got)
	}
	if got := export.Choose(slices.Delete(slices.Clone(all), 1, 2), time.Time{}); len(got) != 1 {
		t.Errorf("a chain over a gap: %v", got)
	}
}

// A sample is of the table at the chain's end, spread over it, and never more than was asked for.
func TestSample(t *testing.T) {
	t.Parallel()
	o, all := bucket(t)
	c, err := export.Bucket{Store: o, Name: "vault"}.Check(t.Context(), all, []string{"id"})
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string]string{"1": "a", "2": "b", "3": "c"}
	for n := range 5 {
		got := map[string]string{}
		err := c.Sample(t.Context(), n, func(it item.Item) error {
			id, v := it["id"].(*types.AttributeValueMemberS), it["v"].(*types.AttributeValueMemberS)
			got[id.Value] = v.Value
			return nil
		})
		if err != nil || len(got) != min(n, 3) {
			t.Errorf("%d: %v, %v", n, got, err)
		}
		for id, v := range got {
			if whole[id] != v {
				t.Errorf("%d: item %s is %q", n, id, v)
			}
		}
	}
	stop := errors.New("stop")
	if err := c.Sample(t.Context(), 2, func(item.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

// Reading goes on at a position: nothing is given twice and nothing left out.
func TestReadGoesOn(t *testing.T) {
	t.Parallel()
	o, all := bucket(t)
	c, err := export.Bucket{Store: o, Name: "vault"}.Check(t.Context(), all[:1], []string{"id"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := c.Read(t.Context(), 0, "1", func(p load.Page) error {
		for _, it := range puts(t, p) {
			ids = append(ids, it["id"].(*types.AttributeValueMemberS).Value)
		}
		return nil
	}); err != nil || !slices.Equal(ids, []string{"2"}) {
		t.Errorf("%v, %v", ids, err)
	}
}

// Whatever is wrong with a file, it is named, before anything is used.
func TestDamageIsNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		harm func(objects)
		want string
	}{
		"a missing file":       {func(o objects) { delete(o, "a/data/1.json.gz") }, "s3://vault/a/data/1.json.gz is damaged: it is missing"},
		"a cut file":           {func(o objects) { o["a/data/0.json.gz"] = o["a/data/0.json.gz"][:20] }, "s3://vault/a/data/0.json.gz is damaged"},
		"no gzip":              {func(o objects) { o["a/data/0.json.gz"] = []byte("hello") }, "s3://vault/a/data/0.json.gz is damaged"},
		"another file":         {func(o objects) { o["a/data/0.json.gz"] = o["a/data/1.json.gz"] }, "s3://vault/a/data/0.json.gz is damaged: its MD5"},
		"something at the end": {func(o objects) { o["b/data/0.json.gz"] = append(slices.Clone(o["b/data/0.json.gz"]), 0) }, "s3://vault/b/data/0.json.gz is damaged"},
		"a damaged manifest":   {func(o objects) { o["a/manifest-files.json"] = []byte("{") }, "s3://vault/a/manifest-files.json is damaged"},
		"no manifest":          {func(o objects) { delete(o, "c/manifest-summary.json") }, "s3://vault/c/manifest-summary.json is damaged: it is missing"},
		"another output format": {func(o objects) {
			o["a/manifest-summary.json"] = bytes.Replace(o["a/manifest-summary.json"], []byte("DYNAMODB_JSON"), []byte("ION"), 1)
		}, "only DYNAMODB_JSON"},
		"items without the key": {func(o objects) {
			o.write(t, "a", map[string]any{"exportTime": one}, []string{`{"Item":{"v":{"S":"x"}}}`})
		}, "line 1: an item lacks the key"},
		"lines that are no item": {func(o objects) {
			o.write(t, "b", map[string]any{"exportFromTime": one, "exportToTime": two, "exportType": "INCREMENTAL_EXPORT"}, []string{"nonsense"})
		}, "line 1: byte 0"},
	} {
		o, all := bucket(t)
		tc.harm(o)
		_, err := export.Bucket{Store: o, Name: "vault"}.Check(t.Context(), all, []string{"id"})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// A catalogue comes back as it was kept; where there is none it is empty; one of another form is refused.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	o, all := bucket(t)
	b, place := export.Bucket{Store: o, Name: "vault"}, export.Place("shop", "primary", "orders")
	c, err := b.Catalogue(t.Context(), place)
	if err != nil || len(c.Exports) != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	c.Table, c.Exports = "orders", all
	if err := b.Keep(t.Context(), o, place, c); err != nil {
		t.Fatal(err)
	}
	got, err := b.Catalogue(t.Context(), place)
	if err != nil || got.Table != "orders" || len(got.Exports) != 3 || !got.Exports[2].To.Equal(all[2].To) {
		t.Errorf("%+v, %v", got, err)
	}
	o[place+"/catalogue.json"] = []byte(`{"schema":"lifeboat.catalogue/v9"}`)
	if _, err := b.Catalogue(t.Context(), place); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("another form: %v", err)
	}
}
