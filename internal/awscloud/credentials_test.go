package awscloud_test

import (
	"encoding/pem"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

func withRole() *plan.Site {
	s := standby()
	s.AssumeRole = "arn:aws:iam::" + away + ":role/recovery"
	return s
}

// The promise: a role is assumed once for many calls, under a session name that tells the run.
func TestRolesAreAssumedOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := clients(t, f.cloud(home), withRole())
	for range 5 {
		if _, err := s.SSM.PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("p"), Value: new("v")}); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.count("AssumeRole"); n != 1 {
		t.Errorf("AssumeRole was called %d times", n)
	}
	if got := f.forms[0].Get("RoleSessionName"); got != "lifeboat-run-1-abc" {
		t.Errorf("session name %q", got)
	}
}

// The promise: a child gets the site's credentials, region and endpoint, and no setting of ours that leads elsewhere.
func TestEnvironmentLeadsToTheSiteOnly(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.cloud(home)
	if _, err := c.Environment(t.Context(), standby()); err == nil {
		t.Error("an environment was given for the wrong account")
	}
	got, err := c.Environment(t.Context(), withRole())
	if err != nil {
		t.Fatal(err)
	}
	want := proc.Env{
		"PATH": "/bin", "AWS_CA_BUNDLE": "/ca", "AWS_ACCESS_KEY_ID": "ASIA" + away, "AWS_SECRET_ACCESS_KEY": "role-secret", "AWS_SESSION_TOKEN": "role-token",
		"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": f.URL, "AWS_MAX_ATTEMPTS": "8", "AWS_EC2_METADATA_DISABLED": "true",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	before := f.count("AssumeRole")
	if _, err := c.Environment(t.Context(), withRole()); err != nil || f.count("AssumeRole") != before+1 {
		t.Errorf("the next child did not get new credentials (%v)", err)
	}
}

// The promise: without credentials the answer comes in seconds and says what to set, even when the metadata service is a black hole.
func TestNoCredentialsIsClearAndQuick(t *testing.T) {
	hole, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hole.Close() })
	t.Setenv("HOME", t.TempDir())
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://"+hole.Addr().String())
	start := time.Now()
	_, err = awscloud.New(awscloud.Config{}).Verify(t.Context(), standby())
	var e *step.Error
	if !errors.As(err, &e) || e.Class != step.Permanent || !strings.Contains(e.Next, "AWS_PROFILE") || !strings.Contains(e.Next, `site "standby"`) {
		t.Errorf("%v", err)
	}
	if d := time.Since(start); d > 6*time.Second {
		t.Errorf("it took %s", d)
	}
	missing := standby()
	missing.Profile = "nowhere"
	_, err = awscloud.New(awscloud.Config{}).Verify(t.Context(), missing)
	if !errors.As(err, &e) || !strings.Contains(e.Next, `profile "nowhere"`) {
		t.Errorf("%v", err)
	}
}

// The promise: AWS_CA_BUNDLE is honoured. The SDK refuses it together with an HTTP client that is not its own.
func TestCABundle(t *testing.T) {
	f := newFake(t)
	srv := httptest.NewTLSServer(f)
	t.Cleanup(srv.Close)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	c := awscloud.New(awscloud.Config{Env: proc.Env{"AWS_ENDPOINT_URL": srv.URL, "AWS_ACCESS_KEY_ID": "AKIA" + away, "AWS_SECRET_ACCESS_KEY": "x"}})
	if _, err := c.Verify(t.Context(), standby()); err != nil {
		t.Error(err)
	}
}
