// Package datatest gives the tests of what looks at a table's past a drill cloud whose clock stands still.
//
// Promise: each write happens in a second that the test chose, so that a test can ask for exactly what was true in it. What takes AWS minutes passes
// while it is waited for: each look at a table is a minute.
package datatest

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// Orders is the world's table. Its key is the text "id".
const Orders = "orders"

// World is a cloud with a table, whose time is the test's.
type World struct {
	*cloudtest.Cloud
	*dynamodb.Client // of the primary site

	now atomic.Int64 // nanoseconds since 1970
}

// Start is when worlds begin, and their table was made with point-in-time recovery.
func Start() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// New makes a world.
func New(tb testing.TB) *World {
	tb.Helper()
	w := &World{}
	w.now.Store(Start().UnixNano())
	sim, err := cloudsim.New(cloudsim.Config{Seed: 1, Clock: w})
	if err != nil {
		tb.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	tb.Cleanup(srv.Close)
	w.Cloud = &cloudtest.Cloud{URL: srv.URL, Sim: sim}
	w.Client = w.Open(tb, cloudtest.Primary()).DynamoDB
	_, err = w.CreateTable(tb.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(Orders), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err == nil {
		w.Advance(time.Second)
		_, err = w.UpdateContinuousBackups(tb.Context(), &dynamodb.UpdateContinuousBackupsInput{
			TableName: aws.String(Orders), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
		})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// Now is the world's time.
func (w *World) Now() time.Time { return time.Unix(0, w.now.Load()).UTC() }

// Advance lets time pass.
func (w *World) Advance(d time.Duration) { w.now.Add(int64(d)) }

// Sleep lets time pass until so long after Start.
func (w *World) Sleep(tb testing.TB, until time.Duration) {
	tb.Helper()
	d := Start().Add(until).Sub(w.Now())
	if d < 0 {
		tb.Fatalf("it is %v after the start already", w.Now().Sub(Start()))
	}
	w.Advance(d)
}

// Put writes an order so long after Start.
func (w *World) Put(tb testing.TB, at time.Duration, id, status string) {
	tb.Helper()
	w.Sleep(tb, at)
	_, err := w.PutItem(tb.Context(), &dynamodb.PutItemInput{TableName: aws.String(Orders), Item: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: id}, "status": &types.AttributeValueMemberS{Value: status},
	}})
	if err != nil {
		tb.Fatal(err)
	}
}

// Delete deletes an order so long after Start.
func (w *World) Delete(tb testing.TB, at time.Duration, id string) {
	tb.Helper()
	w.Sleep(tb, at)
	_, err := w.DeleteItem(tb.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(Orders), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}})
	if err != nil {
		tb.Fatal(err)
	}
}

// Tables gives the names of the tables that are there and stay.
func (w *World) Tables(tb testing.TB) string {
	tb.Helper()
	w.Advance(time.Minute) // what is being deleted is gone
	out, err := w.ListTables(tb.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Join(out.TableNames, " ")
}

// DescribeTable takes a minute.
func (w *World) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, more ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	w.Advance(time.Minute)
	return w.Client.DescribeTable(ctx, in, more...)
}
