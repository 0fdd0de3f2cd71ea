package protect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/datatest"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// exporter is a world whose orders are to be protected. What an export takes passes when it is looked at first.
type exporter struct {
	*datatest.World
	mu    sync.Mutex
	asked bool
}

func newExporter(t *testing.T) *exporter {
	t.Helper()
	x := &exporter{World: datatest.New(t)}
	for i := range 3 {
		x.Put(t, time.Duration(i+1)*time.Minute, fmt.Sprint(i), "new")
	}
	x.Advance(10 * time.Minute)
	vault := x.Open(t, cloudtest.Vault()).S3
	_, err := vault.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("vault"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(cloudtest.Vault().Region)},
	})
	if err != nil {
		t.Fatal(err)
	}
	x.open(t)
	return x
}

// open lets the table's account write into the vault.
func (x *exporter) open(t *testing.T) {
	t.Helper()
	_, err := x.Open(t, cloudtest.Vault()).S3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("vault"), Policy: aws.String(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::vault/*"}]}`, cloudtest.Primary().Account))})
	if err != nil {
		t.Fatal(err)
	}
}

// shut lets it no more.
func (x *exporter) shut(t *testing.T) {
	t.Helper()
	if _, err := x.Open(t, cloudtest.Vault()).S3.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: aws.String("vault")}); err != nil {
		t.Fatal(err)
	}
}

// errKilled is what a dead process's calls would give.
var errKilled = errors.New("the process was killed")

// process is a turn of protect that is killed before or after its nth call; 0 is none.
type process struct {
	*exporter
	at    int
	after bool
	op    string // else after this operation
	calls int
	kill  context.CancelFunc
}

// line is a connection of a process.
type line struct {
	*process
	next http.RoundTripper
}

// RoundTrip makes a call of a living process.
func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	op := r.Header.Get("X-Amz-Target")
	alive, last := l.begin(op)
	if !alive {
		l.kill()
		return nil, errKilled
	}
	resp, err := l.next.RoundTrip(r)
	if err != nil || !last {
		return resp, err
	}
	l.kill()
	return nil, errors.Join(errKilled, resp.Body.Close())
}

// begin counts a call, and tells whether the process makes it, and whether it is its last.
func (p *process) begin(op string) (alive, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	switch {
	case p.at > 0 && (p.calls > p.at || p.calls == p.at && !p.after):
		return false, false
	case strings.HasSuffix(op, ".ExportTableToPointInTime"):
		p.asked = true
	case p.asked && strings.HasSuffix(op, ".DescribeExport"):
		p.Advance(5*time.Minute + time.Second)
		p.asked = false
	}
	if p.op != "" && strings.HasSuffix(op, p.op) {
		p.at, p.after = p.calls, true
	}
	return true, p.calls == p.at
}

func (p *process) run(t *testing.T, full bool) (Done, error) {
	t.Helper()
	d, _, err := p.turn(t, full, func(c *Config) {})
	return d, err
}

// turn tells what protect said, too.
func (p *process) turn(t *testing.T, full bool, change func(*Config)) (d Done, told []string, err error) {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	p.kill = kill
	sites := awscloud.New(awscloud.Config{
		Endpoint: p.URL, Run: "protect", Wire: func(next http.RoundTripper) http.RoundTripper { return line{p, next} },
		Credentials: func(s *plan.Site) awscloud.Keys {
			return awscloud.Keys{ID: "AKIALIFE" + s.Account, Secret: secret.New("any")}
		},
	})
	home, err := sites.At(ctx, cloudtest.Primary())
	if err != nil {
		t.Fatal(err)
	}
	to, err := sites.At(ctx, cloudtest.Vault())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		API: home.DynamoDB, Settings: home.DynamoDB, Table: datatest.Orders, Vault: export.Bucket{Store: to.S3, Name: "vault"}, Writer: to.S3, Owner: cloudtest.Vault().Account,
		Home: cloudtest.Primary(), To: cloudtest.Vault(), Place: place, Full: full, Tell: func(s string) { told = append(told, s) }, Poll: time.Millisecond, Clock: p.World,
	}
	change(&c)
	d, err = Run(ctx, c)
	return d, told, err
}

// exports counts what DynamoDB was asked to make.
func (x *exporter) exports(t *testing.T) (full, all int) {
	t.Helper()
	out, err := x.ListExports(t.Context(), &dynamodb.ListExportsInput{MaxResults: aws.Int32(25)})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.ExportSummaries {
		if e.ExportType == types.ExportTypeFullExport {
			full++
		}
	}
	return full, len(out.ExportSummaries)
}
