package awscloud

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// What a call may cost before we give up. The engine tries the step again, later and more patiently.
const (
	maxAttempts = 4
	maxBackoff  = 5 * time.Second
	dialTimeout = 5 * time.Second
	// answerTimeout bounds the silence after a request: a lost region may accept connections and say nothing.
	answerTimeout = 15 * time.Second
	// registryTimeout is longer: a registry hashes a layer of gigabytes before it answers the commit.
	registryTimeout = 2 * time.Minute
)

// Clients are the clients of one site. Each of them is guarded.
type Clients struct {
	Site           *plan.Site
	STS            *sts.Client
	S3             *s3.Client
	DynamoDB       *dynamodb.Client
	Streams        *dynamodbstreams.Client // of tables
	ECR            *ecr.Client
	IAM            *iam.Client
	SecretsManager *secretsmanager.Client
	SSM            *ssm.Client
	KMS            *kms.Client
	Lambda         *lambda.Client
	SQS            *sqs.Client
	APIGateway     *apigateway.Client
	Logs           *cloudwatchlogs.Client

	// Registry carries requests to the site's container registry, below the rates of ECR. It is guarded as the clients are.
	Registry http.RoundTripper

	cfg       aws.Config
	guard     *guard
	retryer   aws.Retryer // of Ask: so few calls slow down nobody
	endpoints proc.Env    // the user's environment, for AWS_ENDPOINT_URL_*; nil: it does not count
}

// open builds the clients of a site.
func (c *Cloud) open(ctx context.Context, site *plan.Site) (*Clients, error) {
	cfg, transport, err := c.config(ctx, site)
	if err != nil {
		return nil, err
	}
	s := &Clients{Site: site, cfg: cfg, guard: &guard{site: site, sts: sts.NewFromConfig(cfg), turn: make(chan struct{}, 1)}}
	s.retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff })
	if c.cfg.Endpoint == "" {
		s.endpoints = c.cfg.Env
	}
	s.Registry = &registry{next: c.wire(patient(transport)), site: site, limits: &c.limits, guard: s.guard}
	cfg.APIOptions = append(cfg.APIOptions, func(st *middleware.Stack) error {
		if err := st.Initialize.Add(s.guard, middleware.After); err != nil {
			return err
		}
		return st.Finalize.Insert(&throttle{site: site, limits: &c.limits}, "Retry", middleware.After)
	})
	s.STS = sts.NewFromConfig(cfg)
	s.S3 = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
	s.DynamoDB = dynamodb.NewFromConfig(cfg)
	s.Streams = dynamodbstreams.NewFromConfig(cfg)
	s.ECR = ecr.NewFromConfig(cfg)
	s.IAM = iam.NewFromConfig(cfg)
	s.SecretsManager = secretsmanager.NewFromConfig(cfg)
	s.SSM = ssm.NewFromConfig(cfg)
	s.KMS = kms.NewFromConfig(cfg)
	s.Lambda = lambda.NewFromConfig(cfg)
	s.SQS = sqs.NewFromConfig(cfg)
	s.APIGateway = apigateway.NewFromConfig(cfg)
	s.Logs = cloudwatchlogs.NewFromConfig(cfg)
	return s, nil
}

// buildable is the SDK's own client with our patience. It must be this type where AWS_CA_BUNDLE is set: LoadDefaultConfig
// adds the certificates to it and refuses any other.
func buildable() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answerTimeout
			t.TLSHandshakeTimeout = dialTimeout
			t.MaxIdleConnsPerHost = 64
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		})
}

func patient(t *http.Transport) *http.Transport {
	t = t.Clone()
	t.ResponseHeaderTimeout = registryTimeout
	return t
}

func (c *Cloud) wire(t http.RoundTripper) http.RoundTripper {
	t = plainBody{t}
	if c.cfg.Wire != nil {
		return c.cfg.Wire(t)
	}
	return t
}

// plainBody hides the WriteTo of the SDK's request bodies: smithy-go 1.28 closes a body as soon as the answer begins, whereupon WriteTo gives
// io.EOF, net/http takes that for a failed write, and a large answer from a near server is cut off while it is read.
type plainBody struct{ http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.RoundTripper.RoundTrip(r)
}

// client is the SDK's connection. Redirects are answers to it: S3 says with one where a bucket is.
func (c *Cloud) client(t *http.Transport) *http.Client {
	return &http.Client{Transport: c.wire(t), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// retryer is the SDK's adaptive mode: after a throttle it also slows down calls that were not sent yet.
func retryer() aws.Retryer {
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(s *retry.StandardOptions) {
			s.MaxAttempts, s.MaxBackoff = maxAttempts, maxBackoff
		})
	})
}
