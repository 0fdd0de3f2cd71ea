package value_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// The promise: after a compromise the newest version that was made before it is copied, however many younger ones lie over it, and the outcome says
// of which time it is; without a compromise the newest counts.
func TestYoungerVersionsAreNotTrusted(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		w.put(t, cloudtest.Vault(), "older")
		w.put(t, cloudtest.Vault(), "good")
		until := w.now(t)
		for _, v := range []string{"intruder-1", "intruder-2", "intruder-3"} {
			w.put(t, cloudtest.Vault(), v)
		}
		out, err := w.ensure(t, wish{from: []string{"vault"}, trust: step.Trust{Compromised: true}}, func(c *step.Call) { c.Disaster = until })
		if err != nil || !strings.Contains(out.Summary, `copied from site "vault", version of 20`) || !strings.HasSuffix(out.Summary, "Z, newer ones are not trusted") {
			t.Errorf("%+v, %v", out, err)
		}
		if got, err := w.get(t); err != nil || got != "good" {
			t.Errorf("%q, %v", got, err)
		}
		calm := world{cloudtest.New(t), w.kind}
		calm.put(t, cloudtest.Vault(), "good")
		calm.put(t, cloudtest.Vault(), "newest")
		if _, err := calm.ensure(t, wish{from: []string{"vault"}}, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := calm.get(t); err != nil || got != "newest" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// The promise: where no source has a version that is trusted, a person types the value in, and learns why; a source that cannot be read is
// an error instead, because it may have one.
func TestWithoutATrustedVersionAPersonIsAsked(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		until := w.now(t)
		w.put(t, cloudtest.Vault(), "intruder")
		trust := step.Trust{Compromised: true, Until: until}
		var ask *step.Ask
		_, err := w.ensure(t, wish{from: []string{"vault"}, trust: trust}, nil)
		if !errors.As(err, &ask) || !strings.Contains(ask.Detail, `At site "vault" the oldest version of `) || !strings.Contains(ask.Detail, until.UTC().Format(time.RFC3339)) {
			t.Errorf("%v", err)
		}
		if _, err := w.ensure(t, wish{from: []string{"primary", "vault"}, trust: trust}, nil); !errors.As(err, &ask) || !strings.Contains(ask.Detail, "has no version") {
			t.Errorf("%v", err)
		}
		if err := w.Sim.World().Strike(sim.Disaster{Kind: sim.CredentialsRevoked, Account: "111111111111"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ensure(t, wish{from: []string{"primary", "vault"}, trust: trust}, nil); err == nil || errors.As(err, new(*step.Ask)) {
			t.Errorf("%v", err)
		}
		// Nobody said when: nothing is copied.
		if _, err := w.ensure(t, wish{from: []string{"vault"}, trust: step.Trust{Compromised: true}}, nil); err == nil || !strings.Contains(err.Error(), "--trusted-until") {
			t.Errorf("%v", err)
		}
	})
}

// The promise: what can be generated is made anew after a compromise though it is there, once a run; otherwise only when there is nothing to copy.
func TestGenerated(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w world) {
		t.Helper()
		made := wish{from: []string{"vault"}, generate: &plan.Generate{Length: 24}}
		w.put(t, cloudtest.Vault(), "kept")
		if out, err := w.ensure(t, made, nil); err != nil || !strings.Contains(out.Summary, "copied from") {
			t.Fatalf("%+v, %v", out, err)
		}
		made.trust = step.Trust{Compromised: true}
		values := map[string]bool{"kept": true}
		for _, run := range []string{"run-2", "run-2", "run-3"} {
			out, err := w.ensure(t, made, func(c *step.Call) { c.Run = run })
			if err != nil || out.Changed && !strings.Contains(out.Summary, "rotated: 24 new letters and digits") {
				t.Fatalf("%+v, %v", out, err)
			}
			got, err := w.get(t)
			if err != nil || out.Changed == values[got] {
				t.Errorf("%s: changed %v, %q, %v", run, out.Changed, got, err)
			}
			values[got] = true
		}
		if len(values) != 3 {
			t.Errorf("%d values, want 3", len(values))
		}
	})
}

// The promise: keys that cannot be generated come from the copy, or stay as they are at the site; the others are made.
func TestSomeKeysAreGenerated(t *testing.T) {
	t.Parallel()
	x := wish{keys: []string{"user", "password"}, from: []string{"vault"}, generate: &plan.Generate{Length: 20, Keys: []string{"password"}}}
	for name, tt := range map[string]struct {
		site *plan.Site
		text string
		want string
	}{
		"the copy has it all":         {cloudtest.Vault(), whole, `copied from site "vault"`},
		"the copy lacks what is made": {cloudtest.Vault(), `{"user":"u"}`, `copied from site "vault"; generated: password`},
		"a person typed the rest":     {cloudtest.Standby(), `{"user":"u","more":1}`, `kept; generated: password`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world{cloudtest.New(t), step.Secret}
			w.put(t, tt.site, tt.text)
			out, err := w.ensure(t, x, nil)
			if err != nil || out.Summary != "secret pharmacy/db "+tt.want {
				t.Fatalf("%+v, %v", out, err)
			}
			got, err := w.get(t)
			if err != nil || !strings.Contains(got, `"user":"u"`) || !strings.Contains(got, `"password":"`) || strings.Contains(tt.text, "more") != strings.Contains(got, `"more":1`) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
