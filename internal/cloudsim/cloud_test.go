package cloudsim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/iam"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sts"
)

const (
	primary = "111111111111"
	standby = "222222222222"
	london  = "eu-west-2"
	ireland = "eu-west-1"
)

// handClock is a clock that a test moves.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (h *handClock) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *handClock) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// notes is a service of one operation, Put: it keeps a count for each account and region. Its other names speak other protocols.
type notes struct {
	mu     sync.Mutex
	counts map[string]int
	during func() // called while a Put is under way
}

func (*notes) Names() []string { return []string{"ssm", "s3", "lambda"} }

func (n *notes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := sim.CallFrom(r.Context())
	if n.during != nil {
		n.during()
	}
	n.mu.Lock()
	n.counts[c.Account+"/"+c.Region]++
	n.mu.Unlock()
	sim.WriteJSON(w, "application/json", http.StatusOK, c)
}

func (n *notes) Save() (json.RawMessage, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return json.Marshal(n.counts)
}

func (n *notes) Load(state json.RawMessage) error { return json.Unmarshal(state, &n.counts) }

// small makes a cloud of STS, IAM and notes.
func small(tb testing.TB, cfg Config) (*Cloud, *notes) {
	tb.Helper()
	w := sim.NewWorld(cfg.Seed, cfg.Clock)
	n := &notes{counts: map[string]int{}}
	roles := iam.New(w)
	tokens := sts.New(w, roles)
	c, err := assemble(cfg, w, tokens, []sim.Service{tokens, roles, n})
	if err != nil {
		tb.Fatal(err)
	}
	return c, n
}

// serve listens on loopback and gives the URL.
func serve(tb testing.TB, c *Cloud) string {
	tb.Helper()
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx, ln) }()
	tb.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

// request makes a call signed for a scope, in the JSON protocol unless changed later.
func request(ctx context.Context, url, key, region, service, operation string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", algorithm+" Credential="+key+"/20261123/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Service."+operation)
	return r
}

// answer runs a request against the cloud without a network.
func answer(c *Cloud, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func static(key, token string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "any", SessionToken: token}, nil
	})
}

func stsClient(url, region, key, token string) *awssts.Client {
	return awssts.New(awssts.Options{Region: region, BaseEndpoint: &url, RetryMaxAttempts: 1, Credentials: static(key, token)})
}

func iamClient(url, key, token string) *awsiam.Client {
	return awsiam.New(awsiam.Options{Region: "us-east-1", BaseEndpoint: &url, RetryMaxAttempts: 1, Credentials: static(key, token)})
}

func whoami(t *testing.T, c *awssts.Client) (string, error) {
	t.Helper()
	out, err := c.GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return *out.Account + " " + *out.Arn, nil
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// TestKeysSelectAccounts: account numbers and keys that end in one are that account's root; an assumed role's key is the role.
func TestKeysSelectAccounts(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{})
	url := serve(t, c)
	for key, want := range map[string]string{
		primary:          primary + " arn:aws:iam::111111111111:root",
		"AKIA" + standby: standby + " arn:aws:iam::222222222222:root",
	} {
		if got, err := whoami(t, stsClient(url, london, key, "")); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", key, got, err, want)
		}
	}
	out, err := stsClient(url, london, primary, "").AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::222222222222:role/recovery"), RoleSessionName: aws.String("on-call"),
	})
	if err != nil {
		t.Fatal(err)
	}
	key, token := *out.Credentials.AccessKeyId, *out.Credentials.SessionToken
	if got, err := whoami(t, stsClient(url, ireland, key, token)); err != nil || got != standby+" arn:aws:sts::222222222222:assumed-role/recovery/on-call" {
		t.Errorf("the role's key is %q (%v)", got, err)
	}
	for name, pair := range map[string][2]string{"nobody's key": {"AKIAIOSFODNN7EXAMPLE", ""}, "another's token": {key, "x"}, "no token": {key, ""}} {
		if _, err := whoami(t, stsClient(url, london, pair[0], pair[1])); code(err) != "InvalidClientTokenId" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSessionsExpire: a temporary key works until the second it expires, by the time that its client sees.
func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	clk := &handClock{now: time.Now().UTC()}
	c, _ := small(t, Config{Clock: clk})
	url := serve(t, c)
	out, err := stsClient(url, london, primary, "").AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::222222222222:role/recovery"), RoleSessionName: aws.String("on-call"), DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		t.Fatal(err)
	}
	client := stsClient(url, london, *out.Credentials.AccessKeyId, *out.Credentials.SessionToken)
	clk.advance(899 * time.Second)
	if _, err := whoami(t, client); err != nil {
		t.Errorf("a second before it expires: %v", err)
	}
	clk.advance(time.Second)
	if _, err := whoami(t, client); code(err) != "ExpiredToken" {
		t.Errorf("when it expires: %v", err)
	}
}

