package table_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
	"github.com/lifeboat-dr/lifeboat/internal/data/scan"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/table"
)

const (
	orders = "orders"
	bucket = "vault-of-shop"
	app    = "shop"
)

// world is a cloud in which a second is five hours and a half: a restore of 20 minutes takes 60 ms.
type world struct {
	*cloudtest.Cloud
	clock  clock.Clock
	ledger *table.Ledger
}

func newWorld(tb testing.TB) *world { tb.Helper(); return newWorldAt(tb, 20000) }

func newWorldAt(tb testing.TB, factor float64) *world {
	tb.Helper()
	fast := clock.Fast{Base: clock.System{}, Origin: clock.System{}.Now(), Factor: factor}
	sim, err := cloudsim.New(cloudsim.Config{Seed: 1, Clock: fast})
	if err != nil {
		tb.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	tb.Cleanup(srv.Close)
	return &world{Cloud: &cloudtest.Cloud{URL: srv.URL, Sim: sim}, clock: fast}
}

func (w *world) now() time.Time { return w.clock.Now() }

// furnish makes the table at a site, with the key given.
func (w *world) furnish(tb testing.TB, site *plan.Site, key string, recovers bool) *dynamodb.Client {
	tb.Helper()
	api := w.Open(tb, site).DynamoDB
	_, err := api.CreateTable(tb.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(orders), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: &key, KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS}},
	})
	if err == nil {
		err = dynamodb.NewTableExistsWaiter(api, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = 5*time.Millisecond, 20*time.Millisecond
		}).
			Wait(tb.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(orders)}, time.Minute)
	}
	if err == nil && recovers {
		_, err = api.UpdateContinuousBackups(tb.Context(), &dynamodb.UpdateContinuousBackupsInput{
			TableName: aws.String(orders), PointInTimeRecoverySpecification: recoverable(),
		})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return api
}

func order(id int, v string) item.Item {
	return item.Item{"id": &types.AttributeValueMemberS{Value: strconv.Itoa(id)}, "v": &types.AttributeValueMemberS{Value: v}}
}

// write puts the orders from, to (excluded).
func write(tb testing.TB, api *dynamodb.Client, from, to int, v string) {
	tb.Helper()
	var page load.Page
	for i := from; i < to; i++ {
		page.Writes = append(page.Writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: order(i, v)}})
	}
	if _, err := load.Run(tb.Context(), load.Config{Source: pages{page}, API: api, Table: orders}); err != nil {
		tb.Fatal(err)
	}
}

func remove(tb testing.TB, api *dynamodb.Client, id int) {
	tb.Helper()
	if _, err := api.DeleteItem(tb.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(orders), Key: item.Only(order(id, ""), []string{"id"})}); err != nil {
		tb.Fatal(err)
	}
}

// pages is one segment.
type pages []load.Page

func (pages) Segments() int { return 1 }

func (p pages) Read(_ context.Context, _ int, _ load.Position, yield func(load.Page) error) error {
	for _, page := range p {
		if err := yield(page); err != nil {
			return err
		}
	}
	return nil
}

