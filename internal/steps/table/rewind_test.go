package table_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// damaged is a world in which a release changed 13 orders, deleted 2 and wrote 3 new ones, right after the disaster began.
func damaged(tb testing.TB) (w *world, api *dynamodb.Client, good item.Sum, disaster time.Time) {
	tb.Helper()
	w = newWorld(tb)
	api = w.furnish(tb, cloudtest.Primary(), "id", true)
	write(tb, api, 0, 60, "good")
	good, disaster = sum(tb, api), w.settle(tb, api).Add(time.Second)
	write(tb, api, 0, 13, "nonsense")
	remove(tb, api, 20)
	remove(tb, api, 21)
	write(tb, api, 60, 63, "nonsense")
	return w, api, good, disaster
}

func rewindKey(at time.Time) string { return "rewind-" + at.UTC().Format("20060102T150405Z") }

// The promise: rewind keeps the contract of steps: killed at any call it goes on, and the table has the digest that it had at the instant.
func TestRewindConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 4, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w, api, good, disaster := damaged(tb)
		call := cloudtest.Call(tb, cloudtest.Primary())
		call.Disaster = disaster
		answer(&call, rewindKey(disaster.Add(-time.Second)), step.Approve)
		return steptest.World{
			Step: func() (step.Step, error) { return w.step(tb, f, config(step.Rewind, "before-disaster")), nil },
			Call: call,
			Check: func() error {
				if got := sum(tb, api); got != good {
					return fmt.Errorf("%d items with digest %s, not %d with %s", got.Count, got, good.Count, good)
				}
				return nil
			},
		}
	}})
}

// The promise: a person sees the counts before anything is written; then exactly what differs is put back, and the copy becomes a duty.
func TestRewindAsksWithTheCounts(t *testing.T) {
	t.Parallel()
	w, api, good, disaster := damaged(t)
	bad := sum(t, api)
	call, cfg := cloudtest.Call(t, cloudtest.Primary()), config(step.Rewind, "latest")
	call.Disaster = disaster
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok || !strings.Contains(ask.Prompt, "Write 18 items of table orders back") ||
		!strings.Contains(ask.Detail, "13 changed items are put back\n2 deleted items are put back\n3 items that were not there are removed\n45 items are as they were") {
		t.Fatalf("%v", err)
	}
	answer(&call, ask.Key, step.Reject)
	if _, err := w.ensure(t, cfg, &call); err == nil || !strings.Contains(err.Error(), "ann refused to rewind table orders") {
		t.Errorf("%v", err)
	}
	if sum(t, api) != bad {
		t.Error("it was written to before anybody allowed it")
	}
	answer(&call, ask.Key, step.Approve)
	out, err := w.ensure(t, cfg, &call)
	if err != nil || sum(t, api) != good {
		t.Fatal(err)
	}
	d := facts(t, out.Outputs)
	if d.Expected != 60 || d.Recovered != 60 || !d.Digest || !d.Instant.Equal(disaster.Add(-time.Second)) || d.Lost != nil {
		t.Errorf("%+v", d)
	}
	if len(out.Duties) != 1 || !strings.Contains(out.Duties[0].Text, "aws dynamodb delete-table --region eu-west-2 --table-name orders-lifeboat-") {
		t.Errorf("%+v", out.Duties)
	}
	// Somebody wrote again: what differs now is written back, though the writes of before are all done.
	remove(t, api, 5)
	write(t, api, 70, 72, "nonsense")
	out, err = w.ensure(t, cfg, &call)
	if err != nil || sum(t, api) != good || !strings.Contains(out.Summary, "0 changed items put back, 1 deleted ones put back, 2 new ones removed") {
		t.Errorf("%s, %v", out.Summary, err)
	}
}

// The promise: an instant that cannot be reached is refused before anything is made, with the window.
func TestRewindRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		point string
		off   bool
		known bool
		want  string
	}{
		"too old":             {"2020-01-01T00:00:00Z", false, true, "table orders cannot go back to 2020-01-01 00:00:00 UTC: it can be restored from 20"},
		"nobody said when":    {"latest", false, false, `nobody said to which instant table "orders" goes back`},
		"no earlier state":    {"before-disaster", true, true, "point-in-time recovery of table orders is off"},
		"longer ago than on":  {"-9000h", false, true, "cannot go back to"},
		"in days":             {"-36d", false, true, "cannot go back to"},
		"in the future":       {"2999-01-01T00:00:00Z", false, true, "is in the future"},
		"no instant to count": {"-15m", false, false, "nobody said when the disaster began"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			api := w.furnish(t, cloudtest.Primary(), "id", !tt.off)
			call := cloudtest.Call(t, cloudtest.Primary())
			if tt.known {
				call.Disaster = w.now()
			}
			_, err := w.ensure(t, config(step.Rewind, tt.point), &call)
			if err == nil || !strings.Contains(err.Error(), tt.want) || step.ClassOf(err) != step.Permanent {
				t.Errorf("%v, not %q", err, tt.want)
			}
			if out, err := api.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil || len(out.TableNames) != 1 {
				t.Errorf("%v, %v", out, err)
			}
		})
	}
}

