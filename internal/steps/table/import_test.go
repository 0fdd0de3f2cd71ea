package table_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/setting"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// chained is a world whose vault has a full export of 130 orders, and a later one in which 9 were changed, 2 deleted and 3 are new.
func chained(tb testing.TB) (*world, item.Sum) {
	tb.Helper()
	w := newWorldAt(tb, 5000)
	home := w.furnish(tb, cloudtest.Primary(), "id", true)
	_, err := home.UpdateTimeToLive(tb.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(orders), TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: aws.String("until")},
	})
	if err != nil {
		tb.Fatal(err)
	}
	for {
		write(tb, home, 0, 130, "good")
		for id := 130; id < 133; id++ {
			remove(tb, home, id)
		}
		w.protect(tb)
		write(tb, home, 0, 9, "later")
		remove(tb, home, 20)
		remove(tb, home, 21)
		write(tb, home, 130, 133, "new")
		done := w.export(tb, false)
		for done.Fresh { // an incremental export is of 15 minutes at least
			done = w.export(tb, false)
		}
		if !done.Export.Full { // it is when this machine slept for a day of the cloud
			mayRead(tb, w.Open(tb, cloudtest.Vault()).S3)
			return w, sum(tb, home)
		}
	}
}

// The promise: import keeps the contract of steps: killed at any call it goes on, with the same import, and the table has the digest of the
// chain at the end.
func TestImportConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 3, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		w, want := chained(tb)
		return steptest.World{
			Step: func() (step.Step, error) { return w.step(tb, f, config(step.Import, "latest")), nil },
			Call: cloudtest.Call(tb, cloudtest.Standby()),
			Check: func() error {
				here := w.Open(tb, cloudtest.Standby()).DynamoDB
				if got := sum(tb, here); got != want {
					return fmt.Errorf("%d items with digest %s, not %d with %s", got.Count, got, want.Count, want)
				}
				out, err := here.ListImports(tb.Context(), &dynamodb.ListImportsInput{})
				if err == nil && len(out.ImportSummaryList) != 1 {
					err = fmt.Errorf("%d imports", len(out.ImportSummaryList))
				}
				return err
			},
		}
	}})
}

// The promise: what the vault recorded makes the table: its key, its billing, its settings; the outcome names what was put back.
func TestImportMakesTheTableAsItWas(t *testing.T) {
	t.Parallel()
	w, want := chained(t)
	call := cloudtest.Call(t, cloudtest.Standby())
	out, err := w.ensure(t, config(step.Import, "latest"), &call)
	if err != nil {
		t.Fatal(err)
	}
	if d := facts(t, out.Outputs); d.Strategy != "import" || !d.Digest || d.Expected != want.Count || d.Recovered != want.Count || d.Instant.IsZero() {
		t.Errorf("%+v", d)
	}
	for _, words := range []string{"131 items of ", "14 changed by later exports", "digest equal", "put back: time to live on until, point-in-time recovery over 35 days"} {
		if !strings.Contains(out.Summary, words) {
			t.Errorf("%q is not in %q", words, out.Summary)
		}
	}
	s, err := setting.Read(t.Context(), w.Open(t, cloudtest.Standby()).DynamoDB, orders, w.now())
	if err != nil || s.TTL != "until" || !s.Recovery || s.Billing != types.BillingModePayPerRequest {
		t.Errorf("%+v, %v", s, err)
	}
}

// The promise: an import that may not read the vault makes no table and says what is missing; once a person has allowed it, the run goes on.
func TestImportGoesOnAfterARefusal(t *testing.T) {
	t.Parallel()
	w, want := lost(t, 20)
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Import, "latest")
	for range 2 {
		_, err := w.ensure(t, cfg, &call)
		if err == nil || step.ClassOf(err) != step.Permanent || !strings.Contains(err.Error(), "the import of table orders failed: S3AccessDenied") || !strings.Contains(err.Error(), "account 222222222222 may read bucket vault-of-shop") {
			t.Fatalf("%v", err)
		}
	}
	mayRead(t, w.Open(t, cloudtest.Vault()).S3)
	if _, err := w.ensure(t, cfg, &call); err != nil || sum(t, w.Open(t, cloudtest.Standby()).DynamoDB) != want {
		t.Error(err)
	}
}

