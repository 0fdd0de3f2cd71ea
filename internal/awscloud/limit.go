package awscloud

import (
	"context"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// limit is a documented rate of an API class, per account and region.
type limit struct {
	class string
	rate  float64 // calls a second
}

// limitOf gives the class of an operation and its rate. Operations without a documented rate that a recovery could reach have none; the
// adaptive retry mode slows those down when AWS asks. The services are named as the SDK's service ids.
func limitOf(service, operation string) (limit, bool) {
	switch service {
	case "ECR": // Amazon ECR service quotas
		switch operation {
		case "PutImage":
			return limit{"ecr PutImage", 10}, true
		case "InitiateLayerUpload", "CompleteLayerUpload":
			return limit{"ecr " + operation, 100}, true
		}
	case "SSM": // AWS Systems Manager quotas, "Parameter Store throughput", default
		switch operation {
		case "PutParameter":
			return limit{"ssm PutParameter", 3}, true
		case "GetParameter", "GetParameters", "GetParametersByPath":
			return limit{"ssm GetParameter", 40}, true
		}
	case "Secrets Manager": // AWS Secrets Manager quotas
		switch operation {
		case "CreateSecret", "RestoreSecret", "PutSecretValue", "UpdateSecret", "TagResource":
			return limit{"secretsmanager " + operation, 50}, true
		}
	case "Lambda": // Lambda quotas, "Function configuration, deployment, and execution"
		if operation == "GetFunction" {
			return limit{"lambda GetFunction", 100}, true
		}
		return limit{"lambda control plane", 15}, true
	case "API Gateway": // Amazon API Gateway Developer Guide, "Quotas for creating, deploying and managing an API"
		if operation == "CreateApiKey" {
			return limit{"apigateway CreateApiKey", 5}, true
		}
		return limit{"apigateway control plane", 10}, true
	case "DynamoDB": // Service quotas in DynamoDB, "API-specific limits"
		if operation == "RestoreTableFromBackup" || operation == "RestoreTableToPointInTime" {
			return limit{"dynamodb restore", 10}, true
		}
	}
	return limit{}, false
}

// bucketKey is whom AWS counts a rate for.
type bucketKey struct{ account, region, class string }

// buckets are the token buckets of all sites. The zero value is ready.
type buckets struct {
	mu sync.Mutex
	m  map[bucketKey]*bucket
}

// bucket holds up to one second's worth of calls. A level below zero is calls that wait.
type bucket struct {
	level float64
	at    time.Time
}

// wait takes a token of the operation's class, later if there is none now.
func (b *buckets) wait(ctx context.Context, site *plan.Site, service, operation string) error {
	l, ok := limitOf(service, operation)
	if !ok {
		return nil
	}
	return clock.Sleep(ctx, b.take(bucketKey{site.Account, site.Region, l.class}, l.rate, clock.System{}.Now()))
}

// take gives how long the caller has to wait for its token.
func (b *buckets) take(key bucketKey, rate float64, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.m[key]
	if t == nil {
		if b.m == nil {
			b.m = map[bucketKey]*bucket{}
		}
		t = &bucket{level: rate, at: now}
		b.m[key] = t
	}
	t.level = min(rate, t.level+now.Sub(t.at).Seconds()*rate) - 1
	t.at = now
	if t.level >= 0 {
		return 0
	}
	return time.Duration(-t.level / rate * float64(time.Second))
}

// throttle is the middleware that waits before each attempt.
type throttle struct {
	site   *plan.Site
	limits *buckets
}

var _ middleware.FinalizeMiddleware = (*throttle)(nil)

// ID names the middleware.
func (*throttle) ID() string { return "lifeboat/limit" }

// HandleFinalize waits for the rate of the operation's class.
func (t *throttle) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	if err := t.limits.wait(ctx, t.site, middleware.GetServiceID(ctx), middleware.GetOperationName(ctx)); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	return next.HandleFinalize(ctx, in)
}
