package cloudsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// upstreamHeader marks what an upstream answered, and what was handed to one: a call is not handed on twice.
const upstreamHeader = "X-Lifeboat-Upstream"

const (
	maxForwarded  = 1 << 30         // bytes of a body in either direction: it is streamed, so this bounds time, not memory
	upstreamDial  = 5 * time.Second // an upstream is on this machine or near
	upstreamThink = 2 * time.Minute // until the first byte of an answer
)

// parseUpstream reads Config.Upstream. AWS itself is refused: nothing in a drill may reach a real account.
func parseUpstream(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.User != nil, u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("drill cloud: the upstream %q is not of the form http://HOST:PORT, such as http://127.0.0.1:5000", text)
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for _, aws := range []string{"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "on.aws"} {
		if host == aws || strings.HasSuffix(host, "."+aws) {
			return nil, fmt.Errorf("drill cloud: the upstream %q is AWS itself: a drill touches no real account; name a simulator, such as a moto server", text)
		}
	}
	return u, nil
}

// upstream is the server that answers for what the cloud lacks.
type upstream struct {
	url       *url.URL
	transport http.RoundTripper
}

func newUpstream(text string) (*upstream, error) {
	u, err := parseUpstream(text)
	if err != nil {
		return nil, err
	}
	return &upstream{u, &http.Transport{ // no Proxy: the environment's is for the Internet
		DialContext:           (&net.Dialer{Timeout: upstreamDial}).DialContext,
		ResponseHeaderTimeout: upstreamThink, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 64, DisableCompression: true,
	}}, nil
}

// forward hands a call to the upstream, and streams both bodies.
func (c *Cloud) forward(w http.ResponseWriter, r *http.Request, call *sim.Call, operation string) {
	proxy := &httputil.ReverseProxy{
		Transport: c.upstream.transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = c.upstream.url.Scheme, c.upstream.url.Host // Out.Host stays the client's: it is in the URLs of answers
			p.Out.Header.Set(upstreamHeader, c.cfg.Upstream)
			// whose call it is: moto believes the header, LocalStack an access key id of 12 digits
			p.Out.Header.Set("X-Moto-Account-Id", call.Account)
			p.Out.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Credential="+call.AccessKey+"/", "Credential="+call.Account+"/", 1))
		},
		ModifyResponse: func(resp *http.Response) error {
			if resp.Header.Get("X-Amzn-Requestid") != "" { // an answer has one id, as its body says it
				w.Header().Del("X-Amzn-Requestid")
				w.Header().Del("X-Amz-Request-Id")
			}
			resp.Header.Set(upstreamHeader, c.cfg.Upstream)
			if resp.StatusCode != http.StatusSwitchingProtocols { // whose body must stay writable
				resp.Body = &boundedBody{resp.Body, maxForwarded}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { c.upstreamFailed(w, r, call, operation, err) },
		ErrorLog:     slog.NewLogLogger(c.cfg.Log.Handler(), slog.LevelWarn),
	}
	if r.ContentLength > maxForwarded {
		c.upstreamFailed(w, r, call, operation, &http.MaxBytesError{Limit: maxForwarded})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForwarded)
	proxy.ServeHTTP(w, r)
}

// upstreamFailed tells a client that the upstream gave no answer, and what to do about it.
func (c *Cloud) upstreamFailed(w http.ResponseWriter, r *http.Request, call *sim.Call, operation string, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the client is gone
	}
	if maxed, ok := errors.AsType[*http.MaxBytesError](err); ok {
		writeError(w, r, call, sim.Errorf("RequestEntityTooLargeException", "the drill cloud hands on at most %d bytes", maxed.Limit).WithStatus(http.StatusRequestEntityTooLarge))
		return
	}
	c.cfg.Log.Warn("the upstream of the drill cloud does not answer", "upstream", c.cfg.Upstream, "service", call.Service, "operation", operation, "error", err)
	writeError(w, r, call, sim.Errorf("ServiceUnavailable",
		"the drill cloud lacks %s and hands %s to its upstream %s, which does not answer: %v; start the upstream, or the drill cloud with another one", call.Service, operation, c.cfg.Upstream, err,
	).WithStatus(http.StatusServiceUnavailable))
}

// boundedBody fails when a body has more than so many bytes.
type boundedBody struct {
	io.ReadCloser
	left int64
}

// Read reads on while the bound allows it.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the upstream's answer has more than %d bytes", maxForwarded)
	}
	return n, err
}
