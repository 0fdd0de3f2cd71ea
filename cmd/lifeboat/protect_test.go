package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
)

// The accounts of the scripts about protect: the table's, at primary in eu-west-2, and the vault's, in eu-west-1.
const (
	tableAccount, tableRegion = "111111111111", "eu-west-2"
	vaultAccount, vaultRegion = "222222222222", "eu-west-1"
	vaultBucket               = "shop-vault"
)

// vaults are the drill clouds of the scripts about protect, by their address: their clocks.
type vaults struct {
	mu     sync.Mutex
	clocks map[string]*ahead
}

func (v *vaults) clock(ts *testscript.TestScript) *ahead {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.clocks[ts.Getenv("AWS_ENDPOINT_URL")]
}

// begin starts a drill cloud with the table "orders" of so many items at primary, and an empty bucket for the vault that lets the table's account
// write: `vault 20`. In it an export's five minutes are over as soon as it was asked for.
func (v *vaults) begin(ts *testscript.TestScript, _ bool, args []string) {
	clock := &ahead{}
	c, err := cloudsim.New(cloudsim.Config{Seed: 1, Clock: clock})
	ts.Check(err)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.ServeHTTP(w, r)
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ExportTableToPointInTime") {
			clock.by.Add(int64(5*time.Minute + time.Second))
		}
	}))
	ts.Defer(srv.Close)
	v.mu.Lock()
	v.clocks[srv.URL] = clock
	v.mu.Unlock()
	ts.Setenv("AWS_ENDPOINT_URL", srv.URL)
	ts.Setenv("AWS_SHARED_CREDENTIALS_FILE", ts.MkAbs("credentials"))
	ts.Setenv("AWS_CONFIG_FILE", ts.MkAbs("none"))

	ctx, api, bucket := context.Background(), tables(ts), store(ts)
	_, err = api.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: sdk.String("orders"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: sdk.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: sdk.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	})
	ts.Check(err)
	clock.by.Add(int64(time.Minute)) // until it is there
	v.pitr(ts, false, []string{"on"})
	_, err = bucket.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: sdk.String(vaultBucket), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: vaultRegion},
	})
	ts.Check(err)
	v.policy(ts, false, []string{"open"})
	v.put(ts, false, []string{"0", args[0]})
	v.later(ts, false, []string{"10m"})
}

func tables(ts *testscript.TestScript) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: tableRegion, BaseEndpoint: sdk.String(ts.Getenv("AWS_ENDPOINT_URL")), Credentials: credentials.NewStaticCredentialsProvider(tableAccount, "any", ""),
	})
}

func store(ts *testscript.TestScript) *s3.Client {
	return s3.New(s3.Options{
		Region: vaultRegion, BaseEndpoint: sdk.String(ts.Getenv("AWS_ENDPOINT_URL")), UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider(vaultAccount, "any", ""),
	})
}

// later puts the cloud's clock ahead: `later 20m`.
func (v *vaults) later(ts *testscript.TestScript, _ bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	v.clock(ts).by.Add(int64(d))
}

// put writes the orders from, to (excluded): `orders 20 25`.
func (v *vaults) put(ts *testscript.TestScript, _ bool, args []string) {
	from, err := strconv.Atoi(args[0])
	ts.Check(err)
	to, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := from; i < to; i++ {
		_, err := tables(ts).PutItem(context.Background(), &dynamodb.PutItemInput{TableName: sdk.String("orders"), Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: strconv.Itoa(i)}}})
		ts.Check(err)
	}
}

// pitr switches point-in-time recovery: `pitr off`.
func (v *vaults) pitr(ts *testscript.TestScript, _ bool, args []string) {
	_, err := tables(ts).UpdateContinuousBackups(context.Background(), &dynamodb.UpdateContinuousBackupsInput{
		TableName: sdk.String("orders"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: sdk.Bool(args[0] == "on")},
	})
	ts.Check(err)
}

// policy opens the vault for the table's account, or shuts it: `bucket shut`.
func (v *vaults) policy(ts *testscript.TestScript, _ bool, args []string) {
	var err error
	if args[0] == "shut" {
		_, err = store(ts).DeleteBucketPolicy(context.Background(), &s3.DeleteBucketPolicyInput{Bucket: sdk.String(vaultBucket)})
	} else {
		_, err = store(ts).PutBucketPolicy(context.Background(), &s3.PutBucketPolicyInput{Bucket: sdk.String(vaultBucket), Policy: sdk.String(fmt.Sprintf(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":["s3:AbortMultipartUpload","s3:PutObject","s3:PutObjectAcl"],"Resource":"arn:aws:s3:::%s/*"}]}`,
			tableAccount, vaultBucket))})
	}
	ts.Check(err)
}

// objects writes the vault's keys to a file, or damages one: `objects list`, `objects damage` spoils the last data file, `objects add KEY` puts one there.
func (v *vaults) objects(ts *testscript.TestScript, _ bool, args []string) {
	ctx, c := context.Background(), store(ts)
	out, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: sdk.String(vaultBucket)})
	ts.Check(err)
	keys := map[string]bool{}
	for _, o := range out.Contents {
		keys[*o.Key] = true
	}
	sorted := slices.Sorted(maps.Keys(keys))
	key := ""
	switch args[0] {
	case "add":
		key = args[1]
	case "damage":
		for _, k := range sorted {
			if strings.HasSuffix(k, ".json.gz") {
				key = k
			}
		}
	default:
		text := []byte(strings.Join(sorted, "\n") + "\n")
		_, err = ts.Stdout().Write(text)
		ts.Check(err)
		return
	}
	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: sdk.String(vaultBucket), Key: &key, Body: strings.NewReader("not what it was")})
	ts.Check(err)
}

func (v *vaults) commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){"vault": v.begin, "later": v.later, "orders": v.put, "pitr": v.pitr, "bucket": v.policy, "objects": v.objects}
}
