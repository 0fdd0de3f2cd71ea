package cloudsim

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// TestMoto: alarms, certificates, zones and firewalls, which the cloud lacks, are made through it in a moto server: each account and
// region sees its own, role keys see their account's, a lost region gives no answer, and the rest goes on.
func TestMoto(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Strict: true, Upstream: simtest.Moto(t)})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, c)
	call := func(key aws.Credentials, region, service, target, body string) (string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case service == "route53":
			r.URL.Path = target
			if body == "" {
				r.Method = http.MethodGet
			}
		case target == "":
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		default:
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", target)
		}
		if err := v4.NewSigner().SignHTTP(t.Context(), key, r, digestOf(body), service, region, time.Now()); err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if resp.StatusCode >= 300 || resp.Header.Get(upstreamHeader) == "" {
			t.Errorf("%s %s %s: %s %s", service, target, body, resp.Status, b)
		}
		return string(b), err
	}
	here, there := aws.Credentials{AccessKeyID: primary, SecretAccessKey: primary}, aws.Credentials{AccessKeyID: standby, SecretAccessKey: standby}
	seen := func(who aws.Credentials, region, what string) bool {
		out, err := call(who, region, "monitoring", "", "Action=DescribeAlarms&Version=2010-08-01")
		if err != nil {
			t.Error(err)
		}
		return strings.Contains(out, what)
	}
	alarm := "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=queue-full&ComparisonOperator=GreaterThanThreshold&EvaluationPeriods=1&MetricName=Depth&Namespace=Q&Period=60&Statistic=Maximum&Threshold=1"
	zone := `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>pharmacy.example</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>`
	for _, step := range []struct{ region, service, target, body, has string }{
		{london, "monitoring", "", alarm, "PutMetricAlarmResponse"},
		{london, "acm", "CertificateManager.RequestCertificate", `{"DomainName":"api.pharmacy.example","ValidationMethod":"DNS"}`, "arn:aws:acm:eu-west-2:111111111111:certificate/"},
		{london, "wafv2", "AWSWAF_20190729.CreateWebACL", `{"Name":"front","Scope":"REGIONAL","DefaultAction":{"Allow":{}},"VisibilityConfig":{"SampledRequestsEnabled":false,"CloudWatchMetricsEnabled":false,"MetricName":"front"}}`, "arn:aws:wafv2:eu-west-2:111111111111:regional/webacl/front/"},
		{"us-east-1", "route53", "/2013-04-01/hostedzone", zone, "<Name>pharmacy.example.</Name>"},
		{"us-east-1", "route53", "/2013-04-01/hostedzone", "", "<Name>pharmacy.example.</Name>"},
	} {
		if out, err := call(here, step.region, step.service, step.target, step.body); err != nil || !strings.Contains(out, step.has) {
			t.Errorf("%s %s: %v %s", step.service, step.target, err, out)
		}
	}
	role := assume(t, aws.Config{Region: london, BaseEndpoint: &url, Credentials: held(here)})
	if !seen(role, london, "queue-full") {
		t.Error("a role of the account does not see its alarm")
	}
	if !seen(here, london, "arn:aws:cloudwatch:eu-west-2:111111111111:alarm:queue-full") || seen(here, ireland, "queue-full") || seen(there, london, "queue-full") {
		t.Error("an alarm is not in its own account and region, or is in another")
	}
	if err := c.World().Strike(sim.Disaster{Kind: sim.RegionLost, Region: london}); err != nil {
		t.Fatal(err)
	}
	if out, err := call(here, london, "monitoring", "", "Action=DescribeAlarms&Version=2010-08-01"); err == nil {
		t.Errorf("the lost region answers: %s", out)
	}
	if _, err := call(here, ireland, "monitoring", "", alarm); err != nil || !seen(here, ireland, "queue-full") {
		t.Errorf("the other region does not go on: %v", err)
	}
}
