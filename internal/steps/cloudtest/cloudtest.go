// Package cloudtest gives the tests of steps a drill cloud, and the sites of an application in it.
//
// Promise: what a step's test sees is what the real SDK says and hears over HTTP; the conformance kit's faults stand on that line.
package cloudtest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
)

// Primary, Standby and Vault are the sites of the application, each in an account and a region of its own.
func Primary() *plan.Site {
	return &plan.Site{Name: "primary", Account: "111111111111", Region: "eu-west-2"}
}

// Standby is where the tests recover to.
func Standby() *plan.Site {
	return &plan.Site{Name: "standby", Account: "222222222222", Region: "eu-west-1"}
}

// Vault holds the copies.
func Vault() *plan.Site {
	return &plan.Site{Name: "vault", Account: "333333333333", Region: "eu-central-1"}
}

// Plan has the three sites.
func Plan() *plan.Plan { return &plan.Plan{Sites: []*plan.Site{Primary(), Standby(), Vault()}} }

// Cloud is a drill cloud that listens.
type Cloud struct {
	URL string
	Sim *cloudsim.Cloud
}

// New starts a drill cloud for the time of a test.
func New(tb testing.TB) *Cloud {
	tb.Helper()
	// A thousand times as fast: what AWS takes seconds for is there at the next look.
	fast := clock.Fast{Base: clock.System{}, Origin: clock.System{}.Now(), Factor: 1000}
	sim, err := cloudsim.New(cloudsim.Config{Seed: 1, Clock: fast})
	if err != nil {
		tb.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	tb.Cleanup(srv.Close)
	return &Cloud{URL: srv.URL, Sim: sim}
}

// Clients are those of a new process, with f on its line. A nil f is a clear line.
func (c *Cloud) Clients(f *steptest.Faults) *awscloud.Cloud {
	cfg := awscloud.Config{
		Endpoint: c.URL, Run: "run-1", Env: proc.Env{"PATH": "/usr/bin:/bin"},
		Credentials: func(s *plan.Site) awscloud.Keys {
			return awscloud.Keys{ID: "AKIALIFE" + s.Account, Secret: secret.New("any-secret-key")}
		},
	}
	if f != nil {
		cfg.Wire = func(next http.RoundTripper) http.RoundTripper { return f.Wire(next) }
	}
	return awscloud.New(cfg)
}

// Open gives the clients of a site over a clear line, to set the world up and to look at it.
func (c *Cloud) Open(tb testing.TB, site *plan.Site) *awscloud.Clients {
	tb.Helper()
	s, err := c.Clients(nil).At(tb.Context(), site)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Call is a call at a site, whose expressions are literals.
func Call(tb testing.TB, site *plan.Site) step.Call {
	tb.Helper()
	return step.Call{
		Run: "run-1", Step: "kind/name", Attempt: 1, Site: site, Dir: tb.TempDir(),
		Resolve: func(e plan.Expr) (plan.Value, error) { return e.Resolve(plan.Scope{Site: site}) },
	}
}

// Text is an expression that is known.
func Text(s string) plan.Expr { return plan.Literal{Value: plan.Of(s)} }
