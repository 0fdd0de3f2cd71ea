package dynamodb_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/dynamodbtest"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

var scope = sim.Scope{Account: "111111111111", Region: "eu-west-2"}

// serve serves a DynamoDB as the gateway does, in one account and region.
func serve(tb testing.TB, s *dynamodb.Service) *awsdynamodb.Client {
	tb.Helper()
	return serveAt(tb, s, scope)
}

func serveAt(tb testing.TB, s *dynamodb.Service, scope sim.Scope) *awsdynamodb.Client {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), &sim.Call{Scope: scope, Service: "dynamodb"})))
	}))
	tb.Cleanup(server.Close)
	return client(server.URL)
}

func client(url string) *awsdynamodb.Client {
	return awsdynamodb.New(awsdynamodb.Options{
		Region: scope.Region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider(scope.Account, "secret", ""),
		Retryer: aws.NopRetryer{}, HTTPClient: &http.Client{Transport: plainBody{&http.Transport{MaxIdleConnsPerHost: 64}}},
	})
}

// plainBody hides the WriteTo of the SDK's request bodies: smithy-go 1.28 closes a body as soon as the answer begins,
// whereupon WriteTo gives io.EOF, net/http takes that for a failed write, and an answer from a server as near as
// this one is cut off while it is read.
type plainBody struct{ http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.RoundTripper.RoundTrip(r)
}

func quick(s *dynamodb.Service) *dynamodb.Service {
	s.Timing = dynamodb.Timing{Create: time.Millisecond, Update: time.Millisecond, Delete: time.Millisecond}
	return s
}

// What the suite says of a DynamoDB holds for ours.
func TestConformance(t *testing.T) {
	t.Parallel()
	c := serve(t, quick(dynamodb.New(sim.NewWorld(1, nil), nil, nil)))
	dynamodbtest.Run(t, func(*testing.T) *awsdynamodb.Client { return c })
}
