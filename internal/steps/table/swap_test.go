package table_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

func stamp(at time.Time) string { return at.UTC().Format("20060102T150405Z") }

// dressed gives the damaged table every setting that a restore drops.
func dressed(tb testing.TB, api *dynamodb.Client) setting.Settings {
	tb.Helper()
	ctx, name := tb.Context(), aws.String(orders)
	was := settings(tb, api, orders)
	more := was
	more.Class, more.Stream, more.TTL, more.Protected, more.Days = types.TableClassStandardInfrequentAccess, types.StreamViewTypeNewImage, "expires", true, 7
	more.Tags, more.Insights = map[string]string{"team": "orders"}, map[string]types.ContributorInsightsMode{"": types.ContributorInsightsModeThrottledKeys}
	more.Policy = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"dynamodb:DeleteTable","Resource":[%q,"%s-archive"]}]}`, was.ARN, was.ARN)
	got, err := more.Back(ctx, setting.Target{API: api, Live: was, Ready: func(ctx context.Context) error {
		return dynamodb.NewTableExistsWaiter(api, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond, 5*time.Millisecond
		}).
			Wait(ctx, &dynamodb.DescribeTableInput{TableName: name}, time.Minute)
	}})
	if err != nil || len(got.Done) != 7 || len(got.Left) > 0 {
		tb.Fatalf("%+v, %v", got, err)
	}
	return settings(tb, api, orders)
}

func settings(tb testing.TB, api *dynamodb.Client, name string) setting.Settings {
	tb.Helper()
	s, err := setting.Read(tb.Context(), api, name, time.Time{})
	if err != nil || s.Err() != nil {
		tb.Fatalf("%v, %v", err, s.Err())
	}
	return s
}

// worn compares what tables are besides their items, names aside.
func worn(a, b setting.Settings) string {
	b.Policy = strings.ReplaceAll(b.Policy, b.ARN+`"`, a.ARN+`"`)
	b.Table, b.ARN, b.Taken = a.Table, a.ARN, a.Taken
	return cmp.Diff(a, b, cmpopts.IgnoreUnexported(setting.Settings{}), cmpopts.IgnoreUnexported(types.KeySchemaElement{}, types.AttributeDefinition{}, types.OnDemandThroughput{}))
}

// The promise: swap keeps the contract of steps: killed at any call it goes on; the copy has the digest of the instant and every setting of the damaged
// table, which is as it was.
func TestSwapConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 5, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w, api, good, disaster := damaged(tb)
		was := dressed(tb, api)
		bad, at := sum(tb, api), disaster.Add(-time.Second)
		call := cloudtest.Call(tb, cloudtest.Primary())
		call.Disaster = disaster
		answer(&call, "swap-"+stamp(at), step.Approve)
		beside := orders + "-lifeboat-" + stamp(at)
		return steptest.World{
			Step: func() (step.Step, error) { return w.step(tb, f, config(step.Swap, "before-disaster")), nil },
			Call: call,
			Check: func() error {
				got, err := scan.Table{API: api, Name: beside}.Sum(tb.Context())
				if err != nil || got != good || sum(tb, api) != bad {
					return fmt.Errorf("%d items with digest %s, not %d with %s, %w", got.Count, got, good.Count, good, err)
				}
				if d := worn(was, settings(tb, api, orders)) + worn(was, settings(tb, api, beside)); d != "" {
					return errors.New(d)
				}
				return nil
			},
		}
	}})
}

// The promise: what the table that takes the place gets besides its items, and what it does not get, is said with the question, and is in the outcome.
func TestSwapCarriesSettings(t *testing.T) {
	t.Parallel()
	w, api, _, disaster := damaged(t)
	dressed(t, api)
	call, cfg := cloudtest.Call(t, cloudtest.Primary()), config(step.Swap, "before-disaster")
	call.Disaster = disaster
	const gets = "table class STANDARD_INFREQUENT_ACCESS, stream NEW_IMAGE, time to live on expires, tags team, resource policy, contributor insights, point-in-time recovery over 35 days, deletion protection"
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok || !strings.Contains(ask.Detail, "\nIt gets what a restore drops: "+gets+"\nNothing is written") {
		t.Fatalf("%v\n%s", err, ask.Detail)
	}
	answer(&call, ask.Key, step.Approve)
	out, err := w.ensure(t, cfg, &call)
	if err != nil || !strings.Contains(out.Summary, "; put back: "+gets) {
		t.Fatalf("%+v, %v", out, err)
	}
	if last := out.Duties[len(out.Duties)-1].Text; !strings.Contains(last, "aws dynamodb update-table --no-deletion-protection-enabled --region eu-west-2 --table-name orders, then aws dynamodb delete-table") {
		t.Error(last)
	}
}

// The promise: a person sees what differs before anything follows; then later steps get the name of the copy, and people are told which name
// to write where, how to delete the old table, and how to go back to it. From another machine the same comes out.
func TestSwapAsksAndRenames(t *testing.T) {
	t.Parallel()
	w, api, good, disaster := damaged(t)
	bad := sum(t, api)
	call, cfg := cloudtest.Call(t, cloudtest.Primary()), config(step.Swap, "latest")
	cfg.Table.Address = "aws_dynamodb_table.orders"
	call.Disaster = disaster
	name := orders + "-lifeboat-" + stamp(disaster.Add(-time.Second))
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok || !strings.Contains(ask.Prompt, "Put table "+name+", restored as of ") ||
		!strings.Contains(ask.Detail, "It holds 60 items, digest "+good.String()+". Of the items of the two\n13 were changed since\n2 were deleted since, and come back\n3 are new since, and stay behind\n45 are the same") {
		t.Fatalf("%v", err)
	}
	answer(&call, ask.Key, step.Reject)
	if _, err := w.ensure(t, cfg, &call); err == nil || !strings.Contains(err.Error(), "ann refused to swap table orders") {
		t.Errorf("%v", err)
	}
	answer(&call, ask.Key, step.Approve)
	elsewhere := call
	elsewhere.Dir = t.TempDir()
	for _, c := range []*step.Call{&call, &elsewhere} {
		out, err := w.ensure(t, cfg, c)
		if err != nil || sum(t, api) != bad {
			t.Fatal(err)
		}
		if got := out.Outputs[step.Renamed]; got.Reveal() != name {
			t.Errorf("the table is called %v", got)
		}
		if d := facts(t, out.Outputs); d.Strategy != "swap" || d.Expected != 60 || d.Recovered != 60 || !d.Digest || !d.Instant.Equal(disaster.Add(-time.Second)) {
			t.Errorf("%+v", d)
		}
		if len(out.Duties) != 2 || !strings.Contains(out.Duties[0].Text, `table "orders" is called `+name+" now") ||
			!strings.Contains(out.Duties[1].Text, "delete-table --region eu-west-2 --table-name orders.") ||
			!strings.Contains(out.Duties[1].Text, "terraform state rm 'aws_dynamodb_table.orders'; terraform import 'aws_dynamodb_table.orders' orders; terraform apply") {
			t.Errorf("%+v", out.Duties)
		}
	}
	p, err := w.step(t, nil, cfg).Probe(t.Context(), &call)
	if err != nil || p.Status != step.Done || p.Outputs[step.Renamed].Reveal() != name || len(p.Duties) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

// The promise: where the earlier state is the present one nothing takes the table's place.
func TestSwapOfWhatIsRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	api := w.furnish(t, cloudtest.Primary(), "id", true)
	write(t, api, 0, 5, "good")
	call := cloudtest.Call(t, cloudtest.Primary())
	call.Disaster = w.settle(t, api).Add(time.Second)
	out, err := w.ensure(t, config(step.Swap, "before-disaster"), &call)
	if err != nil || out.Outputs[step.Renamed].Reveal() != orders || !strings.Contains(out.Summary, "and stays: 5 items") || len(out.Duties) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: the table that took another's place can be swapped too: its copy is called after the first, however often, and never as itself.
func TestSwapTwice(t *testing.T) {
	t.Parallel()
	w, api, _, disaster := damaged(t)
	call, cfg := cloudtest.Call(t, cloudtest.Primary()), config(step.Swap, "before-disaster")
	call.Disaster = disaster
	at := disaster.Add(-time.Second)
	answer(&call, "swap-"+stamp(at), step.Approve)
	out, err := w.ensure(t, cfg, &call)
	first, ok := out.Outputs[step.Renamed].Reveal().(string)
	if err != nil || !ok {
		t.Fatal(err)
	}
	_, err = api.UpdateContinuousBackups(t.Context(), &dynamodb.UpdateContinuousBackupsInput{TableName: &first, PointInTimeRecoverySpecification: recoverable()})
	if err != nil {
		t.Fatal(err)
	}
	written := w.now().Truncate(time.Second).Add(time.Second)
	cfg.Table = &plan.Table{Block: cfg.Table.Block, In: cfg.Table.In, Table: cloudtest.Text(first), Point: written.UTC().Format(time.RFC3339)}
	call = cloudtest.Call(t, cloudtest.Primary())
	call.Disaster = written.Add(time.Minute)
	out, err = w.ensure(t, cfg, &call)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(orders + "-lifeboat-" + stamp(written))}); err != nil {
		t.Errorf("%s, %v", out.Summary, err)
	}
}
