// Package sim is what every service of the drill cloud stands on: the world they share, the call they answer, and
// the wire protocols of AWS.
//
// Promise: a service is a plain http.Handler behind the gateway. It learns who calls, and in which account and region,
// from its Call; it tells time and makes identifiers through the World, so that the same seed gives the same
// cloud; it saves and loads all of its state as JSON, so that a cloud can be stopped and started again.
package sim

import (
	"context"
	"encoding/json"
	"net/http"
)

// Scope is where a regional resource lives.
type Scope struct {
	Account string // 12 digits
	Region  string // such as eu-west-2
}

// Call is one AWS API call as the gateway understood it.
type Call struct {
	Scope
	Service   string // the service name of the SigV4 credential scope: s3, dynamodb, sts...
	AccessKey string
	CallerARN string // the principal: arn:aws:iam::ACCOUNT:root, or an assumed-role ARN
	RequestID string
	Host      string // the host and port that the client called, for the URLs in answers
}

// Service answers the calls of one AWS service, for all accounts and regions.
type Service interface {
	// ServeHTTP answers a call; CallFrom(r.Context()) tells whose and where. It must be safe for concurrent use.
	http.Handler
	// Names are the SigV4 service names that are routed here. The first one names the service in snapshots.
	Names() []string
	// Save gives the whole state. Load replaces the whole state by one that Save gave.
	Save() (json.RawMessage, error)
	Load(state json.RawMessage) error
}

type callKey struct{}

// WithCall attaches the call to a request's context. Only the gateway does this, and tests of one service.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallFrom gives the call of a request that came through the gateway.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	if c == nil {
		c = &Call{}
	}
	return c
}

// ARN builds arn:aws:service:region:account:resource in this scope.
func (s Scope) ARN(service, resource string) string {
	return "arn:aws:" + service + ":" + s.Region + ":" + s.Account + ":" + resource
}
