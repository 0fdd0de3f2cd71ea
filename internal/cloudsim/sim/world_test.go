package sim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// TestIdentifiersFollowTheSeed: the same seed gives the same row of identifiers, whatever behaviour was drawn in between, and a world that
// was saved and loaded goes on where it stood.
func TestIdentifiersFollowTheSeed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		a, b := sim.NewWorld(seed, nil), sim.NewWorld(seed, nil)
		for range rapid.IntRange(0, 20).Draw(rt, "identifiers") {
			for range rapid.IntRange(0, 3).Draw(rt, "draws") {
				_, _ = b.Float(), b.Norm()
			}
			if x, y := a.UUID()+a.Key(17), b.UUID()+b.Key(17); x != y {
				rt.Fatalf("%s and %s", x, y)
			}
		}
		state, err := json.Marshal(a)
		if err != nil {
			rt.Fatal(err)
		}
		c := sim.NewWorld(seed+1, nil)
		if err := json.Unmarshal(state, c); err != nil {
			rt.Fatal(err)
		}
		if x, y := a.Hex(31), c.Hex(31); x != y || c.Seed() != seed {
			rt.Fatalf("after loading %s and %s", x, y)
		}
	})
}

// TestLostFollowsDisasters: after any history of strikes and ends, a place is lost exactly when a disaster that covers it goes on.
func TestLostFollowsDisasters(t *testing.T) {
	t.Parallel()
	accounts, regions := []string{"111111111111", "222222222222"}, []string{"eu-west-1", "eu-west-2"}
	rapid.Check(t, func(rt *rapid.T) {
		w := sim.NewWorld(1, nil)
		on := map[sim.Disaster]bool{}
		for range rapid.IntRange(0, 12).Draw(rt, "steps") {
			d := sim.Disaster{Kind: rapid.SampledFrom([]sim.Kind{sim.RegionLost, sim.AccountLost, sim.CredentialsRevoked}).Draw(rt, "kind")}
			if d.Kind == sim.RegionLost {
				d.Region = rapid.SampledFrom(regions).Draw(rt, "region")
				d.Account = rapid.SampledFrom(append([]string{""}, accounts...)).Draw(rt, "account")
			} else {
				d.Account = rapid.SampledFrom(accounts).Draw(rt, "account")
			}
			if rapid.Bool().Draw(rt, "strike") {
				if err := w.Strike(d); err != nil {
					rt.Fatal(err)
				}
				on[d] = true
			} else if err := w.End(d); (err == nil) != on[d] {
				rt.Fatalf("ending %+v: %v", d, err)
			} else {
				delete(on, d)
			}
		}
		for _, a := range accounts {
			for _, r := range regions {
				want := on[sim.Disaster{Kind: sim.RegionLost, Region: r}] || on[sim.Disaster{Kind: sim.RegionLost, Account: a, Region: r}] || on[sim.Disaster{Kind: sim.AccountLost, Account: a}]
				if got := w.Lost(sim.Scope{Account: a, Region: r}); got != want {
					rt.Fatalf("%s %s lost %v, want %v", a, r, got, want)
				}
			}
			if got := w.Revoked(a); got != on[sim.Disaster{Kind: sim.CredentialsRevoked, Account: a}] {
				rt.Fatalf("%s revoked %v", a, got)
			}
		}
		if len(w.Disasters()) != len(on) {
			rt.Fatalf("%v go on, want %v", w.Disasters(), on)
		}
	})
}

// TestVanishWithoutConnection: where there is no connection to reset, the handler is aborted; it never answers.
func TestVanishWithoutConnection(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(1, nil)
	here := sim.Scope{Account: "111111111111", Region: "eu-west-2"}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	if w.Vanish(httptest.NewRecorder(), r, here) {
		t.Fatal("a place that stands vanished")
	}
	w.Lose(here)
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v", err)
		}
	}()
	w.Vanish(httptest.NewRecorder(), r, here)
	t.Error("the handler went on")
}

// TestWallIsTheClientsTime: a fast cloud's own time runs ahead; what clients compare with their clocks does not.
func TestWallIsTheClientsTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	w := sim.NewWorld(1, clock.Fast{Base: fixed(start.Add(time.Minute)), Origin: start, Factor: 60})
	if got := w.Now().Sub(start); got != time.Hour {
		t.Errorf("the cloud's time went on by %s", got)
	}
	if got := w.Wall().Sub(start); got != time.Minute {
		t.Errorf("the clients' time went on by %s", got)
	}
}

type fixed time.Time

func (f fixed) Now() time.Time { return time.Time(f) }

// TestRegionalSurvivesJSON: what is kept for each place is found in the same place after a save and load; other keys are refused.
func TestRegionalSurvivesJSON(t *testing.T) {
	t.Parallel()
	var a, b sim.Regional[int]
	*a.In(sim.Scope{Account: "111111111111", Region: "eu-west-2"}) = 1
	*a.In(sim.Scope{Account: "111111111111"}) = 2
	state, err := json.Marshal(&a)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(state, &b); err != nil {
		t.Fatal(err)
	}
	if x, y := *b.In(sim.Scope{Account: "111111111111", Region: "eu-west-2"}), *b.In(sim.Scope{Account: "111111111111"}); x != 1 || y != 2 {
		t.Errorf("found %d and %d", x, y)
	}
	for _, bad := range []string{`{"eu-west-2":1}`, `[]`, `{"1111111111111eu":1}`} {
		if err := json.Unmarshal([]byte(bad), &b); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestTimeNeverGoesBack: a world that is loaded goes on from the time at which it was saved, also when its new clock is behind that.
func TestTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	origin := clock.System{}.Now().Add(-time.Hour)
	fast := sim.NewWorld(1, clock.Fast{Base: clock.System{}, Origin: origin, Factor: 60})
	state, err := json.Marshal(fast)
	if err != nil {
		t.Fatal(err)
	}
	loaded := sim.NewWorld(1, nil)
	if err := json.Unmarshal(state, loaded); err != nil {
		t.Fatal(err)
	}
	ahead, wall := loaded.Now().Sub(clock.System{}.Now()), loaded.Wall().Sub(clock.System{}.Now())
	if ahead < 58*time.Hour || ahead > 60*time.Hour || wall > time.Minute {
		t.Errorf("the loaded world is %v ahead and its wall clock %v, want 59 hours and none", ahead, wall)
	}
	if fast.Speed() != 60 || loaded.Speed() != 1 {
		t.Errorf("speeds %v and %v", fast.Speed(), loaded.Speed())
	}
}

// TestASavedWorldStandsStill: a fast world that is loaded later goes on from its own time, and one that the wall clock has overtaken goes on from that.
func TestASavedWorldStandsStill(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	saved, err := json.Marshal(sim.NewWorld(1, clock.Fast{Base: fixed(start.Add(time.Minute)), Origin: start, Factor: 60}))
	if err != nil {
		t.Fatal(err)
	}
	for later, want := range map[time.Duration]time.Duration{time.Minute: time.Hour, 59 * time.Minute: time.Hour, 61 * time.Minute: 61 * time.Minute} {
		w := sim.NewWorld(1, clock.Fast{Base: fixed(start.Add(later)), Origin: start.Add(later), Factor: 60})
		if err := json.Unmarshal(saved, w); err != nil {
			t.Fatal(err)
		}
		if got := w.Now().Sub(start); got != want {
			t.Errorf("loaded after %s it goes on from %s, want %s", later, got, want)
		}
	}
}
