package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/rogpeppe/go-internal/testscript"
)

// tableOf reaches the table of a script, in the drill cloud that `cloud` started.
func tableOf(ts *testscript.TestScript) *dynamodb.Client {
	endpoint := ts.Getenv("AWS_ENDPOINT_URL")
	return dynamodb.New(dynamodb.Options{
		Region: "eu-west-2", BaseEndpoint: &endpoint, HTTPClient: http.DefaultClient,
		Credentials: credentials.NewStaticCredentialsProvider(ts.Getenv("AWS_ACCESS_KEY_ID"), "any", ""),
	})
}

// makeTable makes a table that can be restored, with a stream: `table orders`.
func makeTable(ts *testscript.TestScript, _ bool, args []string) {
	ctx, api := context.Background(), tableOf(ts)
	_, err := api.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &args[0], BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: sdk.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: sdk.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: sdk.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	ts.Check(err)
	wait := dynamodb.NewTableExistsWaiter(api, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 20*time.Millisecond
	})
	ts.Check(wait.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &args[0]}, time.Minute))
	_, err = api.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &args[0], PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: sdk.Bool(true)}})
	ts.Check(err)
}

// putItems writes so many items with a status: `items orders 3 good`.
func putItems(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := range n {
		_, err := tableOf(ts).PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &args[0], Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: fmt.Sprint(i)}, "status": &types.AttributeValueMemberS{Value: args[2]},
		}})
		ts.Check(err)
	}
}

// restorable waits until what was written up to now can be restored, which in a cloud that is a thousand times as fast takes 0.3 s.
func restorable(ts *testscript.TestScript, _ bool, args []string) {
	ctx, api := context.Background(), tableOf(ts)
	var first time.Time
	for range 1000 {
		out, err := api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &args[0]})
		ts.Check(err)
		latest := *out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime
		if first.IsZero() {
			first = latest
		}
		if latest.Sub(first) > 11*time.Minute { // it may stand still for the first five
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s cannot be restored as of now", args[0])
}

// onlyTables wants these tables and no others, once what is being deleted is gone: `tables orders`.
func onlyTables(ts *testscript.TestScript, _ bool, args []string) {
	var got []string
	for range 200 {
		out, err := tableOf(ts).ListTables(context.Background(), &dynamodb.ListTablesInput{})
		ts.Check(err)
		if got = out.TableNames; fmt.Sprint(got) == fmt.Sprint(args) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("tables %v, not %v", got, args)
}
