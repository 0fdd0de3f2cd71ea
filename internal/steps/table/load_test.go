package table_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/table"
)

// lost is a world whose primary had so many orders, which the vault has.
func lost(tb testing.TB, items int) (*world, item.Sum) {
	tb.Helper()
	w := newWorld(tb)
	home := w.furnish(tb, cloudtest.Primary(), "id", true)
	write(tb, home, 0, items, "good")
	w.protect(tb)
	return w, sum(tb, home)
}

// The promise: load keeps the contract of steps: killed at any call it goes on, and the table has the export's digest at the end.
func TestLoadConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 4, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w, want := lost(tb, 130)
		here := w.furnish(tb, cloudtest.Standby(), "id", false)
		return steptest.World{
			Step: func() (step.Step, error) { return w.step(tb, f, config(step.Load, "latest")), nil },
			Call: cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error {
				if got := sum(tb, here); got != want {
					return fmt.Errorf("%d items with digest %s, not %d with %s", got.Count, got, want.Count, want)
				}
				return nil
			},
		}
	}})
}

// The promise: a drill counts exactly what was lost and what is not as it was last, beside what the export promised.
func TestLoadCountsLosses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	home := w.furnish(t, cloudtest.Primary(), "id", true)
	write(t, home, 0, 100, "good")
	instant := w.protect(t).Until
	w.ledger = &table.Ledger{Keys: []string{"id"}, Items: map[string]item.Hash{}}
	for i := range 108 { // 7 were changed after the export, 8 are newer
		v := "good"
		if i < 7 {
			v = "later"
		}
		key, err := item.Key(nil, order(i, v), w.ledger.Keys)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := item.Append(nil, order(i, v))
		if err != nil {
			t.Fatal(err)
		}
		w.ledger.Items[table.KeyText(item.HashOf(key))] = item.HashOf(whole)
	}
	w.furnish(t, cloudtest.Standby(), "id", false)
	call := cloudtest.Call(t, cloudtest.Standby())
	out, err := w.ensure(t, config(step.Load, "latest"), &call)
	if err != nil {
		t.Fatal(err)
	}
	d := facts(t, out.Outputs)
	if d.Expected != 108 || d.Recovered != 100 || *d.Lost != 8 || *d.Wrong != 7 || !d.Digest || !d.Instant.Equal(instant) || d.Strategy != "load" {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(out.Summary, "of 108 items that the drill wrote, 8 are lost and 7 are not as they were last") {
		t.Error(out.Summary)
	}
	p, err := w.step(t, nil, config(step.Load, "latest")).Probe(t.Context(), &call) // a process that died before it wrote the outcome down
	if err != nil || p.Status != step.Done || p.Reason != out.Summary || facts(t, p.Outputs).Recovered != 100 {
		t.Errorf("%+v, %v", p, err)
	}
}

// The promise: a table that holds other items is written to only if a person says so; the items of the export then win, the others stay.
func TestLoadAsksBeforeItMerges(t *testing.T) {
	t.Parallel()
	w, _ := lost(t, 40)
	here := w.furnish(t, cloudtest.Standby(), "id", false)
	write(t, here, 38, 45, "other")
	before := sum(t, here)
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Load, "latest")
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok || !strings.Contains(ask.Prompt, "Table orders holds 7 items already. Write the 40 items of the export over them?") {
		t.Fatalf("%v", err)
	}
	answer(&call, ask.Key, step.Reject)
	if _, err := w.ensure(t, cfg, &call); err == nil || !strings.Contains(err.Error(), "ann refused to write over it") || step.ClassOf(err) != step.Permanent {
		t.Errorf("%v", err)
	}
	if sum(t, here) != before {
		t.Error("it was written to before anybody allowed it")
	}
	answer(&call, ask.Key, step.Approve)
	for attempt := range 2 { // the second as after a kill
		out, err := w.ensure(t, cfg, &call)
		if err != nil {
			t.Fatalf("attempt %d: %v", attempt, err)
		}
		if d := facts(t, out.Outputs); d.Recovered != 45 || d.Expected != 40 || d.Digest {
			t.Errorf("attempt %d: %+v", attempt, d)
		}
	}
}

