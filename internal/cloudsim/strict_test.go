package cloudsim

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"pgregory.net/rapid"
)

// noon is when the tests of signatures take place.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// sign signs a request as the AWS SDK does, at an instant, with the secret that the key has in strict mode.
func sign(tb testing.TB, r *http.Request, service, digest string, at time.Time) {
	tb.Helper()
	if err := v4.NewSigner().SignHTTP(tb.Context(), aws.Credentials{AccessKeyID: primary, SecretAccessKey: primary}, r, digest, service, london, at, asService(service)); err != nil {
		tb.Fatal(err)
	}
}

// asService is what the SDK's clients tell the signer of their service.
func asService(service string) func(*v4.SignerOptions) {
	return func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }
}

func digestOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// signedRequest makes a signed call with a body: JSON for ssm, a form for iam, an object for s3.
func signedRequest(tb testing.TB, service, target, body string, at time.Time) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "http://cloud.example"+target, strings.NewReader(body))
	switch service {
	case "ssm":
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	case "iam":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case "s3":
		r.Method = http.MethodPut
		r.Header.Set(bodyHash, digestOf(body))
		r.Header.Set("X-Amz-Meta-Note", "as  signed")
	}
	sign(tb, r, service, digestOf(body), at)
	return r
}

// TestStrictRefusesWhatIsNotAsSigned: a signature is good for exactly one call at one time. Changed in any part, the call is refused in
// its client's protocol and reaches no service.
func TestStrictRefusesWhatIsNotAsSigned(t *testing.T) {
	t.Parallel()
	c, n := small(t, Config{Strict: true, Clock: &handClock{now: noon()}})
	bodies := map[string]string{"ssm": `{"Name":"/a"}`, "iam": "Action=ListRoles&Version=2010-05-08", "s3": "an object"}
	codes := map[string]string{"ssm": "InvalidSignatureException", "iam": "SignatureDoesNotMatch", "s3": "SignatureDoesNotMatch"}
	skews := map[string]string{"ssm": "InvalidSignatureException", "iam": "SignatureDoesNotMatch", "s3": "RequestTimeTooSkewed"}
	for service, body := range bodies {
		for name, at := range map[string]time.Duration{"now": 0, "a little late": -maxSkew, "a little early": maxSkew} {
			if w := answer(c, signedRequest(t, service, "/b/k%20l?x=1&y=", body, noon().Add(at))); w.Code != http.StatusOK {
				t.Errorf("%s signed %s: %d %s", service, name, w.Code, w.Body)
			}
		}
		for _, at := range []time.Duration{-maxSkew - time.Second, maxSkew + time.Second} {
			if w := answer(c, signedRequest(t, service, "/", body, noon().Add(at))); w.Code < 400 || !strings.Contains(w.Body.String(), skews[service]) {
				t.Errorf("%s signed at %s: %d %s", service, at, w.Code, w.Body)
			}
		}
		served := n.counts[primary+"/"+london]
		for name, change := range map[string]func(*http.Request){
			"the body": func(r *http.Request) {
				r.Body = io.NopCloser(strings.NewReader(body + " "))
				if service == "s3" { // whose own service compares the digest: the gateway's part is that the digest is signed
					r.Header.Set(bodyHash, digestOf(body+" "))
				}
			},
			"the method":   func(r *http.Request) { r.Method = http.MethodDelete },
			"the path":     func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/b/kl", "" },
			"the query":    func(r *http.Request) { r.URL.RawQuery = "x=2&y=" },
			"a query more": func(r *http.Request) { r.URL.RawQuery += "&z" },
			"the host":     func(r *http.Request) { r.Host = "other.example" },
			"a header": func(r *http.Request) {
				r.Header.Set("Content-Type", "application/x-amz-json-1.0")
				r.Header.Set("X-Amz-Meta-Note", "other")
			},
			"an x-amz header more": func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") },
			"the date":             func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261123T120001Z") },
			"the day":              func(r *http.Request) { edit(r, "/20261123/", "/20261124/") },
			"the region":           func(r *http.Request) { edit(r, "/"+london+"/", "/"+ireland+"/") },
			"the account":          func(r *http.Request) { edit(r, primary, standby) },
			"the signature":        func(r *http.Request) { edit(r, "Signature=", "Signature=0") },
		} {
			r := signedRequest(t, service, "/b/k%20l?x=1&y=", body, noon())
			change(r)
			if service == "iam" && name == "a header" {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8") // still a form
			}
			if w := answer(c, r); w.Code < 400 || !strings.Contains(w.Body.String(), codes[service]) {
				t.Errorf("%s with %s changed: %d %s", service, name, w.Code, w.Body)
			}
		}
		if n.counts[primary+"/"+london] != served {
			t.Errorf("%s: refused calls reached the service", service)
		}
	}
}