// The promise: an instant that is a moment ahead of what can be restored is waited for.
func TestRewindWaitsForTheLatestInstant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	api := w.furnish(t, cloudtest.Primary(), "id", true)
	write(t, api, 0, 5, "good")
	good := sum(t, api)
	call := cloudtest.Call(t, cloudtest.Primary())
	call.Disaster = w.now().Add(2 * time.Second)
	out, err := w.ensure(t, config(step.Rewind, "before-disaster"), &call)
	if err != nil || sum(t, api) != good || out.Changed {
		t.Errorf("%+v, %v", out, err)
	}
}

// deleted is a world whose table was deleted with its system backup.
func deleted(tb testing.TB, recoverable bool) (*world, *dynamodb.Client, item.Sum) {
	tb.Helper()
	w := newWorld(tb)
	api := w.furnish(tb, cloudtest.Primary(), "id", recoverable)
	write(tb, api, 0, 60, "good")
	good := sum(tb, api)
	deleteTable(tb, api)
	return w, api, good
}

func deleteTable(tb testing.TB, api *dynamodb.Client) {
	tb.Helper()
	if _, err := api.DeleteTable(tb.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(orders)}); err != nil {
		tb.Fatal(err)
	}
	err := dynamodb.NewTableNotExistsWaiter(api, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 20*time.Millisecond
	}).
		Wait(tb.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(orders)}, time.Minute)
	if err != nil {
		tb.Fatal(err)
	}
}

// The promise: restore keeps the contract of steps; the table is there under its name with all its items.
func TestRestoreConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 4, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w, api, good := deleted(tb, true)
		return steptest.World{
			Step: func() (step.Step, error) { return w.step(tb, f, config(step.Restore, "latest")), nil },
			Call: cloudtest.Call(tb, cloudtest.Primary()),
			Check: func() error {
				if got := sum(tb, api); got != good {
					return fmt.Errorf("%d items with digest %s, not %d with %s", got.Count, got, good.Count, good)
				}
				return nil
			},
		}
	}})
}

// The promise: without a backup nothing is made, and a person decides; a table that is there is left alone.
func TestRestoreWithoutABackup(t *testing.T) {
	t.Parallel()
	w, api, _ := deleted(t, false)
	call, cfg := cloudtest.Call(t, cloudtest.Primary()), config(step.Restore, "latest")
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok || ask.Key != "without-data" || !strings.Contains(ask.Prompt, "no copy of the data of table orders") {
		t.Fatalf("%v", err)
	}
	answer(&call, ask.Key, step.Approve)
	if out, err := w.ensure(t, cfg, &call); err != nil || !strings.Contains(out.Summary, "stays without its data, as ann decided") {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err := api.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil || len(out.TableNames) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	w.furnish(t, cloudtest.Primary(), "id", false)
	p, err := w.step(t, nil, cfg).Probe(t.Context(), &call)
	if err != nil || p.Status != step.Done || p.Reason != "table orders is there" {
		t.Errorf("%+v, %v", p, err)
	}
	if out, err := w.ensure(t, cfg, &call); err != nil || out.Changed || len(out.Outputs) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: where there is no copy, nothing is touched until a person decides, and a refusal fails.
func TestEmptyIsDecidedByAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Empty, "latest")
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok || !strings.Contains(ask.Detail, "no vault survives") {
		t.Fatalf("%v", err)
	}
	answer(&call, ask.Key, step.Reject)
	if _, err := w.ensure(t, cfg, &call); err == nil || !strings.Contains(err.Error(), "ann refused to go on without") {
		t.Errorf("%v", err)
	}
	answer(&call, ask.Key, step.Approve)
	out, err := w.ensure(t, cfg, &call)
	if d := facts(t, out.Outputs); err != nil || d.Strategy != "empty" || d.Recovered != 0 || d.Digest {
		t.Errorf("%+v, %v", d, err)
	}
}