// The promise: somebody who writes meanwhile is noticed; a table that was emptied then is loaded again, from the beginning.
func TestLoadIsComparedAndBegunAgain(t *testing.T) {
	t.Parallel()
	w, want := lost(t, 30)
	here := w.furnish(t, cloudtest.Standby(), "id", false)
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Load, "latest")
	if _, err := w.ensure(t, cfg, &call); err != nil {
		t.Fatal(err)
	}
	remove(t, here, 3)
	if _, err := w.ensure(t, cfg, &call); err == nil || !strings.Contains(err.Error(), "table orders does not hold what the export holds: 29 items") {
		t.Fatalf("%v", err)
	}
	for i := range 30 {
		remove(t, here, i)
	}
	if _, err := w.ensure(t, cfg, &call); err != nil || sum(t, here) != want {
		t.Errorf("%v, %d items", err, sum(t, here).Count)
	}
}

// The promise: what cannot be loaded is named, and nothing is written.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key, point string
		damage     func(testing.TB, *world)
		want       string
	}{
		"another key":                {"sku", "latest", nil, "table orders has the key (sku), and the export (id)"},
		"no table":                   {"", "latest", nil, "table orders does not exist"},
		"before the first export":    {"id", "2020-01-01T00:00:00Z", nil, `the vault has no export of table "orders" from 2020-01-01 00:00:00 or before; its first is of `},
		"in the future":              {"id", "2999-01-01T00:00:00Z", nil, "is in the future"},
		"nobody said when":           {"id", "before-disaster", nil, "nobody said when the disaster began"},
		"a file that was damaged":    {"id", "latest", damage, ".json.gz is damaged: "},
		"a file that is missing":     {"id", "latest", erase, ".json.gz is damaged: it is missing"},
		"a vault that has no export": {"id", "latest", forget, `the vault has no export of table "orders"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := lost(t, 20)
			if tt.key != "" {
				w.furnish(t, cloudtest.Standby(), tt.key, false)
			}
			if tt.damage != nil {
				tt.damage(t, w)
			}
			call := cloudtest.Call(t, cloudtest.Standby())
			_, err := w.ensure(t, config(step.Load, tt.point), &call)
			if err == nil || !strings.Contains(err.Error(), tt.want) || step.ClassOf(err) != step.Permanent {
				t.Errorf("%v, not %q", err, tt.want)
			}
			if tt.key != "" && sum(t, w.Open(t, cloudtest.Standby()).DynamoDB).Count != 0 {
				t.Error("something was loaded")
			}
		})
	}
}

// file is a data file of the export that holds items.
func file(tb testing.TB, w *world) (*s3.Client, string) {
	tb.Helper()
	c := w.Open(tb, cloudtest.Vault()).S3
	out, err := c.ListObjectsV2(tb.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	if err != nil {
		tb.Fatal(err)
	}
	best := out.Contents[0]
	for _, o := range out.Contents {
		if strings.HasSuffix(*o.Key, ".json.gz") && (!strings.HasSuffix(*best.Key, ".json.gz") || *o.Size > *best.Size) {
			best = o
		}
	}
	return c, *best.Key
}

func damage(tb testing.TB, w *world) {
	tb.Helper()
	c, key := file(tb, w)
	if _, err := c.PutObject(tb.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader("not what it was")}); err != nil {
		tb.Fatal(err)
	}
}

func erase(tb testing.TB, w *world) {
	tb.Helper()
	c, key := file(tb, w)
	if _, err := c.DeleteObject(tb.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: &key}); err != nil {
		tb.Fatal(err)
	}
}

func forget(tb testing.TB, w *world) {
	tb.Helper()
	c := w.Open(tb, cloudtest.Vault()).S3
	if _, err := c.DeleteObject(tb.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("lifeboat/shop/primary/orders/catalogue.json")}); err != nil {
		tb.Fatal(err)
	}
}
