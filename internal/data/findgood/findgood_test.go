package findgood_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/datatest"
	"github.com/lifeboat-dr/lifeboat/internal/data/findgood"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

const broken = 1234 * time.Second // after the start of the world, an order was corrupted

// damaged is a world of an hour in which one of three orders was corrupted.
func damaged(tb testing.TB) *datatest.World {
	tb.Helper()
	w := datatest.New(tb)
	for _, id := range []string{"1", "2", "3"} {
		w.Put(tb, 60*time.Second, id, "good")
	}
	w.Put(tb, broken, "2", "corrupt")
	w.Sleep(tb, time.Hour)
	return w
}

func config(w *datatest.World, dir string) findgood.Config {
	return findgood.Config{
		Config: beside.Config{Site: cloudtest.Primary(), Table: datatest.Orders, Dir: dir, Poll: time.Millisecond, Tell: func(string) {}},
		API:    w, Invariant: findgood.Invariant{Query: `status = "corrupt"`}, Span: findgood.Span{Ways: 4, Within: time.Second}, Clock: w,
	}
}

func prepare(tb testing.TB, c findgood.Config) *findgood.Search {
	tb.Helper()
	s, err := findgood.Prepare(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() }) // some were closed already
	return s
}

func at(d time.Duration) time.Time { return datatest.Start().Add(d) }

