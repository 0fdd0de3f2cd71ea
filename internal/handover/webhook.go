package handover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// answerTimeout bounds one delivery. The engine tries again.
const answerTimeout = 20 * time.Second

// Post sends a sealed letter to a consumer's webhook. Only the status of the answer counts, and redirects are not followed: the plan says who is
// told. Errors name the host alone, for the rest of such a URL is often a password.
func Post(ctx context.Context, web http.RoundTripper, to string, sealed []byte) error {
	if err := CheckWebhook(to); err != nil {
		return &step.Error{Class: step.Permanent, What: "the webhook cannot be used", Err: err, Next: "Correct the consumer's webhook in the plan"}
	}
	u, err := url.Parse(to)
	if err != nil {
		return errors.New("the webhook is no URL") // its words would quote the URL
	}
	limited, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(limited, http.MethodPost, u.String(), bytes.NewReader(sealed))
	if err != nil {
		return fmt.Errorf("the webhook at %s cannot be asked", u.Host)
	}
	r.Header.Set("Content-Type", "application/age-encrypted; charset=us-ascii")
	client := &http.Client{Transport: web, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if sent, ok := errors.AsType[*url.Error](err); ok {
			err = sent.Err
		}
		return refusal(u, step.Transient, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<16)
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusTooManyRequests:
		return refusal(u, step.Throttle, fmt.Errorf("it answers %s", resp.Status))
	case code >= 500 || code == http.StatusRequestTimeout:
		return refusal(u, step.Transient, fmt.Errorf("it answers %s", resp.Status))
	default:
		return refusal(u, step.Permanent, fmt.Errorf("it answers %s", resp.Status))
	}
}

func refusal(u *url.URL, class step.Class, err error) *step.Error {
	return &step.Error{
		Class: class, What: "the webhook at " + u.Host + " does not take the encrypted key", Action: "http:POST", Err: err,
		Next: "Ask the consumer about the address, or take the webhook out of the plan and send the file, then run `lifeboat resume`",
	}
}
