package cloudsim

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// BenchmarkCall compares a call to a service through the gateway with the same call to the service alone.
func BenchmarkCall(b *testing.B) {
	c, n := small(b, Config{Throttle: true})
	r := request(b.Context(), "http://127.0.0.1", primary, london, "ssm", "GetParameters2")
	b.Run("gateway", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
	bare := r.WithContext(sim.WithCall(r.Context(), &sim.Call{Scope: sim.Scope{Account: primary, Region: london}}))
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n.ServeHTTP(httptest.NewRecorder(), bare)
		}
	})
}

// BenchmarkGetItem asks over one connection for an item of a table: through a strict, throttling gateway that verifies each signature,
// and the same handler without the gateway. Client and server share one core.
func BenchmarkGetItem(b *testing.B) {
	c, err := New(Config{Strict: true, Throttle: true})
	if err != nil {
		b.Fatal(err)
	}
	url := serve(b, c)
	tables := dynamodb.New(dynamodb.Options{Region: london, BaseEndpoint: &url, Credentials: held(aws.Credentials{AccessKeyID: primary, SecretAccessKey: primary})})
	if _, err := tables.CreateTable(b.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("events"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	}); err != nil {
		b.Fatal(err)
	}
	if err := dynamodb.NewTableExistsWaiter(tables, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 50 * time.Millisecond }).Wait(b.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("events")}, time.Minute); err != nil {
		b.Fatal(err)
	}
	if _, err := tables.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String("events"), Item: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "one"}, "text": &types.AttributeValueMemberS{Value: strings.Repeat("x", 400)},
	}}); err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := &sim.Call{Scope: sim.Scope{Account: primary, Region: london}, Service: "dynamodb"}
		c.routes["dynamodb"].ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), call)))
	}))
	b.Cleanup(bare.Close)
	b.Run("gateway", func(b *testing.B) { getItems(b, url) })
	b.Run("bare", func(b *testing.B) { getItems(b, bare.URL) })
}

// getItems writes one signed request again and again: the client costs next to nothing.
func getItems(b *testing.B, url string) {
	b.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const body = `{"TableName":"events","Key":{"id":{"S":"one"}}}`
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	sign(b, r, "dynamodb", digestOf(body), time.Now())
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		b.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", r.URL.Host)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(text.Bytes()); err != nil {
			b.Fatal(err)
		}
		resp, err := http.ReadResponse(answers, r)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); resp.StatusCode != http.StatusOK || n < 400 || err != nil {
			b.Fatalf("%s, %d bytes: %v", resp.Status, n, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