// The promise: the exact second is found in no more rounds and restores than were announced, each copy was deleted, and the search is forgotten.
func TestFindsTheExactSecond(t *testing.T) {
	t.Parallel()
	w, dir := damaged(t), t.TempDir()
	s := prepare(t, config(w, dir))
	if s.Now.Good || s.Now.Matches != 1 || s.Now.Items != 3 || !s.Window.Earliest.Equal(at(time.Second)) {
		t.Errorf("%+v, %+v", s.Now, s.Window)
	}
	f := s.Forecast(0)
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !r.Good.At.Equal(at(broken-time.Second)) || !r.Bad.At.Equal(at(broken)) || r.Good.Items != 3 || r.Bad.Matches != 1 || len(r.Mended) > 0 {
		t.Errorf("%+v", r)
	}
	if r.Rounds > f.Rounds || r.Restores > f.Restores || r.Rounds < 2 || f.Shortest != time.Duration(f.Rounds)*20*time.Minute {
		t.Errorf("%d rounds, %d restores; announced: %+v", r.Rounds, r.Restores, f)
	}
	if got := w.Tables(t); got != datatest.Orders {
		t.Errorf("left: %s", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if again := prepare(t, config(w, dir)); again.Known != 0 {
		t.Errorf("%d answers are kept of a search that is over", again.Known)
	}
}

// cut is a cloud that is out of reach after so many scans of copies.
type cut struct {
	*datatest.World
	mu   sync.Mutex
	left int
	stop context.CancelFunc
}

func (c *cut) Scan(ctx context.Context, in *dynamodb.ScanInput, more ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	c.mu.Lock()
	if *in.TableName != datatest.Orders {
		c.left--
	}
	if c.left < 0 {
		c.stop()
	}
	c.mu.Unlock()
	return c.World.Scan(ctx, in, more...)
}

// The promise: a search that ended in the middle of a round, as by kill -9, goes on with its answers and with the copies that it left; in the end
// none is left.
func TestGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	w, dir := damaged(t), t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	cfg := config(w, dir)
	cfg.API = &cut{World: w, left: 8 * 6, stop: stop} // 8 segments, 6 copies: in the second round
	s := prepare(t, cfg)
	if _, err := s.Run(ctx); err == nil {
		t.Fatal("it was not cut")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.Tables(t), "orders-lifeboat-look-") {
		t.Fatal("the kill left no copy; the test proves nothing")
	}
	s = prepare(t, config(w, dir))
	known, left := s.Known, len(s.Shelf.Left())
	if known < 4 || left == 0 {
		t.Fatalf("%d answers and %d copies are known", known, left)
	}
	r, err := s.Run(t.Context())
	if err != nil || !r.Good.At.Equal(at(broken-time.Second)) || !r.Bad.At.Equal(at(broken)) {
		t.Errorf("%+v, %v", r, err)
	}
	if len(r.Answers) != known+r.Restores {
		t.Errorf("%d answers, of %d known ones and %d restores", len(r.Answers), known, r.Restores)
	}
	if err := s.Clear(t.Context()); err != nil { // what was answered, and not deleted any more
		t.Error(err)
	}
	if got := w.Tables(t); got != datatest.Orders {
		t.Errorf("left: %s", got)
	}
}

// The promise: copies of a search that nobody goes on with can be deleted, and two searches of a table at once are refused.
func TestClear(t *testing.T) {
	t.Parallel()
	w, dir := damaged(t), t.TempDir()
	s := prepare(t, config(w, dir))
	if _, err := findgood.Prepare(t.Context(), config(w, dir)); err == nil || !strings.Contains(err.Error(), "another process looks at the past of table orders") {
		t.Errorf("%v", err)
	}
	if _, err := s.Shelf.Restore(t.Context(), at(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := w.Tables(t); !strings.Contains(got, "-20261123T030200Z") {
		t.Fatal(got)
	}
	if err := s.Clear(t.Context()); err != nil || w.Tables(t) != datatest.Orders || len(s.Shelf.Left()) != 0 {
		t.Errorf("%v; left: %v", err, s.Shelf.Left())
	}
}

// The promise: while others have all of the account's restores under way, a search waits for its turn.
func TestObeysTheLimitOfRestores(t *testing.T) {
	t.Parallel()
	w := damaged(t)
	latest := at(50 * time.Minute)
	var others *dynamodb.Client
	for i := range beside.MaxRestores {
		if i%10 == 0 { // ten calls a second each
			others = w.Open(t, cloudtest.Primary()).DynamoDB
		}
		_, err := others.RestoreTableToPointInTime(t.Context(), &dynamodb.RestoreTableToPointInTimeInput{SourceTableName: aws.String(datatest.Orders), TargetTableName: aws.String("other" + string(rune('a'+i%26)) + string(rune('a'+i/26))), RestoreDateTime: &latest})
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := config(w, t.TempDir())
	var mu sync.Mutex
	waited := false
	cfg.Tell = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		waited = waited || strings.Contains(text, "as many restores under way as AWS takes (50)")
	}
	cfg.Span.Within = 20 * time.Minute
	r, err := prepare(t, cfg).Run(t.Context())
	if err != nil || !waited || !r.Good.At.Before(at(broken)) {
		t.Errorf("%+v, waited: %v, %v", r, waited, err)
	}
}

// The promise: what was mended is reported, and the last break is found all the same.
func TestReportsWhatWasMended(t *testing.T) {
	t.Parallel()
	w := datatest.New(t)
	for i, status := range []string{"good", "corrupt", "good", "corrupt"} {
		w.Put(t, time.Duration(i+1)*20*time.Minute, "1", status)
	}
	w.Sleep(t, 2*time.Hour)
	cfg := config(w, t.TempDir())
	cfg.Span.Ways = 12
	r, err := prepare(t, cfg).Run(t.Context())
	if err != nil || !r.Bad.At.Equal(at(80*time.Minute)) || len(r.Mended) == 0 || r.Mended[0].Matches != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// The promise: an invariant can be a number of items, with or without a query.
func TestInvariantIsANumber(t *testing.T) {
	t.Parallel()
	w := datatest.New(t)
	w.Put(t, time.Minute, "1", "good")
	w.Put(t, 2*time.Minute, "2", "good")
	w.Delete(t, 30*time.Minute, "1")
	w.Sleep(t, time.Hour)
	cfg := config(w, t.TempDir())
	cfg.Invariant = findgood.Invariant{AtLeast: 2, AtMost: -1}
	cfg.Span.From = at(2 * time.Minute)
	r, err := prepare(t, cfg).Run(t.Context())
	if err != nil || !r.Bad.At.Equal(at(30*time.Minute)) || r.Bad.Items != 1 || cfg.Invariant.Say(r.Bad) != "bad, 1 item" {
		t.Errorf("%+v, %v", r, err)
	}
}

// The promise: a search in which nothing breaks, or nothing was ever good, fails and says which; it is not taken up again as it was.
func TestNothingToFind(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`status = "lost"`:        "nothing is broken at 2026-11-23 03:5",
		`attribute_exists(id)`:   "it was broken at each of the 4 instants that were looked at, from 2026-11-23 03:02:00 UTC on: bad, 3 of 3 items match",
		`begins_with(id, "2")`:   "begin earlier, with --from",
		`size(status) > 3 `:      "it was broken at each",
		"`status` <> 'corrupt' ": "it was broken at each",
	} {
		w, dir := damaged(t), t.TempDir()
		cfg := config(w, dir)
		cfg.Invariant.Query, cfg.Span.From = query, at(2*time.Minute)
		s := prepare(t, cfg)
		_, err := s.Run(t.Context())
		if err == nil || !strings.Contains(awscloud.Explain(err, "", nil).Error()+awscloud.Explain(err, "", nil).Next, want) {
			t.Errorf("%s: %v", query, err)
		}
		if got := w.Tables(t); got != datatest.Orders {
			t.Errorf("left: %s", got)
		}
	}
}
