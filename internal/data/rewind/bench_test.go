package rewind_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/rewind"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
)

// stub is two tables, "good" and "live", of so many items of 450 B, as DynamoDB counts them; every hundredth of the live one is damaged.
type stub struct {
	items         int
	texts         []string
	read, written atomic.Int64
}

const onePage = 1000 // items: half a megabyte

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	var in struct {
		TableName              string
		Segment, TotalSegments int
		ExclusiveStartKey      struct{ ID struct{ S string } }
		RequestItems           map[string][]json.RawMessage
	}
	body, err := io.ReadAll(r.Body) // to its end: a client may not like an answer before that
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "BatchWriteItem") {
		s.written.Add(int64(len(in.RequestItems["live"])))
		_, _ = io.WriteString(w, `{"UnprocessedItems":{}}`)
		return
	}
	from, end := in.Segment*s.items/in.TotalSegments, (in.Segment+1)*s.items/in.TotalSegments
	if last := in.ExclusiveStartKey.ID.S; last != "" {
		from, _ = strconv.Atoi(last)
		from++
	}
	to := min(from+onePage, end)
	b := append(make([]byte, 0, (to-from)*520), `{"Items":[`...)
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, ',')
		}
		amount := i % 9973
		if in.TableName == "live" && i%100 == 0 {
			amount = -1
		}
		b = append(b, `{"ID":{"S":"`...)
		b = fmt.Appendf(b, "%010d", i)
		b = strconv.AppendInt(append(b, `"},"amount":{"N":"`...), int64(amount), 10)
		b = append(append(append(b, `"},"open":{"BOOL":true},"text":{"S":"`...), s.texts[i%len(s.texts)]...), `"}}`...)
	}
	b = append(b, ']')
	if to < end {
		b = fmt.Appendf(b, `,"LastEvaluatedKey":{"ID":{"S":"%010d"}}`, to-1)
	}
	s.read.Add(int64(to - from))
	_, _ = w.Write(append(b, '}'))
}

// pages reads a table with nothing but the SDK, in as many segments as we do.
func pages(b *testing.B, api *dynamodb.Client, table string, segments int) {
	b.Helper()
	var group sync.WaitGroup
	for i := range segments {
		group.Go(func() {
			p := dynamodb.NewScanPaginator(api, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true), Segment: aws.Int32(int32(i)), TotalSegments: aws.Int32(int32(segments))})
			for p.HasMorePages() {
				if _, err := p.NextPage(b.Context()); err != nil && !load.Passing(err) { // as a scan of ours: read the page again
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkRewind rewinds a table of which 1% of the items are damaged, and reads both tables with the SDK alone, in turn: the ceiling. The rewind reads
// the good table a second time, for the items that it writes back.
func BenchmarkRewind(b *testing.B) {
	for name, items := range map[string]int{"100k": 100_000, "1M": 1_000_000} {
		b.Run(name, func(b *testing.B) { benchRewind(b, &stub{items: items}) })
	}
}

func benchRewind(b *testing.B, s *stub) {
	b.Helper()
	for i := range 64 {
		s.texts = append(s.texts, strings.Repeat(fmt.Sprintf("%08x", i*2654435761), 52))
	}
	srv := httptest.NewServer(s)
	b.Cleanup(srv.Close)
	api := dynamodb.New(dynamodb.Options{
		Region: "eu-west-2", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "any", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	})
	good, live := scan.Table{API: api, Name: "good"}, scan.Table{API: api, Name: "live"}
	var alone, ours, aloneCPU, oursCPU time.Duration
	var aloneRead, oursRead float64
	for b.Loop() {
		read, used, begun := s.read.Load(), cpu(b), time.Now()
		pages(b, api, "good", good.Segments())
		pages(b, api, "live", live.Segments())
		alone, aloneCPU, aloneRead = alone+time.Since(begun), aloneCPU+cpu(b)-used, aloneRead+float64(s.read.Load()-read)

		read, used, begun = s.read.Load(), cpu(b), time.Now()
		s.written.Store(0)
		c, err := rewind.Compare(b.Context(), good, live, []string{"ID"})
		if err != nil {
			b.Fatal(err)
		}
		_, err = load.Run(b.Context(), load.Config{Source: c.Source([]string{"ID"}), API: api, Table: "live"})
		ours, oursCPU, oursRead = ours+time.Since(begun), oursCPU+cpu(b)-used, oursRead+float64(s.read.Load()-read)
		if want := int64(s.items / 100); err != nil || c.Changed != want || s.written.Load() != want || c.Writes() != want {
			b.Fatalf("%d items differ, %d were written, want %d: %v", c.Changed, s.written.Load(), want, err)
		}
	}
	b.ReportMetric(aloneRead/alone.Seconds(), "ceiling-reads/s")
	b.ReportMetric(oursRead/ours.Seconds(), "reads/s")
	b.ReportMetric(100*oursRead/ours.Seconds()/(aloneRead/alone.Seconds()), "%ceiling")
	b.ReportMetric(100*oursRead/oursCPU.Seconds()/(aloneRead/aloneCPU.Seconds()), "%ceiling-cpu")
	b.ReportMetric(float64(s.written.Load())/float64(s.items)*100, "%written")
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
