package steptest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// call is a request as AWS understands it.
type call struct {
	action string // service:Operation; for REST services service:METHOD path
	read   bool
	json   bool
}

// describe reads a request's service from its SigV4 scope, and its operation from its target or path. What is not signed is a
// container registry's, which stands for ECR, or an ordinary web server's.
func describe(r *http.Request) call {
	service := "http"
	if m := regexp.MustCompile(`Credential=[^/]+/[0-9]+/[^/]+/([^/]+)/`).FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		service = m[1]
	} else if strings.HasPrefix(r.URL.Path, "/v2/") {
		service = "ecr"
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		op := target[strings.LastIndexByte(target, '.')+1:]
		return call{action: service + ":" + op, read: reads(op), json: true}
	}
	if op := formAction(r); op != "" {
		return call{action: service + ":" + op, read: reads(op) || service == "sts"}
	}
	read := r.Method == http.MethodGet || r.Method == http.MethodHead || service == "sts"
	return call{action: service + ":" + r.Method + " " + r.URL.Path, read: read, json: service == "lambda" || service == "apigateway"}
}

func reads(op string) bool {
	return regexp.MustCompile(`^(Get|List|Describe|BatchGet|BatchCheck|Query|Scan)`).MatchString(op)
}

// formAction is the operation of a call in the query protocol; empty for others.
func formAction(r *http.Request) string {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || r.Body == nil {
		return ""
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return ""
	}
	r.Body = body(string(b))
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return ""
	}
	return form.Get("Action")
}

// denial is what AWS answers when a permission is missing.
func (c call) denial(r *http.Request) *http.Response {
	resp := &http.Response{
		StatusCode: http.StatusForbidden, ProtoMajor: 1, ProtoMinor: 1, Request: r, Body: http.NoBody,
		Header: http.Header{"X-Amzn-Requestid": {"denied"}},
	}
	service, _, _ := strings.Cut(c.action, ":")
	switch {
	case r.Method == http.MethodHead: // has no body
	case c.json:
		resp.StatusCode = http.StatusBadRequest
		resp.Header.Set("X-Amzn-Errortype", "AccessDeniedException")
		resp.Body = body(`{"__type":"AccessDeniedException","message":"denied by the conformance kit"}`)
	case service == "s3":
		resp.Body = body(`<Error><Code>AccessDenied</Code><Message>denied by the conformance kit</Message></Error>`)
	case service == "ecr":
		resp.Body = body(`{"errors":[{"code":"DENIED","message":"denied by the conformance kit"}]}`)
	default:
		resp.Body = body(fmt.Sprintf(`<ErrorResponse><Error><Code>AccessDenied</Code><Message>denied by the conformance kit</Message></Error><RequestId>%s</RequestId></ErrorResponse>`, "denied"))
	}
	return resp
}
