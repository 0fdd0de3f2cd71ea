// Package simtest serves one service of the drill cloud to real AWS clients, for that service's own tests.
//
// Promise: a call reaches the service with the account and region of its signature, as behind the gateway; the access key
// id is the account number. There is no disaster, delay or throttle here.
package simtest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Home is the account and region that Serve's configuration uses.
func Home() sim.Scope { return sim.Scope{Account: "111111111111", Region: "eu-west-2"} }

// Serve serves h until the test ends and gives the configuration of a client at Home.
func Serve(tb testing.TB, h http.Handler) aws.Config {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), call(r))))
	}))
	tb.Cleanup(srv.Close)
	return At(aws.Config{BaseEndpoint: aws.String(srv.URL), HTTPClient: srv.Client(), RetryMaxAttempts: 1}, Home())
}

// At is the same client in another account and region.
func At(cfg aws.Config, s sim.Scope) aws.Config {
	cfg.Region = s.Region
	cfg.Credentials = credentials.NewStaticCredentialsProvider(s.Account, "secret", "")
	return cfg
}

// call reads the SigV4 credential scope: KEY/DATE/REGION/SERVICE/aws4_request.
func call(r *http.Request) *sim.Call {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	p := strings.SplitN(rest, "/", 5)
	if len(p) < 5 {
		return &sim.Call{}
	}
	return &sim.Call{
		Scope: sim.Scope{Account: p[0], Region: p[2]}, Service: p[3], AccessKey: p[0],
		CallerARN: "arn:aws:iam::" + p[0] + ":root", RequestID: "test", Host: r.Host,
	}
}

// Do makes one call of a JSON protocol without a network, so that it works in a synctest bubble, and gives the answer.
func Do(tb testing.TB, h http.Handler, c *sim.Call, operation, body string) map[string]any {
	tb.Helper()
	r := httptest.NewRequestWithContext(sim.WithCall(tb.Context(), c), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Test."+operation)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		tb.Fatalf("%s: %v in %s", operation, err, w.Body)
	}
	return out
}

// WantCode fails the test unless err is the AWS error of that code.
func WantCode(tb testing.TB, err error, code string) {
	tb.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		tb.Fatalf("got %v, want %s", err, code)
	}
}
