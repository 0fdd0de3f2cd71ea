package cloudsim

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// simulator is an upstream that tells what reached it.
type simulator struct {
	calls chan *http.Request // with its body in the context's stead: X-Body
	url   string
}

func newSimulator(t *testing.T) *simulator {
	t.Helper()
	s := &simulator{calls: make(chan *http.Request, 16)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Header.Set("X-Body", string(body))
		s.calls <- r
		w.Header().Set("X-Amzn-Requestid", "of-the-upstream")
		w.Header().Set("Keep-Alive", "timeout=5")
		_, _ = io.WriteString(w, "answered")
	}))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// reached gives the call that reached the upstream, or nil.
func (s *simulator) reached() *http.Request {
	select {
	case r := <-s.calls:
		return r
	default:
		return nil
	}
}

// form makes a call of the query protocol.
func form(r *http.Request, body string) *http.Request {
	r.Header.Del("X-Amz-Target")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return r
}

// TestUpstreamAnswersForWhatIsLacking: a call to a service that the cloud lacks reaches the upstream whole, with its account, and the
// answer comes back whole, marked. What the cloud has it answers itself.
func TestUpstreamAnswersForWhatIsLacking(t *testing.T) {
	t.Parallel()
	up := newSimulator(t)
	c, n := small(t, Config{Upstream: up.url})
	body := "Action=PutMetricAlarm&AlarmName=full"
	r := form(request(t.Context(), "http://cloud.example/p%2Fq?x=1", "AKIA"+primary, london, "monitoring", ""), body)
	r.Header.Set("Connection", "X-Hop")
	r.Header.Set("X-Hop", "one hop")
	r.Header.Set("X-Moto-Account-Id", standby) // nobody chooses another account
	w := answer(c, r)
	if w.Code != http.StatusOK || w.Body.String() != "answered" || w.Header().Get(upstreamHeader) != up.url {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if ids := w.Header().Values("X-Amzn-Requestid"); len(ids) != 1 || ids[0] != "of-the-upstream" || w.Header().Get("Keep-Alive") != "" {
		t.Errorf("headers of the answer: %v", w.Header())
	}
	got := up.reached()
	if got == nil {
		t.Fatal("nothing reached the upstream")
	}
	if got.Host != "cloud.example" || got.RequestURI != "/p%2Fq?x=1" || got.Header.Get("X-Body") != body || got.Header.Get("X-Hop") != "" {
		t.Errorf("the upstream got %s %s %v", got.Host, got.RequestURI, got.Header)
	}
	if got.Header.Get("X-Moto-Account-Id") != primary || !strings.Contains(got.Header.Get("Authorization"), "Credential="+primary+"/20261123/eu-west-2/monitoring/") {
		t.Errorf("the account: %v", got.Header)
	}
	if w := answer(c, request(t.Context(), "http://cloud.example", primary, london, "ssm", "GetParameter")); w.Header().Get(upstreamHeader) != "" || n.counts[primary+"/"+london] != 1 {
		t.Errorf("a service of our own: %v", w.Header())
	}
	if h := c.health(); h.Upstream != up.url {
		t.Errorf("health %+v", h)
	}
	r.Header.Set(upstreamHeader, "http://another")
	if w := answer(c, r); w.Code != http.StatusNotImplemented {
		t.Errorf("what an upstream was handed before: %d %s", w.Code, w.Body)
	}
}

// TestUpstreamStandsInTheCloud: disasters, revoked keys, unknown keys, signatures and throttling stop a call before the upstream,
// and it is counted as our own calls are.
func TestUpstreamStandsInTheCloud(t *testing.T) {
	t.Parallel()
	up := newSimulator(t)
	c, _ := small(t, Config{Upstream: up.url, Throttle: true, Clock: &handClock{now: noon()}})
	url := serve(t, c)
	alarm := func(key, region string) *http.Request {
		return form(request(t.Context(), url, key, region, "monitoring", ""), "Action=PutMetricAlarm")
	}
	must := func(d sim.Disaster) {
		if err := c.World().Strike(d); err != nil {
			t.Fatal(err)
		}
	}
	must(sim.Disaster{Kind: sim.RegionLost, Region: london})
	must(sim.Disaster{Kind: sim.CredentialsRevoked, Account: standby})
	if resp, err := http.DefaultClient.Do(alarm(primary, london)); err == nil {
		t.Errorf("a lost region answers: %s", resp.Status)
	}
	if w := answer(c, alarm(standby, ireland)); !strings.Contains(w.Body.String(), "InvalidClientTokenId") {
		t.Errorf("a revoked account: %s", w.Body)
	}
	if w := answer(c, alarm("AKIANOBODY", ireland)); !strings.Contains(w.Body.String(), "InvalidClientTokenId") {
		t.Errorf("nobody: %s", w.Body)
	}
	if r := up.reached(); r != nil {
		t.Fatalf("the upstream got %v", r.Header)
	}
	for range 3 { // PutMetricAlarm: 3 a second
		if w := answer(c, alarm(primary, ireland)); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if w := answer(c, alarm(primary, ireland)); !strings.Contains(w.Body.String(), "<Code>Throttling</Code>") {
		t.Errorf("the fourth call in a second: %d %s", w.Code, w.Body)
	}
	if ops := c.Calls(); len(ops) != 1 || ops[0] != (control.Operation{Service: "monitoring", Operation: "PutMetricAlarm", Calls: 7, Errors: 3, Throttled: 1, Lost: 1}) {
		t.Errorf("counted %+v", ops)
	}
	strict, _ := small(t, Config{Upstream: up.url, Strict: true})
	for len(up.calls) > 0 {
		<-up.calls
	}
	if w := answer(strict, alarm(primary, ireland)); w.Code != http.StatusBadRequest || up.reached() != nil {
		t.Errorf("a false signature: %d %s", w.Code, w.Body)
	}
}

// TestUpstreamDown: an upstream that is down is told in each protocol, by its address and with what to do.
func TestUpstreamDown(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	var log bytes.Buffer
	c, _ := small(t, Config{Upstream: srv.URL, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for service, test := range map[string]struct {
		change func(*http.Request)
		call   string
		has    string
	}{
		"acm":        {func(*http.Request) {}, "Some", `"__type":"ServiceUnavailable"`},
		"monitoring": {func(r *http.Request) { form(r, "Action=DescribeAlarms") }, "DescribeAlarms", "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code>"},
		"ec2":        {func(r *http.Request) { form(r, "Action=DescribeVpcs") }, "DescribeVpcs", "<Response><Errors><Error><Code>ServiceUnavailable</Code>"},
		"batch":      {func(r *http.Request) { r.Header.Del("X-Amz-Target"); r.Header.Del("Content-Type") }, "POST ", `"__type":"ServiceUnavailable"`},
	} {
		r := request(t.Context(), "http://cloud.example", primary, london, service, "Some")
		test.change(r)
		w := answer(c, r)
		has := []string{test.has, "lacks " + service + " and hands " + test.call + " to its upstream " + srv.URL, "connection refused; start the upstream"}
		for _, part := range has {
			if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s: %d %s\nlacks %s", service, w.Code, w.Body, part)
			}
		}
		if w.Header().Get("X-Amzn-Requestid") == "" || w.Header().Get(upstreamHeader) != "" {
			t.Errorf("%s: headers %v", service, w.Header())
		}
	}
	if !strings.Contains(log.String(), srv.URL) {
		t.Errorf("the log is silent: %s", &log)
	}
}

// TestUpstreamIsBounded: a body larger than the bound is refused or cut off, in either direction, and never taken for whole.
func TestUpstreamIsBounded(t *testing.T) {
	t.Parallel()
	b := &boundedBody{io.NopCloser(strings.NewReader("12345")), 4}
	if got, err := io.ReadAll(b); err == nil {
		t.Errorf("read all of it: %s", got)
	}
	up := newSimulator(t)
	c, _ := small(t, Config{Upstream: up.url})
	r := request(t.Context(), "http://cloud.example", primary, london, "acm", "ImportCertificate")
	r.Body, r.ContentLength = http.NoBody, maxForwarded+1
	if w := answer(c, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestUpstreamIsAnAddress: what is not the plain address of a simulator is refused when the cloud is made, and AWS itself always.
func TestUpstreamIsAnAddress(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"127.0.0.1:5000", "ftp://127.0.0.1", "http://", "http://user:word@127.0.0.1", "http://127.0.0.1/path", "http://127.0.0.1?x", ":", "http://127.0.0.1#x",
		"https://monitoring.eu-west-2.amazonaws.com", "https://AMAZONAWS.com.", "https://lambda.eu-west-2.api.aws", "https://x.cn-north-1.amazonaws.com.cn",
	} {
		if _, err := New(Config{Upstream: bad}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, good := range []string{"http://127.0.0.1:5000", "https://localhost:4566/", "http://[::1]:5000", "http://moto.internal"} {
		if _, err := New(Config{Upstream: good}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
