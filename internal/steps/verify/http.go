package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const (
	maxBody       = 1 << 20 // read and searched; what a page says later does not count
	maxRedirects  = 5
	answerTimeout = 10 * time.Second // of one question
)

// page is an http proof with its expressions resolved.
type page struct {
	check   *plan.HTTPCheck
	url     *url.URL
	shown   string // the URL without what may be secret in it
	headers http.Header
	hidden  []string
	web     http.RoundTripper
}

func (s *verify) http(call *step.Call, check *plan.HTTPCheck) (proof, string, error) {
	p := &page{check: check, headers: http.Header{}, web: s.web}
	raw, isSecret, err := text(call, check.URL)
	if err != nil {
		return nil, "", err
	}
	p.url, err = url.Parse(raw)
	if err != nil || p.url.Host == "" || p.url.Scheme != "http" && p.url.Scheme != "https" {
		return nil, "", &step.Error{
			Class: step.Permanent, What: fmt.Sprintf("the url at %s is not an http or https address", check.URL.Range()),
			Next: "Correct it in the plan, or the stack's output that it comes from",
		}
	}
	p.shown = p.url.Scheme + "://" + p.url.Host + p.url.Path
	if isSecret {
		p.shown, p.hidden = secret.Hidden, append(p.hidden, raw)
	}
	for _, name := range slices.Sorted(maps.Keys(check.Headers)) {
		value, isSecret, err := text(call, check.Headers[name])
		if err != nil {
			return nil, "", err
		}
		p.headers.Set(name, value)
		if isSecret {
			p.hidden = append(p.hidden, value)
		}
	}
	return p.ask, p.shown + " does not answer as it should", nil
}

// redirect follows a few redirects, unless one is what is wanted. Our headers stay with the host that they are for.
func (p *page) redirect(r *http.Request, via []*http.Request) error {
	if want := p.check.Status; want >= 300 && want < 400 {
		return http.ErrUseLastResponse
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if r.URL.Host != p.url.Host {
		for name := range p.headers {
			r.Header.Del(name)
		}
	}
	return nil
}

func (p *page) ask(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	method := cmp.Or(p.check.Method, http.MethodGet)
	r, err := http.NewRequestWithContext(ctx, method, p.url.String(), http.NoBody)
	if err != nil {
		return "", &step.Error{Class: step.Permanent, What: "the request cannot be made", Err: errors.New(argv.Show(err.Error(), p.hidden...))}
	}
	r.Header = p.headers.Clone()
	if h := r.Header.Get("Host"); h != "" {
		r.Host = h
	}
	client := &http.Client{Transport: p.web, CheckRedirect: p.redirect}
	resp, err := client.Do(r)
	if err != nil {
		return "", p.silence(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return "", p.silence(err)
	}
	seen := fmt.Sprintf("%s %s answers %d", method, p.shown, resp.StatusCode)
	switch want := cmp.Or(p.check.Status, http.StatusOK); {
	case resp.StatusCode != want:
		return "", &notYetError{fmt.Sprintf("%s, not %d: %s", seen, want, argv.Show(string(body[:min(len(body), 4096)]), p.hidden...))}
	case !strings.Contains(string(body), p.check.Contains):
		return "", &notYetError{fmt.Sprintf("%s, without %q in it", seen, p.check.Contains)}
	case p.check.Contains != "":
		seen += fmt.Sprintf(" with %q", p.check.Contains)
	}
	return seen, nil
}

// silence is the error of a request without an answer. The client's own words would show the URL.
func (p *page) silence(err error) error {
	if sent, ok := errors.AsType[*url.Error](err); ok {
		err = sent.Err
	}
	return &notYetError{fmt.Sprintf("no answer from %s: %s", p.shown, argv.Show(err.Error(), p.hidden...))}
}