func edit(r *http.Request, from, to string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
}

// TestStrictWantsTheWholeSignature: what is left out of a signature makes it none.
func TestStrictWantsTheWholeSignature(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{Strict: true, Clock: &handClock{now: noon()}})
	for name, change := range map[string]func(*http.Request){
		"no host":      func(r *http.Request) { edit(r, ";host", "") },
		"no signature": func(r *http.Request) { edit(r, "Signature=", "Sig=") },
		"no date":      func(r *http.Request) { r.Header.Del("X-Amz-Date") },
		"half a date":  func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261123") },
	} {
		r := signedRequest(t, "ssm", "/", "{}", noon())
		change(r)
		if w := answer(c, r); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "IncompleteSignatureException") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	r := signedRequest(t, "ssm", "/", "{}", noon())
	r.Header.Del("X-Amz-Date")
	r.Header.Set("Date", noon().Format(http.TimeFormat))
	if w := answer(c, r); !strings.Contains(w.Body.String(), "InvalidSignatureException") { // it is read, and was not signed
		t.Errorf("a Date header: %d %s", w.Code, w.Body)
	}
}

// TestStrictPresigned: a presigned call is good until it expires, and for nothing else.
func TestStrictPresigned(t *testing.T) {
	t.Parallel()
	clk := &handClock{now: noon()}
	c, _ := small(t, Config{Strict: true, Clock: clk})
	presigned := func() *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud.example/bucket/a%2Fb%20c?X-Amz-Expires=60&versionId=null", http.NoBody)
		uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: primary, SecretAccessKey: primary}, r, noPayload, "s3", london, noon(), asService("s3"))
		if err != nil {
			t.Fatal(err)
		}
		return httptest.NewRequestWithContext(t.Context(), http.MethodGet, uri, http.NoBody)
	}
	if w := answer(c, presigned()); w.Code != http.StatusOK {
		t.Errorf("now: %d %s", w.Code, w.Body)
	}
	longer := presigned()
	longer.URL.RawQuery = strings.Replace(longer.URL.RawQuery, "Expires=60", "Expires=600", 1)
	if w := answer(c, longer); !strings.Contains(w.Body.String(), "SignatureDoesNotMatch") {
		t.Errorf("made to last longer: %d %s", w.Code, w.Body)
	}
	clk.advance(time.Minute)
	if w := answer(c, presigned()); w.Code != http.StatusOK {
		t.Errorf("after a minute: %d %s", w.Code, w.Body)
	}
	clk.advance(time.Second)
	if w := answer(c, presigned()); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "<Code>AccessDenied</Code><Message>Request has expired") {
		t.Errorf("a second later: %d %s", w.Code, w.Body)
	}
}

// TestStrictStreams: of a body sent in signed chunks the seed signature is verified.
func TestStrictStreams(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{Strict: true, Clock: &handClock{now: noon()}})
	for _, digest := range []string{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", noPayload} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "http://cloud.example/bucket/key", strings.NewReader("0\r\n\r\n"))
		r.Header.Set(bodyHash, digest)
		sign(t, r, "s3", digest, noon())
		if w := answer(c, r); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", digest, w.Code, w.Body)
		}
		r.Header.Set(bodyHash, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
		if w := answer(c, r); w.Code != http.StatusForbidden {
			t.Errorf("not %s: %d %s", digest, w.Code, w.Body)
		}
	}
}

