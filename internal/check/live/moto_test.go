package live_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim/simtest"
)

// TestMoto keeps the promise that the questions without a client are understood by a server that we did not write: quotas, VPCs, certificates
// and zones are those of a moto server behind the drill cloud, as `lifeboat cloud --upstream` has it.
func TestMoto(t *testing.T) {
	t.Parallel()
	c := besides(t, simtest.Moto(t))
	create := func(service, region, target, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=AKIALIFE222222222222/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service))
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		if target == "" {
			r.Header.Del("X-Amz-Target")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %v", body, text, err)
		}
	}
	for i := range 3 {
		create("ec2", "eu-west-1", "", fmt.Sprintf("Action=CreateVpc&Version=2016-11-15&CidrBlock=10.%d.0.0/16", i))
	}
	create("acm", "us-east-1", "CertificateManager.RequestCertificate", `{"DomainName":"www.example.org","ValidationMethod":"DNS"}`)
	got := checked(t, c.URL, "network")
	want := []string{
		"LB452: Site standby has 4 of 5 VPCs, and the stacks make 2 more, unless some of those are theirs from before",
		"LB851: The certificate of www.example.org at standby (us-east-1) is PENDING_VALIDATION",
		"LB851: There is no certificate of api.example.org at standby: the recovery waits for its validation",
		"LB852: Account 222222222222 of site standby has no zone example.org, and the code looks it up there",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found:\n%s", strings.Join(got, "\n"))
	}
}
