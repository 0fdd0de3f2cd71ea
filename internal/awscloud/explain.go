package awscloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Explain says a failure of a call to AWS so that a tired person can act: its class, the IAM action that was refused or failed, the cause in
// few words and what to do. What failed is in the caller's words; site is where. An error that is a *step.Error already stays as it is.
func Explain(err error, what string, site *plan.Site) *step.Error {
	if known, ok := errors.AsType[*step.Error](err); ok {
		return known
	}
	e := &step.Error{Class: classify(err), What: what, Action: Action(err), Err: &cause{err}}
	if site != nil {
		e.Site = site.Name
	}
	e.Why, e.Next = advise(err, e.Action, site)
	return e
}

// Code is the error code of AWS's answer, or empty when AWS did not answer.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Status is the HTTP status of AWS's answer, or 0. A HEAD request's errors have hardly more.
func Status(err error) int {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// Denied tells whether AWS refused because a permission is missing.
func Denied(err error) bool {
	code := Code(err)
	return strings.HasPrefix(code, "AccessDenied") || strings.HasPrefix(code, "UnauthorizedOperation") || code == "AuthorizationError" || code == "Forbidden"
}

func classify(err error) step.Class {
	var timeout interface{ Timeout() bool }
	var cancelled *smithy.CanceledError
	var ours *aws.RequestCanceledError
	_, throttled := retry.DefaultThrottleErrorCodes[Code(err)]
	switch {
	case errors.As(err, &cancelled) || errors.As(err, &ours) || errors.Is(err, context.Canceled):
		if errors.Is(err, context.DeadlineExceeded) {
			return step.Timeout
		}
		return step.Cancelled
	case throttled || Status(err) == http.StatusTooManyRequests:
		return step.Throttle
	case Code(err) == "OperationAborted" || Code(err) == "RequestTimeout" || Status(err) >= http.StatusInternalServerError:
		return step.Transient
	case Code(err) != "" || Status(err) != 0:
		return step.Permanent
	case noSuchHost(err):
		return step.Permanent
	case unreachable(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return step.Transient
	case errors.As(err, &timeout) && timeout.Timeout():
		return step.Transient
	case errors.Is(err, context.DeadlineExceeded):
		return step.Timeout
	default:
		return step.Permanent
	}
}

func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET)
}

func noSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// cause shows an SDK error without the SDK's own sentences around it.
type cause struct{ err error }

func (c *cause) Unwrap() error { return c.err }

func (c *cause) Error() string {
	err := c.err
	var cred *credentialsError
	for errors.As(err, &cred) {
		err = cred.err
	}
	var api smithy.APIError
	var op *smithy.OperationError
	var sent *url.Error
	switch {
	case errors.As(err, &api):
		return apiText(api, err)
	case errors.As(err, &sent):
		return fmt.Sprintf("no answer from %s: %v", host(sent.URL), sent.Err)
	case errors.As(err, &op):
		return op.Err.Error()
	default:
		return err.Error()
	}
}

func apiText(api smithy.APIError, err error) string {
	text := api.ErrorCode()
	if m := api.ErrorMessage(); m != "" && m != text {
		text += ": " + m
	}
	var id interface{ ServiceRequestID() string }
	if errors.As(err, &id) && id.ServiceRequestID() != "" {
		text += " (request " + id.ServiceRequestID() + ")"
	}
	return text
}

func host(rawURL string) string {
	if u, err := url.Parse(rawURL); err == nil {
		return u.Host
	}
	return "the endpoint"
}
