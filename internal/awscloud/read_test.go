package awscloud_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// line is a connection without a network: it gives one answer after the other, the last one again and again.
type line struct {
	answers []string // status, a space, the body
	asked   []*http.Request
	bodies  []string
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	l.asked, l.bodies = append(l.asked, r), append(l.bodies, body)
	answer := l.answers[min(len(l.asked), len(l.answers))-1]
	if answer == "" {
		return nil, fmt.Errorf("the line is cut")
	}
	status := 0
	if _, err := fmt.Sscan(answer, &status); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Status: answer[:3], Header: http.Header{"X-Amzn-Requestid": {"r-1"}}, Body: io.NopCloser(strings.NewReader(answer[4:])), Request: r}, nil
}

// at gives the clients of a site whose connection is the line.
func (l *line) at(t *testing.T, region string, env proc.Env) *awscloud.Clients {
	t.Helper()
	cfg := awscloud.Config{Run: "x", Env: env, Wire: func(http.RoundTripper) http.RoundTripper { return l }, Credentials: func(*plan.Site) awscloud.Keys {
		return awscloud.Keys{ID: "AKIA" + away, Secret: secret.New("base-secret")}
	}}
	if env == nil {
		cfg.Endpoint = "http://drill.cloud"
	}
	return clients(t, awscloud.New(cfg), &plan.Site{Name: "standby", Account: away, Region: region})
}

func quota() awscloud.Read {
	return awscloud.Read{
		Service: "Service Quotas", Name: "servicequotas", Operation: "GetServiceQuota", Target: "ServiceQuotasV20190624", In: map[string]string{"QuotaCode": "L-1"},
	}
}

func vpcs() awscloud.Read {
	return awscloud.Read{Service: "EC2", Name: "ec2", Operation: "DescribeVpcs", Version: "2016-11-15", Form: url.Values{"MaxResults": {"5"}}}
}

func zones() awscloud.Read {
	return awscloud.Read{Service: "Route 53", Name: "route53", Operation: "ListHostedZonesByName", Path: "/2013-04-01/hostedzonesbyname", Form: url.Values{"dnsname": {"example.org."}}}
}

// TestAskSpeaksThreeProtocols keeps the promise that an operation without a client is sent as AWS wants it, signed for its service and region,
// and its answer read.
func TestAskSpeaksThreeProtocols(t *testing.T) {
	t.Parallel()
	var got struct {
		Quota struct{ Value float64 }
		Vpcs  []struct {
			ID string `xml:"vpcId"`
		} `xml:"vpcSet>item"`
		Zones []struct{ Name string } `xml:"HostedZones>HostedZone"`
	}
	for _, c := range []struct {
		q                         awscloud.Read
		answer, want, scope, sent string
	}{
		{quota(), `200 {"Quota":{"Value":5}}`, "5", "/eu-west-1/servicequotas/", `POST / ServiceQuotasV20190624.GetServiceQuota {"QuotaCode":"L-1"}`},
		{vpcs(), `200 <DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>`, "vpc-1", "/eu-west-1/ec2/", "POST /  Action=DescribeVpcs&MaxResults=5&Version=2016-11-15"},
		{zones(), `200 <?xml version="1.0"?><ListHostedZonesByNameResponse xmlns="x"><HostedZones><HostedZone><Name>example.org.</Name></HostedZone></HostedZones></ListHostedZonesByNameResponse>`, "example.org.", "/us-east-1/route53/", "GET /2013-04-01/hostedzonesbyname?dnsname=example.org.  "},
	} {
		l := &line{answers: []string{c.answer}}
		if err := l.at(t, "eu-west-1", nil).Ask(t.Context(), c.q, &got); err != nil {
			t.Fatal(err)
		}
		r := l.asked[0]
		if sent := r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("X-Amz-Target") + " " + l.bodies[0]; sent != c.sent {
			t.Errorf("sent %q, want %q", sent, c.sent)
		}
		if a := r.Header.Get("Authorization"); !strings.Contains(a, "AKIA"+away+"/") || !strings.Contains(a, c.scope) {
			t.Errorf("signed with %s, want %s", a, c.scope)
		}
		if b, err := json.Marshal(got); err != nil || !strings.Contains(string(b), c.want) {
			t.Errorf("%s lacks %s: %v", b, c.want, err)
		}
	}
}

