package beside_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/datatest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

func open(tb testing.TB, w *datatest.World, dir string) *beside.Shelf {
	tb.Helper()
	s, err := beside.Open(tb.Context(), beside.Config{API: w, Site: cloudtest.Primary(), Table: datatest.Orders, Dir: dir, Poll: time.Millisecond, Tell: func(string) {}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func world(tb testing.TB) *datatest.World {
	tb.Helper()
	w := datatest.New(tb)
	w.Put(tb, time.Minute, "1", "good")
	w.Sleep(tb, time.Hour)
	return w
}

// The promise: a copy is made once for an instant, written down before, and struck off when it was deleted.
func TestCopyIsMadeOnce(t *testing.T) {
	t.Parallel()
	w, at := world(t), datatest.Start().Add(2*time.Minute)
	s := open(t, w, t.TempDir())
	c, err := s.Restore(t.Context(), at)
	if err != nil || !strings.HasPrefix(c.Name, "orders-lifeboat-look-") || c.ID == "" || !c.At.Equal(at) {
		t.Fatalf("%+v, %v", c, err)
	}
	again, err := s.Restore(t.Context(), at)
	if err != nil || again != c || len(s.Left()) != 1 || w.Tables(t) != "orders "+c.Name {
		t.Errorf("%+v, %v; left: %v", again, err, s.Left())
	}
	if err := s.Delete(t.Context(), c); err != nil || len(s.Left()) != 0 || w.Tables(t) != "orders" {
		t.Errorf("%v; left: %v", err, s.Left())
	}
}

// The promise: a table that has a copy's name and is none is not deleted, nor is one that a damaged record names.
func TestStrangersAreLeftAlone(t *testing.T) {
	t.Parallel()
	w, dir, at := world(t), t.TempDir(), datatest.Start().Add(2*time.Minute)
	s := open(t, w, dir)
	c, err := s.Restore(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	other := at.Add(time.Minute) // somebody puts another table in its place
	_, err = w.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &c.Name})
	w.Advance(time.Minute)
	if err == nil {
		_, err = w.RestoreTableToPointInTime(t.Context(), &dynamodb.RestoreTableToPointInTimeInput{SourceTableName: aws.String(datatest.Orders), TargetTableName: &c.Name, RestoreDateTime: &other})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Hour)
	if err := s.Clear(t.Context()); err == nil || !strings.Contains(err.Error(), "is not what this command made under that name") || w.Tables(t) != "orders "+c.Name {
		t.Errorf("%v", err)
	}
	name := s.File("copies.json")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"schema":"lifeboat.copies/v1","copies":[{"name":"orders","at":"2026-11-23T03:02:00Z"}]}`: `it names table "orders", which is no copy`,
		`{"schema":"lifeboat.copies/v9"}`: `the form "lifeboat.copies/v9"`,
		`{`:                               "unexpected end",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := beside.Open(t.Context(), beside.Config{API: w, Site: cloudtest.Primary(), Table: datatest.Orders, Dir: dir, Tell: func(string) {}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "look for tables named orders-lifeboat-look-*") {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

// The promise: the window holds the seconds that can be restored, and what is outside is refused with it.
func TestWindow(t *testing.T) {
	t.Parallel()
	w := world(t)
	s := open(t, w, t.TempDir())
	win, err := s.Window(t.Context())
	if err != nil || win.Rolling || !win.Earliest.Equal(datatest.Start().Add(time.Second)) {
		t.Fatalf("%+v, %v", win, err)
	}
	for _, d := range []time.Duration{-time.Second, 0} {
		if s.Check(win, win.Earliest.Add(d)) == nil != (d == 0) || s.Check(win, win.Latest.Add(-d)) == nil != (d == 0) {
			t.Errorf("%v off the ends of %+v", d, win)
		}
	}
	if err := s.Check(win, win.Latest.Add(time.Second)); err == nil || !strings.Contains(err.Error(), "it can be from 2026-11-23 03:00:01 UTC to 2026-11-23 03:5") {
		t.Errorf("%v", err)
	}
	w.Advance(36 * 24 * time.Hour)
	if win, err = s.Window(t.Context()); err != nil || !win.Rolling {
		t.Errorf("%+v, %v", win, err)
	}
}

// The promise: what copies cost follows from the table's size: ten GB restored four times and read are 4 x 10 x ($0.15 + 262,144 reads at $0.125 a million).
func TestCost(t *testing.T) {
	t.Parallel()
	s := open(t, world(t), t.TempDir())
	s.Source.TableSizeBytes = aws.Int64(10 << 30)
	if got := s.Cost(4, true); got < 7.310 || got > 7.311 {
		t.Errorf("%f", got)
	}
	if got := s.Cost(1, false); got != 1.5 {
		t.Errorf("%f", got)
	}
}
