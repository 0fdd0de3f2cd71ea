package awscloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func jsonError(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
	}
}

// The promise: every failure says its class, the action that is missing, and what to do.
func TestExplain(t *testing.T) {
	t.Parallel()
	describe := func(ctx context.Context, c *awscloud.Clients) error {
		_, err := c.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: new("t")})
		return err
	}
	read := func(ctx context.Context, c *awscloud.Clients) error {
		_, err := c.SecretsManager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: new("s")})
		return err
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		call   func(context.Context, *awscloud.Clients) error
		class  step.Class
		action string
		says   string
	}{
		"a missing permission": {jsonError(400, "AccessDeniedException", "no"), read, step.Permanent, "secretsmanager:GetSecretValue", "Allow the credentials to perform secretsmanager:GetSecretValue"},
		"AWS names the permission": {
			jsonError(400, "AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt on resource"), read,
			step.Permanent, "kms:Decrypt", "Allow the credentials to perform kms:Decrypt",
		},
		"an S3 action has another name": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
			func(ctx context.Context, c *awscloud.Clients) error {
				_, err := c.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: new("b")})
				return err
			}, step.Permanent, "s3:ListBucket", "s3:ListBucket",
		},
		"an outage":                {jsonError(503, "ServiceUnavailable", "down"), describe, step.Transient, "dynamodb:DescribeTable", ""},
		"expired credentials":      {jsonError(400, "ExpiredTokenException", "old"), describe, step.Permanent, "dynamodb:DescribeTable", "Renew them"},
		"deleted credentials":      {jsonError(400, "UnrecognizedClientException", "bad"), describe, step.Permanent, "dynamodb:DescribeTable", "AWS_PROFILE"},
		"a thing that is not":      {jsonError(400, "ResourceNotFoundException", "no table"), describe, step.Permanent, "dynamodb:DescribeTable", "no table"},
		"a reset by a lost region": {func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, describe, step.Transient, "dynamodb:DescribeTable", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.Config.ErrorLog = nil
			f.answer = tt.answer
			err := tt.call(t.Context(), clients(t, f.cloud(away), standby()))
			if err == nil {
				t.Fatal("no error")
			}
			e := awscloud.Explain(err, "it failed", standby())
			if e.Class != tt.class || e.Action != tt.action || !strings.Contains(e.Error(), tt.says) || e.Site != "standby" {
				t.Errorf("class %s, action %s: %v", e.Class, e.Action, e)
			}
		})
	}
}

// The promise: a dead endpoint is transient, and the error names it and what to check.
func TestExplainDeadEndpoint(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Close()
	_, err := f.cloud(away).Verify(t.Context(), standby())
	var e *step.Error
	if !errors.As(err, &e) || e.Class != step.Transient || !strings.Contains(e.Error(), strings.TrimPrefix(f.URL, "http://")) || !strings.Contains(e.Next, "lifeboat resume") {
		t.Errorf("%v", err)
	}
}

// The promise: a call that we cancelled is not a failure of AWS.
func TestExplainCancelled(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.answer = func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }
	_, err := clients(t, f.cloud(away), standby()).ECR.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	if e := awscloud.Explain(err, "it failed", standby()); e.Class != step.Cancelled {
		t.Errorf("class %s: %v", e.Class, e)
	}
}

// The promise: the missing permission is the inner one, when the role itself may not be assumed.
func TestExplainAssumeRole(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`)
	})
	_, err := srv.cloud(home).Verify(t.Context(), withRole())
	var e *step.Error
	if !errors.As(err, &e) || e.Action != "sts:AssumeRole" || !strings.Contains(e.Next, "trust policy") {
		t.Errorf("%v", err)
	}
}

// The promise: a throttle is told from a failure, so that the engine slows down instead of giving up.
func TestExplainThrottle(t *testing.T) {
	t.Parallel()
	err := &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "DescribeTable", Err: &smithy.GenericAPIError{Code: "ThrottlingException", Message: "slow"}}
	if e := awscloud.Explain(err, "it failed", standby()); e.Class != step.Throttle || e.Action != "dynamodb:DescribeTable" {
		t.Errorf("class %s, action %s", e.Class, e.Action)
	}
}