// TestStrictAgreesWithTheSDK: whatever path, query and header the SDK signs, the gateway makes the same signature of it.
func TestStrictAgreesWithTheSDK(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{Strict: true, Clock: &handClock{now: noon()}})
	text := rapid.StringMatching(`[ -~éß/+%=&;*~]{0,12}`)
	rapid.Check(t, func(rt *rapid.T) {
		service := rapid.SampledFrom([]string{"s3", "lambda", "ssm"}).Draw(rt, "service")
		query := url.Values{}
		for _, name := range rapid.SliceOfN(text, 0, 4).Draw(rt, "names") {
			query.Add("q"+name, text.Draw(rt, "value"))
		}
		u := url.URL{Scheme: "http", Host: "cloud.example", Path: "/p" + text.Draw(rt, "path"), RawQuery: query.Encode()}
		body := text.Draw(rt, "body")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, u.String(), strings.NewReader(body))
		if err != nil {
			rt.Fatal(err)
		}
		r.Header.Set(bodyHash, digestOf(body))
		r.Header.Add("X-Amz-Meta-Note", text.Draw(rt, "header"))
		sign(t, r, service, digestOf(body), noon())
		var wire bytes.Buffer // as it arrives
		if err := r.Write(&wire); err != nil {
			rt.Fatal(err)
		}
		arrived, err := http.ReadRequest(bufio.NewReader(&wire))
		if err != nil {
			rt.Fatal(err)
		}
		if w := answer(c, arrived); w.Code != http.StatusOK {
			rt.Fatalf("%s %s: %d %s", service, u.String(), w.Code, w.Body)
		}
	})
}

// TestStrictServesTheSDK: the real clients pass a strict cloud, with an account's key and with a role's; a wrong secret does not.
func TestStrictServesTheSDK(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := serve(t, c)
	cfg := func(key, secret, token string) aws.Config {
		return aws.Config{Region: london, BaseEndpoint: &endpoint, RetryMaxAttempts: 1, Credentials: held(aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: token})}
	}
	role := assume(t, cfg("AKIA"+primary, "AKIA"+primary, ""))
	for name, cfg := range map[string]aws.Config{"an account": cfg(primary, primary, ""), "a role": cfg(role.AccessKeyID, role.SecretAccessKey, role.SessionToken)} {
		for call, err := range everyProtocol(t, cfg, "strict-"+strings.ReplaceAll(name, " ", "-")) {
			if err != nil {
				t.Errorf("%s, %s: %v", name, call, err)
			}
		}
	}
	for name, cfg := range map[string]aws.Config{"another's secret": cfg(primary, standby, ""), "a role's wrong secret": cfg(role.AccessKeyID, "any", role.SessionToken)} {
		if _, err := awssts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil); code(err) != "SignatureDoesNotMatch" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := awsdynamodb.NewFromConfig(cfg).ListTables(t.Context(), nil); code(err) != "InvalidSignatureException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func held(key aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil })
}

// assume gives the key of a role in the primary account.
func assume(t *testing.T, cfg aws.Config) aws.Credentials {
	t.Helper()
	out, err := awssts.NewFromConfig(cfg).AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::111111111111:role/recovery"), RoleSessionName: aws.String("on-call"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
}

// everyProtocol makes calls of each protocol, with names that must be encoded, and gives their errors.
func everyProtocol(t *testing.T, cfg aws.Config, bucket string) map[string]error {
	t.Helper()
	ctx, errs := t.Context(), map[string]error{}
	_, errs["query"] = awssts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	_, errs["JSON"] = awsssm.NewFromConfig(cfg).PutParameter(ctx, &awsssm.PutParameterInput{Name: aws.String("/" + bucket), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString})
	_, err := awslambda.NewFromConfig(cfg).ListTags(ctx, &awslambda.ListTagsInput{Resource: aws.String("arn:aws:lambda:eu-west-2:111111111111:function:none")})
	if code(err) == "ResourceNotFoundException" { // its service's answer: the signature was good
		err = nil
	}
	errs["REST-JSON"] = err
	store := awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true })
	_, errs["bucket"] = store.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: london}})
	key := aws.String("a folder/ä + b=c&d*e~f'g(h)")
	_, errs["object"] = store.PutObject(ctx, &awss3.PutObjectInput{Bucket: &bucket, Key: key, Body: strings.NewReader("whole")})
	_, errs["list"] = store.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String("a folder/ä +")})
	signed, err := awss3.NewPresignClient(store).PresignGetObject(ctx, &awss3.GetObjectInput{Bucket: &bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, signed.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != "whole" {
		t.Errorf("presigned: %s %s %v", resp.Status, got, err)
	}
	return errs
}
