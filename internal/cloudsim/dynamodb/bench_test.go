package dynamodb_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// direct calls the service without a network, as the gateway does.
type direct struct {
	tb testing.TB
	s  *dynamodb.Service
}

func newDirect(tb testing.TB) direct {
	tb.Helper()
	return newDirectAt(tb, nil)
}

func newDirectAt(tb testing.TB, c clock.Clock) direct {
	tb.Helper()
	s := dynamodb.New(sim.NewWorld(1, c), &memory{objects: map[string][]byte{}}, nil)
	s.Timing = dynamodb.Timing{}
	d := direct{tb, s}
	d.call("CreateTable", `{"TableName":"music","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}`)
	return d
}

func (d direct) call(operation, body string) string {
	r := httptest.NewRequestWithContext(sim.WithCall(context.Background(), &sim.Call{Scope: scope}), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	w := httptest.NewRecorder()
	d.s.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		d.tb.Fatalf("%s: %s", operation, w.Body)
	}
	return w.Body.String()
}

// protect switches point-in-time recovery on.
func (d direct) protect() {
	d.call("UpdateContinuousBackups", `{"TableName":"music","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`)
}

// record is an item of about 450 bytes, by DynamoDB's count, in DynamoDB JSON.
func record(i int) string {
	return fmt.Sprintf(`{"p":{"S":"user#%08d"},"at":{"N":"17000%05d.125"},"kind":{"S":"message"},"active":{"BOOL":true},"tags":{"SS":["blue","green"]},`+
		`"to":{"M":{"name":{"S":"Recipient %d"},"org":{"S":"example"}}},"body":{"S":"%s"}}`, i, i%100000, i, strings.Repeat("lorem ipsum ", 27))
}

func (d direct) fill(n int) {
	for from := 0; from < n; from += 25 {
		var b strings.Builder
		for i := from; i < from+25; i++ {
			if i > from {
				b.WriteByte(',')
			}
			b.WriteString(`{"PutRequest":{"Item":` + record(i) + `}}`)
		}
		d.call("BatchWriteItem", `{"RequestItems":{"music":[`+b.String()+`]}}`)
	}
}

func BenchmarkPutItem(b *testing.B) {
	d := newDirect(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.call("PutItem", `{"TableName":"music","Item":`+record(i)+`}`)
	}
}

// BenchmarkPutItemProtected is BenchmarkPutItem with point-in-time recovery: all writes but the first of each key replace an item,
// which the journal keeps.
func BenchmarkPutItemProtected(b *testing.B) {
	d := newDirect(b)
	d.protect()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.call("PutItem", `{"TableName":"music","Item":`+record(i%10000)+`}`)
	}
}

func BenchmarkUpdateItem(b *testing.B) {
	d := newDirect(b)
	d.fill(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.call("UpdateItem", fmt.Sprintf(`{"TableName":"music","Key":{"p":{"S":"user#%08d"}},"UpdateExpression":"SET #n = if_not_exists(#n, :z) + :i","ConditionExpression":"attribute_exists(p)","ExpressionAttributeNames":{"#n":"count"},"ExpressionAttributeValues":{":z":{"N":"0"},":i":{"N":"1"}}}`, i%1000))
	}
}

// BenchmarkBatchWrite counts items, not calls.
func BenchmarkBatchWrite(b *testing.B) {
	d := newDirect(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		d.fill(25)
		n += 25
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkGetItem(b *testing.B) {
	d := newDirect(b)
	d.fill(10000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.call("GetItem", fmt.Sprintf(`{"TableName":"music","Key":{"p":{"S":"user#%08d"}}}`, i%10000))
	}
}

// BenchmarkScan counts items of pages of 1 MB, as JSON.
func BenchmarkScan(b *testing.B) {
	d := newDirect(b)
	d.fill(10000)
	n := 0
	for b.Loop() {
		out := d.call("Scan", `{"TableName":"music"}`)
		n += strings.Count(out[:64], `"Count"`) * strings.Count(out, `"kind"`)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkGetItemHTTP is the real SDK, signing, over loopback, in this process: client and server share the cores.
func BenchmarkGetItemHTTP(b *testing.B) {
	d := newDirect(b)
	d.fill(1000)
	c := serve(b, d.s)
	key := map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "user#00000007"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.GetItem(b.Context(), &awsdynamodb.GetItemInput{TableName: aws.String("music"), Key: key}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScanHTTP counts the items that the real SDK scans over loopback.
func BenchmarkScanHTTP(b *testing.B) {
	d := newDirect(b)
	d.fill(10000)
	c := serve(b, d.s)
	n := 0
	for b.Loop() {
		out, err := c.Scan(b.Context(), &awsdynamodb.ScanInput{TableName: aws.String("music")})
		if err != nil {
			b.Fatal(err)
		}
		n += len(out.Items)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkMillion measures a table of a million items of 450 bytes with point-in-time recovery: its memory, how fast it is written,
// restored, exported, saved and loaded.
func BenchmarkMillion(b *testing.B) {
	const items = 1000000
	hand := &handClock{now: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)}
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		d := newDirectAt(b, hand)
		d.protect()
		d.fill(items)
		b.ReportMetric(items/b.Elapsed().Seconds(), "writes/s")
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB-live")
		b.ReportMetric(float64(after.Sys)/(1<<20), "MB-from-system")
		d.copies(items, hand)
		file, err := os.Create(filepath.Join(b.TempDir(), "state.json"))
		if err != nil {
			b.Fatal(err)
		}
		start := b.Elapsed()
		if err := d.s.WriteState(file); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(items/(b.Elapsed()-start).Seconds(), "saved/s")
		d.s = dynamodb.New(sim.NewWorld(1, hand), nil, nil)
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		start = b.Elapsed()
		if err := d.s.ReadState(file); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(items/(b.Elapsed()-start).Seconds(), "loaded/s")
		runtime.KeepAlive(d)
	}
}

// copies measures a restore and an export of all items.
func (d direct) copies(items float64, hand *handClock) {
	b, ok := d.tb.(*testing.B)
	if !ok {
		return
	}
	hand.pass(time.Hour)
	start := b.Elapsed()
	d.call("RestoreTableToPointInTime", `{"SourceTableName":"music","TargetTableName":"again","UseLatestRestorableTime":true}`)
	b.ReportMetric(items/(b.Elapsed()-start).Seconds(), "restored/s")
	hand.pass(time.Hour)
	d.call("DeleteTable", `{"TableName":"again"}`)
	out := d.call("ExportTableToPointInTime", `{"TableArn":"`+scope.ARN("dynamodb", "table/music")+`","S3Bucket":"vault"}`)
	arn := regexp.MustCompile(`"ExportArn":"([^"]*)"`).FindStringSubmatch(out)[1]
	hand.pass(time.Hour)
	start = b.Elapsed()
	for strings.Contains(out, "IN_PROGRESS") {
		out = d.call("DescribeExport", `{"ExportArn":"`+arn+`"}`)
		runtime.Gosched()
	}
	b.ReportMetric(items/(b.Elapsed()-start).Seconds(), "exported/s")
	if !strings.Contains(out, "COMPLETED") {
		b.Fatal(out)
	}
}