// amend changes the settings that the vault has.
func amend(tb testing.TB, w *world, change func(*setting.Settings)) {
	tb.Helper()
	vault, key := w.Open(tb, cloudtest.Vault()).S3, aws.String("lifeboat/shop/primary/orders/settings.json")
	got, err := vault.GetObject(tb.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: key})
	if err != nil {
		tb.Fatal(err)
	}
	var s setting.Settings
	text, err := io.ReadAll(got.Body)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if change(&s); err == nil {
		text, err = json.Marshal(s)
	}
	if err == nil {
		_, err = vault.PutObject(tb.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: key, Body: strings.NewReader(string(text))})
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// The promise: items that the import refuses are found and named, each with its reason; none is dropped in silence.
func TestImportNamesWhatItRefuses(t *testing.T) {
	t.Parallel()
	w, _ := chained(t)
	amend(t, w, func(s *setting.Settings) { // "v" is the key of an index now, and a number
		s.Attributes = append(s.Attributes, types.AttributeDefinition{AttributeName: aws.String("v"), AttributeType: types.ScalarAttributeTypeN})
		s.Global = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-v"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("v"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}
	})
	call := cloudtest.Call(t, cloudtest.Standby())
	out, err := w.ensure(t, config(step.Import, "latest"), &call)
	if err != nil {
		t.Fatal(err)
	}
	d := facts(t, out.Outputs)
	if d.Digest || d.Recovered != 0 || d.Refused < 131 || !strings.Contains(out.Summary, "the import failed (ItemValidationError: 130 items, see log group /aws-dynamodb/imports)") {
		t.Errorf("%+v: %s", d, out.Summary)
	}
	if len(out.Duties) == 0 || out.Duties[0].Key != "refused" || !strings.Contains(out.Duties[0].Text, "refused.jsonl") {
		t.Errorf("%+v", out.Duties)
	}
}

// The promise: a table that is there already is not imported over: the export is loaded into it, as its own rules say.
func TestImportLoadsIntoATableThatIsThere(t *testing.T) {
	t.Parallel()
	w, want := chained(t)
	here := w.furnish(t, cloudtest.Standby(), "id", false)
	call := cloudtest.Call(t, cloudtest.Standby())
	out, err := w.ensure(t, config(step.Import, "latest"), &call)
	if err != nil || sum(t, here) != want || !strings.Contains(out.Summary, "loaded from the vault") {
		t.Errorf("%s, %v", out.Summary, err)
	}
}

// The promise: what an import cannot make as it was is refused before anything is made, with the way out.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*setting.Settings)
		want   string
	}{
		"local indexes":     {func(s *setting.Settings) { s.Local = []string{"by-day"} }, "table orders has local secondary indexes (by-day)"},
		"another key":       {func(s *setting.Settings) { s.Keys[0].AttributeName = aws.String("sku") }, "have the key (sku), and its export (id)"},
		"an unknown form":   {func(s *setting.Settings) { s.Schema = "lifeboat.settings/v9" }, `have the form "lifeboat.settings/v9"`},
		"an older Lifeboat": {nil, `the vault does not know what table "orders" is besides its items`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := lost(t, 20)
			if tt.change != nil {
				amend(t, w, tt.change)
			} else if _, err := w.Open(t, cloudtest.Vault()).S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("lifeboat/shop/primary/orders/settings.json")}); err != nil {
				t.Fatal(err)
			}
			call := cloudtest.Call(t, cloudtest.Standby())
			_, err := w.ensure(t, config(step.Import, "latest"), &call)
			if err == nil || !strings.Contains(err.Error(), tt.want) || step.ClassOf(err) != step.Permanent {
				t.Errorf("%v, not %q", err, tt.want)
			}
			if out, err := w.Open(t, cloudtest.Standby()).DynamoDB.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil || len(out.TableNames) != 0 {
				t.Errorf("%v, %v", out, err)
			}
		})
	}
}
