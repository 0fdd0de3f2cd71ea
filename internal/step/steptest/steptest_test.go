package steptest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// toy makes two things on a web server, one after the other. Its switches break the contract, one rule each.
type toy struct {
	client                                  *http.Client
	url                                     string
	blind, liar, deaf, mute, probing, hasty bool
}

func (s *toy) do(ctx context.Context, method, path string) (int, error) {
	if s.deaf {
		ctx = context.WithoutCancel(ctx)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20260101/r/toy/aws4_request, x")
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode == http.StatusForbidden {
		if s.mute {
			return 0, errors.New("denied")
		}
		return 0, &step.Error{Class: step.Permanent, What: "denied", Action: "toy:" + method}
	}
	return resp.StatusCode, nil
}

func (s *toy) missing(ctx context.Context) ([]string, error) {
	var out []string
	for _, path := range []string{"/a", "/b"} {
		code, err := s.do(ctx, http.MethodGet, path)
		if err != nil {
			return nil, err
		}
		if code != http.StatusOK {
			out = append(out, path)
		}
	}
	return out, nil
}

func (s *toy) Probe(ctx context.Context, _ *step.Call) (step.Probe, error) {
	paths, err := s.missing(ctx)
	if err != nil {
		return step.Probe{}, err
	}
	if s.probing {
		if _, err := s.do(ctx, http.MethodPut, "/log"); err != nil {
			return step.Probe{}, err
		}
	}
	if len(paths) > 0 {
		return step.Probe{Status: step.Needed, Reason: strings.Join(paths, " ") + " missing"}, nil
	}
	return step.Probe{Status: step.Done, Reason: "all there"}, nil
}

func (s *toy) Ensure(ctx context.Context, _ *step.Call) (step.Outcome, error) {
	paths, err := s.missing(ctx)
	if err != nil {
		return step.Outcome{}, err
	}
	if s.blind {
		paths = []string{"/a", "/b"}
	}
	if s.hasty && len(paths) == 1 { // takes half for all
		paths = nil
	}
	for _, path := range paths {
		if _, err := s.do(ctx, http.MethodPut, path); err != nil && !s.liar {
			return step.Outcome{}, err
		}
	}
	return step.Outcome{Changed: len(paths) > 0, Summary: "made"}, nil
}

func kit(change func(*toy)) Kit {
	return Kit{New: func(tb testing.TB, f *Faults) World {
		tb.Helper()
		var a, b atomic.Bool
		at := func(p string) *atomic.Bool {
			if p == "/a" {
				return &a
			}
			return &b
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && r.URL.Path != "/log" {
				at(r.URL.Path).Store(true)
			} else if r.Method == http.MethodGet && !at(r.URL.Path).Load() {
				w.WriteHeader(http.StatusNotFound)
			}
		}))
		tb.Cleanup(srv.Close)
		return World{
			Step: func() (step.Step, error) {
				s := &toy{client: &http.Client{Transport: f.Wire(http.DefaultTransport)}, url: srv.URL}
				change(s)
				return s, nil
			},
			Check: func() error {
				if !a.Load() || !b.Load() {
					return errors.New("something is missing")
				}
				return nil
			},
		}
	}}
}

// The promise: a step that keeps the contract passes.
func TestGoodStepPasses(t *testing.T) {
	t.Parallel()
	Run(t, kit(func(*toy) {}))
}

// The promise: each way to break the contract is found, by the rule that forbids it.
func TestBrokenStepsAreFound(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		breaks func(*toy)
		rule   string
	}{
		"does it again":                     {func(s *toy) { s.blind = true }, "ensure twice changes once"},
		"changes when it probes":            {func(s *toy) { s.probing = true }, "ensure twice changes once"},
		"takes half for all after a crash":  {func(s *toy) { s.hasty = true }, "a crash at any call converges"},
		"reports success though it failed":  {func(s *toy) { s.liar = true }, "a crash at any call converges"},
		"does not hear that it is told off": {func(s *toy) { s.deaf = true }, "a cancelled context ends it"},
		"says denied without saying what":   {func(s *toy) { s.mute = true }, "a denied call names its action"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range rules() {
				if r.name == tt.rule {
					if err := r.hold(t, kit(tt.breaks)); err == nil {
						t.Errorf("rule %q did not find it", r.name)
					}
					return
				}
			}
			t.Fatalf("no rule %q", tt.rule)
		})
	}
}