func sum(tb testing.TB, api *dynamodb.Client) item.Sum {
	tb.Helper()
	s, err := scan.Table{API: api, Name: orders}.Sum(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// settle waits until what was written up to now can be restored, which is 5 minutes of the cloud, and gives that instant.
func (w *world) settle(tb testing.TB, api *dynamodb.Client) time.Time {
	tb.Helper()
	written := w.now().Add(time.Second).Truncate(time.Second)
	for {
		out, err := api.DescribeContinuousBackups(tb.Context(), &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(orders)})
		if err == nil && !out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime.Before(written) {
			return written
		}
		if err == nil {
			err = clock.Sleep(tb.Context(), time.Millisecond)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// protect exports the primary's table to the vault, whole.
func (w *world) protect(tb testing.TB) protect.Done { tb.Helper(); return w.export(tb, true) }

// mayRead lets the standby's account read the vault, as an import needs.
func mayRead(tb testing.TB, vault *s3.Client) {
	tb.Helper()
	statement := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":[%s],"Resource":["arn:aws:s3:::%s","arn:aws:s3:::%s/*"]}`
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[`+statement+`,`+statement+`]}`,
		cloudtest.Primary().Account, `"s3:AbortMultipartUpload","s3:PutObject","s3:PutObjectAcl"`, bucket, bucket, cloudtest.Standby().Account, `"s3:GetObject","s3:ListBucket"`, bucket, bucket)
	if _, err := vault.PutBucketPolicy(tb.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(bucket), Policy: &policy}); err != nil {
		tb.Fatal(err)
	}
}

// export exports the primary's table to the vault: whole, or what changed since the last export.
func (w *world) export(tb testing.TB, full bool) protect.Done {
	tb.Helper()
	vault, home := w.Open(tb, cloudtest.Vault()).S3, w.Open(tb, cloudtest.Primary()).DynamoDB
	w.settle(tb, home)
	_, _ = vault.CreateBucket(tb.Context(), &s3.CreateBucketInput{
		Bucket: aws.String(bucket), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cloudtest.Vault().Region)},
	}) // the second time it is there
	_, err := vault.PutBucketPolicy(tb.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(bucket), Policy: aws.String(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":["s3:AbortMultipartUpload","s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::%s/*"}]}`,
		cloudtest.Primary().Account, bucket))})
	if err != nil {
		tb.Fatal(err)
	}
	done, err := protect.Run(tb.Context(), protect.Config{
		API: home, Settings: home, Table: orders, Vault: export.Bucket{Store: vault, Name: bucket}, Writer: vault, Owner: cloudtest.Vault().Account, Full: full,
		Place: export.Place(app, "primary", orders), Tell: func(string) {}, Poll: time.Millisecond, Clock: w.clock,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return done
}

// config is a step for the table.
func config(s step.TableStrategy, point string) *step.TableConfig {
	return &step.TableConfig{
		Table:    &plan.Table{Block: plan.Block{Name: orders}, In: "data", Table: cloudtest.Text(orders), Point: point},
		Strategy: s, Why: "no vault survives", Vault: &plan.Vault{Site: "vault", Bucket: bucket}, Home: cloudtest.Primary(), App: app,
	}
}

func (w *world) step(tb testing.TB, f *steptest.Faults, cfg *step.TableConfig) step.Step {
	tb.Helper()
	s, err := table.New(table.Deps{
		Sites: w.Clients(f), Plan: cloudtest.Plan(), Clock: clock.System{}, Poll: 5 * time.Millisecond,
		Ledger: func(string) (*table.Ledger, error) { return w.ledger, nil },
	})(step.Spec{ID: "table/orders", Config: cfg})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// ensure asks as a new process does.
func (w *world) ensure(tb testing.TB, cfg *step.TableConfig, call *step.Call) (step.Outcome, error) {
	tb.Helper()
	return w.step(tb, nil, cfg).Ensure(tb.Context(), call)
}

func answer(call *step.Call, key string, d step.Decision) {
	call.Answers = map[string]step.Answer{key: {Decision: d, By: "ann"}}
}

// data is what reports read.
type data struct {
	Strategy  string    `json:"strategy"`
	Instant   time.Time `json:"instant"`
	Expected  int64     `json:"items_expected"`
	Recovered int64     `json:"items_recovered"`
	Lost      *int64    `json:"items_lost"`
	Wrong     *int64    `json:"items_wrong"`
	Refused   int64     `json:"items_refused"`
	Digest    bool      `json:"digest_match"`
}

func facts(tb testing.TB, out step.Outputs) (d data) {
	tb.Helper()
	raw, ok := out["data"].Reveal().(json.RawMessage)
	var err error
	if !ok {
		raw, err = json.Marshal(out["data"].Reveal())
	}
	if err == nil {
		err = json.Unmarshal(raw, &d)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func recoverable() *types.PointInTimeRecoverySpecification {
	return &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
}
