package protect

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// The promise: killed at any call, protect goes on with its own export at the next run: one full export is begun and no other, also where a person asks
// for a full one again, and where DynamoDB has forgotten the token. What comes next is incremental.
func TestKilledAtEachCall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		after bool
		full  bool
		pause time.Duration
		step  int
		all   int // exports in the end
	}{
		{"before", false, false, 0, 1, 1}, {"after", true, true, 0, 1, 1}, {"long ago", true, false, 9 * time.Hour, 3, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for n, died := 1, true; died; n += tt.step {
				x := newExporter(t)
				p := &process{exporter: x, at: n, after: tt.after}
				_, err := p.run(t, tt.full)
				if died = p.calls >= n; died && err == nil && !tt.after {
					t.Fatalf("killed at call %d, it reports success", n)
				}
				cat, err := export.Bucket{Store: x.Open(t, cloudtest.Vault()).S3, Name: "vault"}.Catalogue(t.Context(), place)
				if err != nil {
					t.Fatal(err)
				}
				x.Advance(tt.pause)
				done, err := (&process{exporter: x}).run(t, tt.full && cat.Begun != nil)
				if err != nil || done.Items != 3 {
					t.Fatalf("killed at call %d: %+v, %v", n, done, err)
				}
				again, err := (&process{exporter: x}).run(t, false)
				full, all := x.exports(t)
				if err != nil || !again.Fresh || full != 1 || all > tt.all || again.Exports != all || again.Chains != 1 || again.Found != (export.Export{}) {
					t.Errorf("killed at call %d: %d full exports of %d, %+v, %v", n, full, all, again, err)
				}
			}
		})
	}
}

// secretive is a caller who may list no exports.
type secretive struct{ API }

func (secretive) ListExports(context.Context, *dynamodb.ListExportsInput, ...func(*dynamodb.Options)) (*dynamodb.ListExportsOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
}

// The promise: an export of a killed run that came to nothing is told, and another one is made; it is never taken for a copy.
func TestKilledAndLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, between func(*exporter, *testing.T)
		change          func(*Config)
		told            string
	}{
		"failed":      {(*exporter).shut, (*exporter).open, nil, "failed: S3AccessDenied"},
		"damaged":     {nil, (*exporter).spoil, nil, "is no use: s3://vault/"},
		"not to find": {nil, (*exporter).rest, func(c *Config) { c.API = secretive{c.API} }, "allow dynamodb:ListExports"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExporter(t)
			if tt.before != nil {
				tt.before(x, t)
			}
			if _, err := (&process{exporter: x, op: ".ExportTableToPointInTime"}).run(t, false); err == nil {
				t.Fatal("it was killed")
			}
			tt.between(x, t)
			change := tt.change
			if change == nil {
				change = func(*Config) {}
			}
			done, told, err := (&process{exporter: x}).turn(t, false, change)
			full, _ := x.exports(t)
			if err != nil || !done.Export.Full || done.Found.Full || done.Items != 3 || full != 2 || !strings.Contains(strings.Join(told, "\n"), tt.told) {
				t.Errorf("%+v, %d full exports, told %q, %v", done, full, told, err)
			}
			cat, err := export.Bucket{Store: x.Open(t, cloudtest.Vault()).S3, Name: "vault"}.Catalogue(t.Context(), place)
			if err != nil || cat.Begun != nil || len(cat.Exports) != 1 {
				t.Errorf("%+v, %v", cat, err)
			}
		})
	}
}

// rest is longer than DynamoDB remembers a token.
func (x *exporter) rest(*testing.T) { x.Advance(8 * time.Hour) }

// spoil waits for the export and damages its files.
func (x *exporter) spoil(t *testing.T) {
	t.Helper()
	x.Advance(6 * time.Minute)
	vault := x.Open(t, cloudtest.Vault()).S3
	for files := 0; files == 0; { // DynamoDB writes them by and by
		out, err := vault.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("vault"), Prefix: aws.String(place + "/AWSDynamoDB/")})
		if err != nil {
			t.Fatal(err)
		}
		if full, _ := x.exports(t); full == 0 || !strings.HasSuffix(*out.Contents[len(out.Contents)-1].Key, "manifest-summary.md5") {
			continue
		}
		for _, o := range out.Contents {
			if !strings.HasSuffix(*o.Key, ".json.gz") {
				continue
			}
			files++
			if _, err := vault.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("vault"), Key: o.Key, Body: strings.NewReader("spoilt")}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
