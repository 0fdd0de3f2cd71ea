package cloudsim

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestUnknownIsNeverSuccess: whatever service and operation, in whatever protocol: what the cloud lacks is an error that names
// both, in a form that the client of that protocol can read.
func TestUnknownIsNeverSuccess(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{})
	rapid.Check(t, func(rt *rapid.T) {
		operation := rapid.StringMatching(`[A-Z][a-zA-Z]{2,30}`).Draw(rt, "operation")
		service := rapid.SampledFrom([]string{"athena", "ec2", "route53", "sns", "monitoring", "batch", "iam", "sts"}).Draw(rt, "service")
		r := request(t.Context(), "http://127.0.0.1/", primary, london, service, operation)
		asXML := false
		protocol := rapid.SampledFrom([]string{"json", "query", "rest", "cbor"}).Draw(rt, "protocol")
		if service == "route53" { // it speaks REST only
			protocol = "rest"
		}
		switch {
		case protocol == "query" || service == "iam" || service == "sts" || service == "ec2":
			asXML = true
			r.Header.Del("X-Amz-Target")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.URL.RawQuery = "Action=Unknown" + operation
		case protocol == "rest":
			r.Header.Del("X-Amz-Target")
			r.Header.Del("Content-Type")
			r.URL.Path = "/" + operation
		case protocol == "cbor":
			r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
			r.URL.Path = "/service/X/operation/" + operation
		}
		w := answer(c, r)
		body := w.Body.String()
		if w.Code < 400 || !strings.Contains(body, "UnknownOperationException") || !strings.Contains(body, operation) || !strings.Contains(body, service) {
			rt.Fatalf("%d %s", w.Code, body)
		}
		if c.routes[service] == nil && w.Code != http.StatusNotImplemented {
			rt.Fatalf("a service that is not there: %d", w.Code)
		}
		if asXML || service == "route53" {
			if err := xml.Unmarshal([]byte(body), new(struct{})); err != nil {
				rt.Fatalf("not XML: %s", body)
			}
		}
	})
}

// TestOperationNames: calls of the REST protocols are counted under the names that AWS gives them.
func TestOperationNames(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{
		"s3 PUT /b":                                              "CreateBucket",
		"s3 HEAD /b":                                             "HeadBucket",
		"s3 GET /":                                               "ListBuckets",
		"s3 GET /b?list-type=2&prefix=x":                         "ListObjects",
		"s3 PUT /b?encryption":                                   "PutBucketEncryption",
		"s3 DELETE /b?publicAccessBlock":                         "DeletePublicAccessBlock",
		"s3 GET /b?lifecycle":                                    "GetBucketLifecycleConfiguration",
		"s3 PUT /b/a/key":                                        "PutObject",
		"s3 GET /b/a/key?tagging":                                "GetObjectTagging",
		"s3 POST /b?delete":                                      "DeleteObjects",
		"s3 POST /b/k?uploads":                                   "CreateMultipartUpload",
		"s3 PUT /b/k?partNumber=1&uploadId=u":                    "UploadPart",
		"s3 POST /b/k?uploadId=u":                                "CompleteMultipartUpload",
		"lambda POST /2015-03-31/functions":                      "CreateFunction",
		"lambda GET /2015-03-31/functions/":                      "ListFunctions",
		"lambda GET /2015-03-31/functions/f":                     "GetFunction",
		"lambda GET /2020-06-30/functions/f/code-signing-config": "GetFunctionCodeSigningConfig",
		"lambda DELETE /2015-03-31/event-source-mappings/u":      "DeleteEventSourceMapping",
		"lambda GET /2015-03-31/what/else":                       "GET /2015-03-31/what/else",
		"apigateway POST /restapis/a/deployments":                "CreateDeployment",
		"kms GET /":                                              "GET /",
	} {
		parts := strings.SplitN(request, " ", 3)
		r, err := http.NewRequestWithContext(t.Context(), parts[1], "http://127.0.0.1"+parts[2], http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := operationOf(nil, r, parts[0]); got != want {
			t.Errorf("%s is %s, want %s", request, got, want)
		}
	}
}

// FuzzParseScope: no header or query makes the parser panic, and what it accepts names a key, a region and a service.
func FuzzParseScope(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=111111111111/20261123/eu-west-2/s3/aws4_request, SignedHeaders=host, Signature=0", "")
	f.Add("", "X-Amz-Credential=111111111111%2F20261123%2Feu-west-2%2Fs3%2Faws4_request")
	f.Add("AWS4-HMAC-SHA256 Credential=////aws4_request", "X-Amz-Credential=%zz")
	f.Fuzz(func(t *testing.T, auth, query string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Authorization"], r.URL.RawQuery = []string{auth}, query
		if s, ok := parseScope(r); ok && (s.AccessKey == "" || s.Region == "" || s.Service == "") {
			t.Errorf("%q %q gave %+v", auth, query, s)
		}
	})
}
