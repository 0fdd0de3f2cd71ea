package history_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/datatest"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/history"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

const (
	bucket = "vault-of-shop"
	place  = "lifeboat/shop/primary/orders"
)

// exporting lets a minute pass with each look at an export.
type exporting struct{ *datatest.World }

func (e exporting) DescribeExport(ctx context.Context, in *dynamodb.DescribeExportInput, more ...func(*dynamodb.Options)) (*dynamodb.DescribeExportOutput, error) {
	e.Advance(time.Minute)
	return e.Client.DescribeExport(ctx, in, more...)
}

// vault makes the bucket that exports go to.
func vault(tb testing.TB, w *datatest.World) export.Bucket {
	tb.Helper()
	api := w.Open(tb, cloudtest.Vault()).S3
	_, err := api.CreateBucket(tb.Context(), &s3.CreateBucketInput{
		Bucket: aws.String(bucket), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cloudtest.Vault().Region)},
	})
	if err == nil {
		_, err = api.PutBucketPolicy(tb.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(bucket), Policy: aws.String(fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":["s3:AbortMultipartUpload","s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::%s/*"}]}`,
			cloudtest.Primary().Account, bucket))})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return export.Bucket{Store: api, Name: bucket}
}

// exportTo protects the table, as of 5 minutes ago.
func exportTo(tb testing.TB, w *datatest.World, b export.Bucket) {
	tb.Helper()
	api := w.Open(tb, cloudtest.Vault()).S3
	_, err := protect.Run(tb.Context(), protect.Config{
		API: exporting{w}, Table: datatest.Orders, Vault: b, Writer: api, Owner: cloudtest.Vault().Account, Place: place, Tell: func(string) {}, Poll: time.Millisecond, Clock: w,
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func config(tb testing.TB, w *datatest.World, key string) history.Config {
	tb.Helper()
	return history.Config{
		Config: beside.Config{Site: cloudtest.Primary(), Table: datatest.Orders, Dir: tb.TempDir(), Poll: time.Millisecond, Tell: func(string) {}},
		API:    w, Streams: w.Open(tb, cloudtest.Primary()).Streams, Place: place, Key: key, Clock: w,
	}
}

func look(tb testing.TB, c history.Config) history.Result {
	tb.Helper()
	h, err := history.Prepare(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	r, err := h.Look(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// tell writes states as minutes after the start, with what they are.
func tell(r history.Result) string {
	var out []string
	for _, s := range r.States {
		what := "absent"
		switch {
		case !s.Known && s.Changed:
			what = "changed"
		case !s.Known:
			what = "unknown"
		case s.Item != nil:
			what = s.Item["status"].(*types.AttributeValueMemberS).Value
		}
		to := fmt.Sprintf("%.0f", s.To.Sub(datatest.Start()).Minutes())
		if s.To.Equal(r.Now) {
			to = "now"
		}
		out = append(out, fmt.Sprintf("%.0f-%s %s", s.From.Sub(datatest.Start()).Minutes(), to, what))
	}
	return strings.Join(out, ", ")
}

// protected is a world whose table is exported as of minutes 30, 60 and 90, and whose order was good from minute 10, bad from 45, worse from 55, and
// gone from 80 on.
func protected(tb testing.TB) (*datatest.World, export.Bucket) {
	tb.Helper()
	w := datatest.New(tb)
	b := vault(tb, w)
	w.Put(tb, 5*time.Minute, "2", "other")
	w.Put(tb, 10*time.Minute, "1", "good")
	until := func(minute int) {
		w.Sleep(tb, time.Duration(minute+4)*time.Minute) // the latest restorable instant is 5 minutes behind, and Run looks at the table first
		exportTo(tb, w, b)
	}
	until(30)
	w.Put(tb, 45*time.Minute, "1", "bad")
	w.Put(tb, 55*time.Minute, "1", "worse")
	until(60)
	w.Delete(tb, 80*time.Minute, "1")
	until(90)
	w.Sleep(tb, 2*time.Hour)
	return w, b
}

// The promise: exports tell when a state began to hold, and hide what was before it within their window; a named restore shows that; a deletion is shown
// as such; what an order that never changed was is known without a gap.
func TestVaultAndRestoresTellTheHistory(t *testing.T) {
	t.Parallel()
	w, b := protected(t)
	cfg := config(t, w, `{"id":"1"}`)
	cfg.Vault = b
	r := look(t, cfg)
	if got, want := tell(r), "30-30 good, 30-55 changed, 55-60 worse, 60-80 changed, 80-90 absent, 90-now unknown"; !strings.HasPrefix(got, want) {
		t.Errorf("%s, not %s", got, want)
	}
	i := slices.IndexFunc(r.States, func(s history.State) bool { return !s.Known })
	if !strings.Contains(r.States[i].Why, "an incremental export shows only the last change of its window, here from 2026-11-23 03:30:00 UTC to 2026-11-23 04:00:00 UTC") {
		t.Errorf("%+v", r.States[i])
	}
	cfg = config(t, w, `{"id":{"S":"1"}}`)
	cfg.Vault, cfg.Since, cfg.Restore = b, datatest.Start().Add(20*time.Minute), []time.Time{datatest.Start().Add(50 * time.Minute)}
	if got, want := tell(look(t, cfg)), "20-30 unknown, 30-30 good, 30-50 changed, 50-50 bad, 50-55 changed, 55-60 worse, 60-80 changed, 80-90 absent"; !strings.HasPrefix(got, want) {
		t.Errorf("%s, not %s", got, want)
	}
	if got := w.Tables(t); got != datatest.Orders {
		t.Errorf("left: %s", got)
	}
	cfg = config(t, w, `{"id":"2"}`)
	cfg.Vault = b
	if got, want := tell(look(t, cfg)), "30-90 other, 90-now unknown, "; !strings.HasPrefix(got, want) {
		t.Errorf("%s, not %s", got, want)
	}
}

// The promise: a stream tells every change since it was switched on, to the second, whatever its view; where it shows no images, the table and the
// other sources tell what was.
func TestStreamTellsEveryChange(t *testing.T) {
	t.Parallel()
	for view, want := range map[types.StreamViewType]string{
		types.StreamViewTypeNewAndOldImages: "20-30 good, 30-40 bad, 40-50 absent, 50-now new",
		types.StreamViewTypeNewImage:        "20-30 unknown, 30-40 bad, 40-50 absent, 50-now new",
		types.StreamViewTypeOldImage:        "20-30 good, 30-40 bad, 40-50 absent, 50-now new",
		types.StreamViewTypeKeysOnly:        "20-40 unknown, 40-50 absent, 50-now new",
	} {
		w := datatest.New(t)
		w.Put(t, 10*time.Minute, "1", "good")
		w.Sleep(t, 20*time.Minute)
		_, err := w.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String(datatest.Orders), StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: view}})
		if err != nil {
			t.Fatal(err)
		}
		w.Put(t, 30*time.Minute, "1", "bad")
		w.Put(t, 35*time.Minute, "2", "other")
		w.Delete(t, 40*time.Minute, "1")
		w.Put(t, 50*time.Minute, "1", "new")
		w.Sleep(t, time.Hour)
		if got := tell(look(t, config(t, w, `{"id":"1"}`))); got != want {
			t.Errorf("%s: %s, not %s", view, got, want)
		}
	}
}

// The promise: a source that cannot be read is named and proves nothing; the rest is shown.
func TestSourceThatFailsProvesNothing(t *testing.T) {
	t.Parallel()
	w, b := protected(t)
	cfg := config(t, w, `{"id":"1"}`)
	cfg.Vault = export.Bucket{Store: b.Store, Name: "nowhere"}
	r := look(t, cfg)
	i := slices.IndexFunc(r.Sources, func(s history.Source) bool { return s.Failed })
	if i < 0 || r.Sources[i].Name != "the vault" || !strings.Contains(r.Sources[i].Said, "nowhere") || len(r.States) != 1 {
		t.Errorf("%+v, %+v", r.Sources, r.States)
	}
}

// The promise: a key is read plain or in DynamoDB JSON, with the types of the table; anything else is refused with an example.
func TestKey(t *testing.T) {
	t.Parallel()
	table := &types.TableDescription{
		TableName: aws.String("t"),
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("n"), KeyType: types.KeyTypeRange}, {AttributeName: aws.String("b"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("n"), AttributeType: types.ScalarAttributeTypeN}, {AttributeName: aws.String("b"), AttributeType: types.ScalarAttributeTypeB},
		},
	}
	for _, text := range []string{`{"n":42,"b":"AQI="}`, `{"n":"42","b":{"B":"AQI="}}`, `{"n":{"N":"42"},"b":"AQI="}`} {
		k, err := history.Key(text, table)
		if err != nil || k["n"].(*types.AttributeValueMemberN).Value != "42" || len(k["b"].(*types.AttributeValueMemberB).Value) != 2 {
			t.Errorf("%s: %v, %v", text, k, err)
		}
	}
	for text, want := range map[string]string{
		`[]`: "no JSON object", `{}`: `"b" is missing; the key of table t is b, n`, `{"n":1,"b":"AQI=","c":1}`: `"c" is not in the key`, `{"n":"x","b":"AQI="}`: "it is a number",
		`{"n":1,"b":"?"}`: "wants base64", `{"n":{"S":"1"},"b":"AQI="}`: "it is of type N", `{"n":1,"b":true}`: "it is of type B, and wants a text", `{"n":null,"b":"AQI="}`: "it is a number",
	} {
		if _, err := history.Key(text, table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %q", text, err, want)
		}
	}
}
