package awscloud

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// maxAnswer bounds an answer that is read, in bytes. AWS's own pages are far below.
const maxAnswer = 4 << 20

// Read is a read-only operation of a service that has no client here, because a question or two are all that it is asked. One of Target,
// Version and Path says which protocol the service speaks.
type Read struct {
	Service   string // the SDK's service id, for errors: Service Quotas
	Name      string // endpoint prefix and signing name: servicequotas
	Operation string
	Target    string     // AWS JSON 1.1: what stands before the operation in X-Amz-Target
	Version   string     // query protocol with XML answers: the API's version
	Path      string     // REST with XML answers: the path of a GET
	Region    string     // empty: the site's
	In        any        // AWS JSON: the input
	Form      url.Values // query and REST: the input
}

// Ask sends a Read at the site, as its clients would: with its credentials, endpoint, patience and retries. The answer goes into out, a pointer for
// encoding/json or encoding/xml. Errors are those of the clients: for Code, Status, Denied and Explain.
func (c *Clients) Ask(ctx context.Context, q Read, out any) error {
	if !ReadOnly(q.Operation) {
		return fmt.Errorf("%s of %s is not known to change nothing, and is not sent", q.Operation, q.Service)
	}
	for attempt := 1; ; attempt++ {
		err := c.attempt(ctx, q, out)
		if err == nil {
			return nil
		}
		failed := &smithy.OperationError{ServiceID: q.Service, OperationName: q.Operation, Err: err}
		if attempt >= c.retryer.MaxAttempts() || !c.retryer.IsErrorRetryable(err) {
			return failed
		}
		delay, cannot := c.retryer.RetryDelay(attempt, err)
		if cannot != nil || clock.Sleep(ctx, delay) != nil {
			return failed
		}
	}
}

// attempt sends it once.
func (c *Clients) attempt(ctx context.Context, q Read, out any) error {
	body, err := c.exchange(ctx, q)
	if err != nil {
		return err
	}
	if q.Target != "" {
		err = json.Unmarshal(body, out)
	} else {
		err = decodeXML(body, q.Operation+"Response", out)
	}
	if err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	return nil
}

// exchange sends the request, and reads the answer to its end. One that refuses is an error.
func (c *Clients) exchange(ctx context.Context, q Read) ([]byte, error) {
	req, err := c.request(ctx, q)
	if err != nil {
		return nil, err
	}
	resp, err := c.cfg.HTTPClient.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, &aws.RequestCanceledError{Err: err}
		}
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, &smithyhttp.RequestSendError{Err: err}
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
	}
	if resp.StatusCode/100 != 2 {
		return nil, refusal(q, resp, body)
	}
	return body, nil
}

// request is the signed request.
func (c *Clients) request(ctx context.Context, q Read) (*http.Request, error) {
	region := q.Region
	if region == "" {
		region = c.cfg.Region
	}
	address, region := c.endpoint(q, region)
	method, kind, body := http.MethodPost, "application/x-amz-json-1.1", []byte(nil)
	switch {
	case q.Target != "":
		var err error
		if body, err = json.Marshal(q.In); err != nil {
			return nil, err
		}
	case q.Version != "":
		form := url.Values{"Action": {q.Operation}, "Version": {q.Version}}
		maps.Copy(form, q.Form)
		kind, body = "application/x-www-form-urlencoded; charset=utf-8", []byte(form.Encode())
	default:
		method, kind, address = http.MethodGet, "", address+q.Path+"?"+q.Form.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if q.Target != "" {
		req.Header.Set("X-Amz-Target", q.Target+"."+q.Operation)
	}
	keys, err := c.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return req, v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), q.Name, region, clock.System{}.Now())
}

// endpoint is where a service answers, and the region that its requests are signed for. Route 53 has one for a partition (AWS General Reference,
// Service endpoints).
func (c *Clients) endpoint(q Read, region string) (address, signed string) {
	suffix, host := "amazonaws.com", q.Name+"."+region
	if strings.HasPrefix(region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	if q.Name == "route53" {
		switch {
		case strings.HasPrefix(region, "cn-"):
			host, region = "route53", "cn-northwest-1"
		case strings.HasPrefix(region, "us-gov-"):
			host, region = "route53.us-gov", "us-gov-west-1"
		default:
			host, region = "route53", "us-east-1"
		}
	}
	if url := c.endpoints["AWS_ENDPOINT_URL_"+strings.ToUpper(strings.ReplaceAll(q.Service, " ", "_"))]; url != "" {
		return strings.TrimSuffix(url, "/"), region
	}
	if c.cfg.BaseEndpoint != nil {
		return strings.TrimSuffix(*c.cfg.BaseEndpoint, "/"), region
	}
	return "https://" + host + "." + suffix, region
}