// TestRefusalsSpeakTheProtocol: a call that does not reach its service is refused with the code and status that AWS has for it.
func TestRefusalsSpeakTheProtocol(t *testing.T) {
	t.Parallel()
	c, n := small(t, Config{})
	url := "http://127.0.0.1"
	form := func(r *http.Request) *http.Request {
		r.Header.Del("X-Amz-Target")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	rest := func(r *http.Request) *http.Request {
		r.Header.Del("X-Amz-Target")
		r.Header.Del("Content-Type")
		return r
	}
	unsigned := func(r *http.Request) *http.Request { r.Header.Del("Authorization"); return r }
	ctx := t.Context()
	for name, test := range map[string]struct {
		r      *http.Request
		status int
		has    string
	}{
		"JSON, nobody's key":       {request(ctx, url, "AKIAEXAMPLE", london, "ssm", "GetParameter"), 400, `"__type":"UnrecognizedClientException"`},
		"REST-JSON, nobody's key":  {rest(request(ctx, url, "AKIAEXAMPLE", london, "lambda", "")), 403, `"__type":"UnrecognizedClientException"`},
		"query, nobody's key":      {form(request(ctx, url, "AKIAEXAMPLE", london, "iam", "")), 403, `<Code>InvalidClientTokenId</Code>`},
		"S3, nobody's key":         {request(ctx, url, "AKIAEXAMPLE", london, "s3", ""), 403, `<Error><Code>InvalidAccessKeyId</Code>`},
		"JSON, no such region":     {request(ctx, url, primary, "eu-west-9", "ssm", "GetParameter"), 400, `InvalidSignatureException`},
		"query, no such region":    {form(request(ctx, url, primary, "eu-west-9", "iam", "")), 403, `<Code>SignatureDoesNotMatch</Code>`},
		"S3, no such region":       {request(ctx, url, primary, "eu-west-9", "s3", ""), 400, `<Code>AuthorizationHeaderMalformed</Code>`},
		"JSON, unsigned":           {unsigned(request(ctx, url, primary, london, "ssm", "GetParameter")), 400, `MissingAuthenticationTokenException`},
		"query, unsigned":          {unsigned(form(request(ctx, url, primary, london, "iam", ""))), 403, `<Code>MissingAuthenticationToken</Code>`},
		"query, half a credential": {form(request(ctx, url, primary, "", "iam", "")), 400, `<Code>IncompleteSignature</Code>`},
	} {
		w := answer(c, test.r)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.has) || w.Header().Get("X-Amzn-Requestid") == "" && !strings.Contains(name, "unsigned") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if len(n.counts) != 0 {
		t.Errorf("refused calls reached the service: %v", n.counts)
	}
}

// TestPresignedCallsAreRouted: a signature in the query counts like one in the header.
func TestPresignedCallsAreRouted(t *testing.T) {
	t.Parallel()
	c, n := small(t, Config{})
	r := httptest.NewRequest(http.MethodGet, "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=222222222222%2F20261123%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0", http.NoBody)
	if w := answer(c, r); w.Code != http.StatusOK || n.counts[standby+"/"+ireland] != 1 {
		t.Fatalf("%d %s, counts %v", w.Code, w.Body, n.counts)
	}
	if ops := c.Calls(); len(ops) != 1 || ops[0].Operation != "GetObject" || ops[0].Calls != 1 {
		t.Fatalf("counted %+v", ops)
	}
}

// TestPanicIsAnError: a service that panics gives an InternalFailure that names the call, and the cloud lives on.
func TestPanicIsAnError(t *testing.T) {
	t.Parallel()
	c, n := small(t, Config{})
	n.during = func() { panic("out of luck") }
	w := answer(c, request(t.Context(), "http://127.0.0.1", primary, london, "ssm", "PutParameter"))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "ssm PutParameter: out of luck") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if ops := c.Calls(); ops[0].Errors != 1 {
		t.Fatalf("counted %+v", ops)
	}
}

