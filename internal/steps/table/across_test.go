package table_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// refuge is where the application goes: another region of its own account.
func refuge() *plan.Site {
	return &plan.Site{Name: "refuge", Account: cloudtest.Primary().Account, Region: "eu-west-1"}
}

// leaving is a world whose primary has 60 orders and a time to live, and is about to be left. Nothing is written there any more.
func leaving(tb testing.TB) (*world, *dynamodb.Client, step.Call, item.Sum) {
	tb.Helper()
	w := newWorld(tb)
	old := w.furnish(tb, cloudtest.Primary(), "id", true)
	_, err := old.UpdateTimeToLive(tb.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(orders), TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: aws.String("until")},
	})
	if err != nil {
		tb.Fatal(err)
	}
	write(tb, old, 0, 60, "good")
	call := cloudtest.Call(tb, refuge())
	call.Disaster = w.settle(tb, old)
	return w, old, call, sum(tb, old)
}

// The promise: a restore from another region keeps the contract of steps: killed at any call it goes on, and the table has the old one's digest.
func TestRestoreAcrossConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 4, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w, _, call, want := leaving(tb)
		return steptest.World{
			Step: func() (step.Step, error) { return w.step(tb, f, config(step.Restore, "latest")), nil },
			Call: call,
			Check: func() error {
				if got := sum(tb, w.Open(tb, refuge()).DynamoDB); got != want {
					return fmt.Errorf("%d items with digest %s, not %d with %s", got.Count, got, want.Count, want)
				}
				return nil
			},
		}
	}})
}

// The promise: the new table has the items of the moment of the disaster, and the settings of the table that it comes from.
func TestRestoreAcrossBringsItemsAndSettings(t *testing.T) {
	t.Parallel()
	w, _, call, want := leaving(t)
	out, err := w.ensure(t, config(step.Restore, "latest"), &call)
	if err != nil {
		t.Fatal(err)
	}
	d := facts(t, out.Outputs)
	if d.Strategy != "restore" || !d.Digest || d.Expected != want.Count || d.Recovered != want.Count || !d.Instant.Equal(call.Disaster) || len(out.Duties) != 0 {
		t.Errorf("%+v, %+v", d, out.Duties)
	}
	if !strings.Contains(out.Summary, "restored from eu-west-2 with 60 items") || !strings.Contains(out.Summary, "put back: time to live on until, point-in-time recovery") {
		t.Error(out.Summary)
	}
	s, err := setting.Read(t.Context(), w.Open(t, refuge()).DynamoDB, orders, w.now())
	if err != nil || s.TTL != "until" || !s.Recovery {
		t.Errorf("%+v, %v", s, err)
	}
}

// The promise: what is written at the old site after the instant is not hidden: it is a duty, and the digest does not match.
func TestRestoreAcrossTellsOfLaterWrites(t *testing.T) {
	t.Parallel()
	w, old, call, want := leaving(t)
	write(t, old, 60, 65, "later")
	out, err := w.ensure(t, config(step.Restore, call.Disaster.UTC().Format("2006-01-02T15:04:05Z")), &call)
	if err != nil {
		t.Fatal(err)
	}
	if d := facts(t, out.Outputs); d.Digest || d.Expected != 65 || d.Recovered != 60 || sum(t, w.Open(t, refuge()).DynamoDB) != want {
		t.Errorf("%+v", d)
	}
	if len(out.Duties) != 1 || !strings.Contains(out.Duties[0].Text, `table orders at site "primary" holds 65 items now, and differs`) {
		t.Errorf("%+v", out.Duties)
	}
}

// The promise: a table that is gone there comes back from the backup that DynamoDB made when it was deleted; without one a person decides.
func TestRestoreAcrossFromTheLastBackup(t *testing.T) {
	t.Parallel()
	w, old, call, want := leaving(t)
	if _, err := old.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(orders)}); err != nil {
		t.Fatal(err)
	}
	if err := dynamodb.NewTableNotExistsWaiter(old).Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(orders)}, time.Minute); err != nil {
		t.Fatal(err)
	}
	cfg := config(step.Restore, "latest")
	cfg.Vault = nil
	out, err := w.ensure(t, cfg, &call)
	if err != nil || sum(t, w.Open(t, refuge()).DynamoDB) != want || !strings.Contains(out.Summary, "from its last backup") {
		t.Fatalf("%s, %v", out.Summary, err)
	}
	if len(out.Duties) != 1 || out.Duties[0].Key != "settings" {
		t.Errorf("nobody recorded the settings: %+v", out.Duties)
	}
}

// The promise: a table that somebody else made is left alone; an empty one is no recovery.
func TestRestoreAcrossIntoATableThatIsThere(t *testing.T) {
	t.Parallel()
	w, _, call, _ := leaving(t)
	here := w.furnish(t, refuge(), "id", false)
	cfg := config(step.Restore, "latest")
	if _, err := w.ensure(t, cfg, &call); err == nil || !strings.Contains(err.Error(), "table orders is there and empty") || step.ClassOf(err) != step.Permanent {
		t.Errorf("%v", err)
	}
	write(t, here, 0, 3, "replica")
	if out, err := w.ensure(t, cfg, &call); err != nil || out.Changed || out.Summary != "table orders is there" || sum(t, here).Count != 3 {
		t.Errorf("%+v, %v", out, err)
	}
}
