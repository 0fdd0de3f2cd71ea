package cloudsim

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/control"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// TestWholeCloudSavesWhatItLoads: a cloud of all services, loaded from a fresh one's file, saves the same file again, and is small.
func TestWholeCloudSavesWhatItLoads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "1.json"), filepath.Join(dir, "2.json")
	clk := &handClock{now: noon()}
	c, err := New(Config{Seed: 1, Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range c.Services() { // whatever a service makes of an unknown call, it must not be success
		if w := answer(c, request(t.Context(), "http://127.0.0.1/", primary, london, service, "NoSuchThing")); w.Code < 400 {
			t.Errorf("%s NoSuchThing: %d %s", service, w.Code, w.Body)
		}
	}
	if err := c.Save(first); err != nil {
		t.Fatal(err)
	}
	loaded, err := New(Config{Clock: clk})
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Load(first); err != nil {
		t.Fatal(err)
	}
	if err := loaded.Save(second); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, first), read(t, second); a != b {
		t.Errorf("saved %s\nloaded and saved %s", a, b)
	}
}

// TestIdleMemory: an idle cloud of all services holds at most 60 MB.
func TestIdleMemory(t *testing.T) {
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.Sys > 60<<20 {
		t.Errorf("the process holds %d MB", m.Sys>>20)
	}
	runtime.KeepAlive(c)
}

// TestEverythingAtOnce: calls, disasters, saves and questions at the same time disturb neither the cloud nor one another.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	c, n := small(t, Config{Throttle: true})
	file := filepath.Join(t.TempDir(), "cloud.json")
	const rounds = 50
	var all sync.WaitGroup
	for _, f := range []func(context.Context){
		func(ctx context.Context) {
			answer(c, request(ctx, "http://127.0.0.1", primary, ireland, "ssm", "GetDocument"))
		},
		func(ctx context.Context) {
			answer(c, request(ctx, "http://127.0.0.1", standby, ireland, "ssm", "GetDocument"))
		},
		func(context.Context) {
			if err := c.Save(file); err != nil {
				t.Error(err)
			}
		},
		func(context.Context) {
			c.World().Lose(sim.Scope{Region: london})
			c.World().Return(sim.Scope{Region: london})
		},
		func(context.Context) { c.Calls(); c.World().Disasters() },
	} {
		all.Go(func() {
			for range rounds {
				f(t.Context())
			}
		})
	}
	all.Wait()
	if got := n.counts[primary+"/"+ireland] + n.counts[standby+"/"+ireland]; got != 2*rounds {
		t.Errorf("%d calls of %d were answered", got, 2*rounds)
	}
	ops := c.Calls()
	if i := slices.IndexFunc(ops, func(o control.Operation) bool { return o.Operation == "GetDocument" }); i < 0 || ops[i].Calls != 2*rounds || ops[i].Errors != 0 {
		t.Errorf("counted %+v", ops)
	}
	if w := answer(c, request(t.Context(), "http://127.0.0.1", primary, london, "ssm", "GetDocument")); w.Code != http.StatusOK {
		t.Errorf("afterwards: %d", w.Code)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