// TestServeStops: Serve lets a call under way finish, ends one that hangs, and returns.
func TestServeStops(t *testing.T) {
	t.Parallel()
	c, n := small(t, Config{})
	under, goOn := make(chan struct{}), make(chan struct{})
	n.during = func() { close(under); <-goOn }
	if err := c.World().Strike(sim.Disaster{Kind: sim.RegionLost, Region: ireland, Mode: sim.Hang}); err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- c.Serve(ctx, ln) }()
	statuses := make(chan string, 2)
	for _, region := range []string{london, ireland} {
		go func() {
			resp, err := http.DefaultClient.Do(request(context.WithoutCancel(ctx), "http://"+ln.Addr().String(), primary, region, "ssm", "PutParameter"))
			if err != nil {
				statuses <- region + " no answer"
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			statuses <- region + " " + resp.Status
			_ = resp.Body.Close()
		}()
	}
	<-under
	for c.Calls()[0].Lost == 0 { // the other call has reached its lost region
		if err := ctx.Err(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if got := <-statuses; got != ireland+" no answer" {
		t.Errorf("the hanging call: %s", got)
	}
	close(goOn)
	if got := <-statuses; got != london+" 200 OK" {
		t.Errorf("the call under way: %s", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestHealthAndCalls: the cloud tells what it is and counts what was called.
func TestHealthAndCalls(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{Seed: 7, Version: "v1.2.3"})
	url := serve(t, c)
	steer := &control.Client{BaseURL: url}
	if err := steer.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	h, err := steer.Health(t.Context())
	if err != nil || h.Status != "ok" || h.Version != "v1.2.3" || h.Seed != 7 || strings.Join(h.Services, " ") != "iam lambda s3 ssm sts" {
		t.Fatalf("%+v %v", h, err)
	}
	_, _ = whoami(t, stsClient(url, london, primary, ""))
	_, _ = whoami(t, stsClient(url, london, "nobody", ""))
	ops, err := steer.Calls(t.Context())
	if err != nil || len(ops) != 1 || ops[0] != (control.Operation{Service: "sts", Operation: "GetCallerIdentity", Calls: 2, Errors: 1}) {
		t.Fatalf("%+v %v", ops, err)
	}
}

// TestKeysOfUsers: an access key is its user's, and opens nothing once it is switched off or deleted: that is what a fence counts on.
func TestKeysOfUsers(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, c)
	root := awsiam.New(awsiam.Options{Region: london, BaseEndpoint: &url, Credentials: held(aws.Credentials{AccessKeyID: primary, SecretAccessKey: primary})})
	name := aws.String("deployer")
	if _, err := root.CreateUser(t.Context(), &awsiam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	made, err := root.CreateAccessKey(t.Context(), &awsiam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	key := aws.Credentials{AccessKeyID: *made.AccessKey.AccessKeyId, SecretAccessKey: *made.AccessKey.SecretAccessKey}
	who := func() string {
		out, err := awssts.New(awssts.Options{Region: london, BaseEndpoint: &url, Credentials: held(key)}).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
		if e, ok := errors.AsType[smithy.APIError](err); ok {
			return e.ErrorCode()
		}
		if err != nil {
			t.Fatal(err)
		}
		return *out.Arn
	}
	set := func(status iamtypes.StatusType) {
		if _, err := root.UpdateAccessKey(t.Context(), &awsiam.UpdateAccessKeyInput{UserName: name, AccessKeyId: &key.AccessKeyID, Status: status}); err != nil {
			t.Fatal(err)
		}
	}
	const arn = "arn:aws:iam::111111111111:user/deployer"
	if got := who(); got != arn {
		t.Errorf("an active key is %s's", got)
	}
	if set(iamtypes.StatusTypeInactive); who() != "InvalidClientTokenId" {
		t.Errorf("switched off, it is %s's", who())
	}
	if set(iamtypes.StatusTypeActive); who() != arn {
		t.Errorf("switched on again, it is %s's", who())
	}
	if _, err := root.DeleteAccessKey(t.Context(), &awsiam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &key.AccessKeyID}); err != nil {
		t.Fatal(err)
	}
	if got := who(); got != "InvalidClientTokenId" {
		t.Errorf("deleted, it is %s's", got)
	}
}
