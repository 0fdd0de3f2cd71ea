package s3_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/s3"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const (
	primary = "111111111111"
	standby = "222222222222"
)

// cloud is a drill cloud that has S3 only: the access key is the account.
type cloud struct {
	world   *sim.World
	service *s3.Service
	url     string
}

func newCloud(t *testing.T, options ...s3.Option) *cloud {
	t.Helper()
	w := sim.NewWorld(1, nil)
	c := &cloud{world: w, service: s3.New(w, options...)}
	scope := regexp.MustCompile(`Credential=(\d{12})/\d+/([^/]+)/s3/`)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		m := scope.FindStringSubmatch(r.Header.Get("Authorization"))
		if m == nil {
			http.Error(rw, "not signed for s3", http.StatusForbidden)
			return
		}
		call := &sim.Call{Scope: sim.Scope{Account: m[1], Region: m[2]}, CallerARN: "arn:aws:iam::" + m[1] + ":root", RequestID: "r"}
		c.service.ServeHTTP(rw, r.WithContext(sim.WithCall(r.Context(), call)))
	}))
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

// client is the real SDK with its defaults, but path style and no retries.
func (c *cloud) client(account, region string) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: region, BaseEndpoint: aws.String(c.url), UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "any", ""),
	})
}

// bucket makes a bucket in eu-west-2 for the primary account.
func (c *cloud) bucket(t *testing.T, name string) *awss3.Client {
	t.Helper()
	client := c.client(primary, "eu-west-2")
	must(t)(client.CreateBucket(t.Context(), create(name, "eu-west-2")))
	return client
}

func create(name, region string) *awss3.CreateBucketInput {
	in := &awss3.CreateBucketInput{Bucket: &name}
	if region != "" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	return in
}

func must(t *testing.T) func(any, error) {
	t.Helper()
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// code gives the AWS code of an error, "" of none.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	if err != nil {
		return "not an API error: " + err.Error()
	}
	return ""
}

func want(t *testing.T, what string, err error, expected string) {
	t.Helper()
	if got := code(err); got != expected {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, expected)
	}
}

func put(t *testing.T, c *awss3.Client, bucket, key, body string) *awss3.PutObjectOutput {
	t.Helper()
	out, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	must(t)(out, err)
	return out
}

func get(t *testing.T, c *awss3.Client, bucket, key, version string) (string, error) {
	t.Helper()
	in := &awss3.GetObjectInput{Bucket: &bucket, Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	b, err := io.ReadAll(out.Body)
	return string(b), err
}