// TestAskGoesWhereTheClientsGo keeps the promise that an operation goes to AWS's own endpoint of the site's partition, or to the one that the user
// names for its service or for all.
func TestAskGoesWhereTheClientsGo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		region string
		env    proc.Env
		q      awscloud.Read
		want   string
	}{
		{"eu-west-1", proc.Env{}, quota(), "https://servicequotas.eu-west-1.amazonaws.com"},
		{"cn-north-1", proc.Env{}, vpcs(), "https://ec2.cn-north-1.amazonaws.com.cn"},
		{"eu-west-1", proc.Env{}, zones(), "https://route53.amazonaws.com"},
		{"cn-north-1", proc.Env{}, zones(), "https://route53.amazonaws.com.cn"},
		{"us-gov-east-1", proc.Env{}, zones(), "https://route53.us-gov.amazonaws.com"},
		{"eu-west-1", proc.Env{"AWS_ENDPOINT_URL": "http://all:1"}, vpcs(), "http://all:1"},
		{"eu-west-1", proc.Env{"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_SERVICE_QUOTAS": "http://one:2/"}, quota(), "http://one:2"},
	} {
		l := &line{answers: []string{`403 {}`}}
		if err := l.at(t, c.region, c.env).Ask(t.Context(), c.q, &struct{}{}); awscloud.Status(err) != http.StatusForbidden {
			t.Fatalf("%s: %v", c.want, err)
		}
		if u := l.asked[0].URL; u.Scheme+"://"+u.Host != c.want {
			t.Errorf("%s in %s went to %s://%s, want %s", c.q.Service, c.region, u.Scheme, u.Host, c.want)
		}
	}
}

// TestAskTriesAgain keeps the promise that what AWS asks to be repeated is repeated, a bounded number of times, and what it refuses is not.
func TestAskTriesAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []string
		times   int
		fails   bool
	}{
		"busy, then there":  {[]string{"503 ", `400 {"__type":"com.amazonaws#ThrottlingException"}`, `200 {}`}, 3, false},
		"cut, then there":   {[]string{"", `200 {}`}, 2, false},
		"always busy":       {[]string{"503 "}, 4, true},
		"refused":           {[]string{`400 {"__type":"AccessDeniedException","Message":"no"}`}, 1, true},
		"not an AWS answer": {[]string{"200 <html>Log in to the hotel's network</html>"}, 1, true},
		"no end":            {[]string{"200 " + strings.Repeat(" ", 5<<20)}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &line{answers: c.answers}
				err := l.at(t, "eu-west-1", nil).Ask(t.Context(), quota(), &struct{}{})
				if len(l.asked) != c.times || (err != nil) != c.fails {
					t.Errorf("asked %d times: %v", len(l.asked), err)
				}
			})
		})
	}
}

// TestAskExplains keeps the promise that a refusal says which permission is missing, in each protocol, and that somebody else's page is no answer.
func TestAskExplains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q                    awscloud.Read
		answer, code, action string
	}{
		{quota(), `400 {"__type":"com.amazonaws.servicequotas#AccessDeniedException","message":"no"}`, "AccessDeniedException", "servicequotas:GetServiceQuota"},
		{vpcs(), `403 <Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized</Message></Error></Errors><RequestID>r</RequestID></Response>`, "UnauthorizedOperation", "ec2:DescribeVpcs"},
		{zones(), `403 <ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`, "AccessDenied", "route53:ListHostedZonesByName"},
		{zones(), `502 <html>`, "UnknownError", "route53:ListHostedZonesByName"},
		{vpcs(), `200 <html><body>Log in</body></html>`, "", "ec2:DescribeVpcs"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &line{answers: []string{c.answer}}
			err := l.at(t, "eu-west-1", nil).Ask(t.Context(), c.q, &struct{}{})
			e := awscloud.Explain(err, "it cannot be looked at", standby())
			if awscloud.Code(err) != c.code || e.Action != c.action || strings.HasPrefix(c.code, "AccessDenied") != (e.Class == step.Permanent && strings.Contains(e.Why, c.action)) && c.code != "UnauthorizedOperation" {
				t.Errorf("code %q, action %q, class %v, why %q", awscloud.Code(err), e.Action, e.Class, e.Why)
			}
		})
	}
}

// TestAskChangesNothing keeps the promise that an operation whose name does not say that it reads is not sent.
func TestAskChangesNothing(t *testing.T) {
	t.Parallel()
	l := &line{answers: []string{"200 {}"}}
	q := vpcs()
	q.Operation = "CreateVpc"
	if err := l.at(t, "eu-west-1", nil).Ask(t.Context(), q, &struct{}{}); err == nil || len(l.asked) > 0 {
		t.Errorf("%v, %d requests", err, len(l.asked))
	}
}
