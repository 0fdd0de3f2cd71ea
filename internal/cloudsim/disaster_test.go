package cloudsim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// reach calls the notes service over the network: ok, refused, hung, or a status.
func reach(t *testing.T, url, account, region string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	resp, err := http.DefaultClient.Do(request(ctx, url, account, region, "ssm", "PutParameter"))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "hung"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		return "refused"
	case err != nil:
		return err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode == http.StatusOK {
		return "ok"
	}
	return resp.Status + " " + string(b)
}

// TestLostPlaces: each disaster takes what it names, nothing else, and gives it back.
func TestLostPlaces(t *testing.T) {
	t.Parallel()
	places := [][2]string{{primary, london}, {primary, ireland}, {standby, london}, {standby, ireland}}
	for name, test := range map[string]struct {
		d    sim.Disaster
		want [4]string // at places
	}{
		"a region of an account":   {sim.Disaster{Kind: sim.RegionLost, Account: primary, Region: london}, [4]string{"refused", "ok", "ok", "ok"}},
		"a region for everybody":   {sim.Disaster{Kind: sim.RegionLost, Region: london, Mode: sim.Refuse}, [4]string{"refused", "ok", "refused", "ok"}},
		"an account":               {sim.Disaster{Kind: sim.AccountLost, Account: standby}, [4]string{"ok", "ok", "refused", "refused"}},
		"a region that hangs":      {sim.Disaster{Kind: sim.RegionLost, Account: primary, Region: london, Mode: sim.Hang}, [4]string{"hung", "ok", "ok", "ok"}},
		"an account's credentials": {sim.Disaster{Kind: sim.CredentialsRevoked, Account: primary}, [4]string{"UnrecognizedClientException", "UnrecognizedClientException", "ok", "ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := small(t, Config{})
			url := serve(t, c)
			steer := &control.Client{BaseURL: url}
			if err := steer.Strike(t.Context(), test.d); err != nil {
				t.Fatal(err)
			}
			for i, p := range places {
				if got := reach(t, url, p[0], p[1]); !strings.Contains(got, test.want[i]) {
					t.Errorf("%v: %s, want %s", p, got, test.want[i])
				}
			}
			if ds, err := steer.Disasters(t.Context()); err != nil || len(ds) != 1 || ds[0].Kind != test.d.Kind || ds[0].Since.IsZero() {
				t.Errorf("disasters %+v %v", ds, err)
			}
			if err := steer.End(t.Context(), test.d); err != nil {
				t.Fatal(err)
			}
			for _, p := range places {
				if got := reach(t, url, p[0], p[1]); got != "ok" {
					t.Errorf("afterwards %v: %s", p, got)
				}
			}
		})
	}
}

// TestMixedLossFollowsTheSeed: with mode mixed some calls are refused and some hang, the same ones for the same seed.
func TestMixedLossFollowsTheSeed(t *testing.T) {
	t.Parallel()
	run := func() []string {
		c, _ := small(t, Config{Seed: 5})
		url := serve(t, c)
		if err := c.World().Strike(sim.Disaster{Kind: sim.RegionLost, Region: london, Mode: sim.Mixed}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for range 6 {
			got = append(got, reach(t, url, primary, london))
		}
		return got
	}
	first := run()
	if !slices.Contains(first, "refused") || !slices.Contains(first, "hung") {
		t.Errorf("mixed is %v", first)
	}
	if second := run(); !slices.Equal(first, second) {
		t.Errorf("the same seed gave %v, then %v", first, second)
	}
}

// TestControlRefuses: what is not exactly a disaster begins none, and strangers are not heard.
func TestControlRefuses(t *testing.T) {
	t.Parallel()
	c, _ := small(t, Config{})
	url := serve(t, c)
	for name, body := range map[string]string{
		"no kind":               `{"region":"eu-west-2"}`,
		"an unknown kind":       `{"kind":"flood","region":"eu-west-2"}`,
		"a region unknown":      `{"kind":"region-lost","region":"eu-west-9"}`,
		"no region":             `{"kind":"region-lost","account":"111111111111"}`,
		"half an account":       `{"kind":"account-lost","account":"1111"}`,
		"an account and region": `{"kind":"account-lost","account":"111111111111","region":"eu-west-2"}`,
		"an unknown mode":       `{"kind":"region-lost","region":"eu-west-2","mode":"slow"}`,
		"a mistyped member":     `{"kind":"region-lost","region":"eu-west-2","acount":"111111111111"}`,
		"not JSON":              `region-lost`,
	} {
		if status := post(t, url+control.DisasterPath, body, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	good := `{"kind":"region-lost","region":"eu-west-2"}`
	if status := post(t, url+control.DisasterPath, good, func(r *http.Request) { r.Host = "evil.example" }); status != http.StatusForbidden {
		t.Errorf("by another name: %d", status)
	}
	if status := post(t, url+control.DisasterPath, good, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }); status != http.StatusUnsupportedMediaType {
		t.Errorf("as a web page's form: %d", status)
	}
	if ds := c.World().Disasters(); len(ds) != 0 {
		t.Errorf("disasters began: %+v", ds)
	}
	var e *control.Error
	err := (&control.Client{BaseURL: url}).End(t.Context(), sim.Disaster{Kind: sim.RegionLost, Region: london})
	if !errors.As(err, &e) || e.Code != "NoSuchDisaster" {
		t.Errorf("ending what did not begin: %v", err)
	}
}

func post(t *testing.T, url, body string, change func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
