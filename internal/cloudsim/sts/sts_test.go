package sts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sts"
)

// oneRole is an IAM that knows one role, of two hours at most.
type oneRole struct{}

func (oneRole) Role(account, name string) (string, time.Duration, bool) {
	return "AROAKNOWN", 2 * time.Hour, account == "222222222222" && name == "known"
}

// still is a clock that a test moves.
type still struct{ now time.Time }

func (s *still) Now() time.Time { return s.now }

// client serves s to one caller and gives a real SDK client of it.
func client(t *testing.T, s *sts.Service, caller sim.Call) *awssts.Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(sim.WithCall(r.Context(), &caller)))
	}))
	t.Cleanup(srv.Close)
	return awssts.New(awssts.Options{
		Region: "eu-west-2", BaseEndpoint: &srv.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: caller.AccessKey, SecretAccessKey: "any"}, nil
		}),
	})
}

func root(account string) sim.Call {
	return sim.Call{Scope: sim.Scope{Account: account, Region: "eu-west-2"}, Service: "sts", AccessKey: account, CallerARN: "arn:aws:iam::" + account + ":root"}
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// TestAssumeRole: who may be assumed, for how long, and what the key then stands for.
func TestAssumeRole(t *testing.T) {
	t.Parallel()
	clk := &still{time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	w := sim.NewWorld(1, clk)
	if err := w.Strike(sim.Disaster{Kind: sim.CredentialsRevoked, Account: "333333333333"}); err != nil {
		t.Fatal(err)
	}
	s := sts.New(w, oneRole{})
	chained := root("111111111111")
	chained.AccessKey, chained.CallerARN = "ASIAEXAMPLE", "arn:aws:sts::111111111111:assumed-role/a/b"
	for name, test := range map[string]struct {
		caller  sim.Call
		role    string
		session string
		seconds int32
		want    string // error code; empty is success
		lasts   time.Duration
	}{
		"a role that IAM does not know":   {root("111111111111"), "arn:aws:iam::222222222222:role/a/path/recovery", "me", 0, "", time.Hour},
		"for twelve hours":                {root("111111111111"), "arn:aws:iam::222222222222:role/recovery", "me", 43200, "", 12 * time.Hour},
		"longer than any role":            {root("111111111111"), "arn:aws:iam::222222222222:role/recovery", "me", 43201, "ValidationError", 0},
		"shorter than any session":        {root("111111111111"), "arn:aws:iam::222222222222:role/recovery", "me", 899, "ValidationError", 0},
		"as long as the known role":       {root("111111111111"), "arn:aws:iam::222222222222:role/known", "me", 7200, "", 2 * time.Hour},
		"longer than the known role":      {root("111111111111"), "arn:aws:iam::222222222222:role/known", "me", 7201, "ValidationError", 0},
		"a chain for more than an hour":   {chained, "arn:aws:iam::222222222222:role/recovery", "me", 3601, "ValidationError", 0},
		"a user's ARN":                    {root("111111111111"), "arn:aws:iam::222222222222:user/recovery-me", "me", 0, "ValidationError", 0},
		"an account that is no number":    {root("111111111111"), "arn:aws:iam::22222222222x:role/recovery", "me", 0, "ValidationError", 0},
		"a session name with a space":     {root("111111111111"), "arn:aws:iam::222222222222:role/recovery", "m e", 0, "ValidationError", 0},
		"into an account that is revoked": {root("111111111111"), "arn:aws:iam::333333333333:role/recovery", "me", 0, "AccessDenied", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := &awssts.AssumeRoleInput{RoleArn: &test.role, RoleSessionName: &test.session}
			if test.seconds > 0 {
				in.DurationSeconds = &test.seconds
			}
			out, err := client(t, s, test.caller).AssumeRole(t.Context(), in)
			if code(err) != test.want || (err == nil) != (test.want == "") {
				t.Fatalf("%v, want %q", err, test.want)
			}
			if err != nil {
				return
			}
			session, ok := s.Session(*out.Credentials.AccessKeyId)
			arn := "arn:aws:sts::222222222222:assumed-role/" + test.role[strings.LastIndexByte(test.role, '/')+1:] + "/me"
			if !ok || session.ARN != arn || session.ARN != *out.AssumedRoleUser.Arn || session.Account != "222222222222" || session.Token != *out.Credentials.SessionToken {
				t.Fatalf("the key stands for %+v", session)
			}
			if got := out.Credentials.Expiration.Sub(clk.now); got != test.lasts {
				t.Fatalf("it lasts %s, want %s", got, test.lasts)
			}
			if strings.HasSuffix(test.role, "known") && *out.AssumedRoleUser.AssumedRoleId != "AROAKNOWN:me" {
				t.Fatalf("the known role's id is %s", *out.AssumedRoleUser.AssumedRoleId)
			}
		})
	}
}

// TestUnknownRoleKeepsItsID: two sessions of a role that IAM does not know are of one unique id, as of one role.
func TestUnknownRoleKeepsItsID(t *testing.T) {
	t.Parallel()
	c := client(t, sts.New(sim.NewWorld(1, nil), oneRole{}), root("111111111111"))
	var ids []string
	for _, session := range []string{"one", "two"} {
		out, err := c.AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::222222222222:role/recovery"), RoleSessionName: &session})
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(*out.AssumedRoleUser.AssumedRoleId, ":")
		ids = append(ids, id)
	}
	if ids[0] != ids[1] {
		t.Fatalf("one role, two ids: %v", ids)
	}
}

// TestSessionTokenAndKeyInfo: a session of one's own keeps who one is; a key tells its account.
func TestSessionTokenAndKeyInfo(t *testing.T) {
	t.Parallel()
	s := sts.New(sim.NewWorld(1, nil), oneRole{})
	c := client(t, s, root("111111111111"))
	out, err := c.GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	key := *out.Credentials.AccessKeyId
	if session, _ := s.Session(key); session.ARN != "arn:aws:iam::111111111111:root" {
		t.Fatalf("the session is of %s", session.ARN)
	}
	for key, want := range map[string]string{key: "111111111111", "AKIA222222222222": "222222222222", "333333333333": "333333333333", "AKIAIOSFODNN7EXAMPLE": ""} {
		out, err := c.GetAccessKeyInfo(t.Context(), &awssts.GetAccessKeyInfoInput{AccessKeyId: &key})
		if want == "" {
			if code(err) != "ValidationError" {
				t.Errorf("%s: %v", key, err)
			}
		} else if err != nil || *out.Account != want {
			t.Errorf("%s is of %v (%v), want %s", key, out, err, want)
		}
	}
	caller := root("111111111111")
	caller.AccessKey = key
	if _, err := client(t, s, caller).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{}); code(err) != "AccessDenied" {
		t.Errorf("a session makes a session: %v", err)
	}
}
