package local_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine"
	"github.com/lifeboat-dr/lifeboat/internal/engine/local"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/stores/file"
)

// work is a step that takes a while and succeeds.
type work struct {
	id    string
	takes time.Duration
	clock *stopwatch
}

// stopwatch keeps when the first step began, and how long each took.
type stopwatch struct {
	mu    sync.Mutex
	first time.Time
	took  map[string]time.Duration
}

func (w work) Probe(context.Context, *step.Call) (step.Probe, error) {
	return step.Probe{Status: step.Needed, Reason: "to be measured"}, nil
}

func (w work) Ensure(ctx context.Context, _ *step.Call) (step.Outcome, error) {
	began := time.Now()
	err := clock.Sleep(ctx, w.takes)
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	if w.clock.first.IsZero() {
		w.clock.first = began
	}
	w.clock.took[w.id] = time.Since(began)
	return step.Outcome{Summary: "done"}, err
}

// performed is a run of steps with a journal on disk: how long it took, and until the first step began, and each step's own time.
func performed(b *testing.B, steps []step.Spec, takes time.Duration, l engine.Limits) (whole, first time.Duration, own map[string]time.Duration) {
	b.Helper()
	s := &file.Store{Root: b.TempDir(), Clock: clock.System{}, Operator: journal.Operator{User: "bench"}}
	watch := &stopwatch{took: map[string]time.Duration{}}
	start := time.Now()
	log, err := s.Create(b.Context(), journal.RunStarted{Run: "r", Steps: steps, Operator: s.Operator})
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	st, err := local.Run(b.Context(), local.Config{
		Log: log, Steps: steps, Clock: clock.System{}, Operator: s.Operator, Limits: l,
		Makers: step.Makers{step.Command: func(s step.Spec) (step.Step, error) { return work{s.ID, takes, watch}, nil }},
	})
	if err != nil || st.Result != journal.Recovered {
		b.Fatal(st, err)
	}
	return time.Since(start), watch.first.Sub(start), watch.took
}

func bench(id int, needs ...string) step.Spec {
	return step.Spec{
		ID: fmt.Sprintf("command/step-%05d", id), Kind: step.Command, Title: "a step to be measured", Site: "standby", Needs: needs, Timeout: time.Hour,
		Retry: step.Retry{Attempts: 4, Delay: time.Second, Max: time.Minute}, Forecast: step.Forecast{Typical: 20 * time.Millisecond, Source: "bench"},
	}
}

// layered is width steps beside each other, each on one to three of the layer before.
func layered(steps, width int, r *rand.Rand) []step.Spec {
	var out []step.Spec
	for i := range steps {
		s := bench(i)
		if layer := i / width; layer > 0 {
			for range 1 + r.IntN(3) {
				s.Needs = append(s.Needs, out[(layer-1)*width+r.IntN(width)].ID)
			}
		}
		out = append(out, s)
	}
	return out
}

// A chain of 1,000 steps: at most 1 ms a step, with one sync each: a step's end and the start of the next are written together.
func BenchmarkChain(b *testing.B) {
	var steps []step.Spec
	for i := range 1000 {
		s := bench(i)
		if i > 0 {
			s.Needs = []string{steps[i-1].ID}
		}
		steps = append(steps, s)
	}
	for b.Loop() {
		whole, _, _ := performed(b, steps, 0, engine.Limits{})
		b.ReportMetric(float64(whole.Microseconds())/1e6, "ms/step")
	}
}

// 10,000 steps, 50 wide: at most 5 s and 100 MB.
func BenchmarkWide(b *testing.B) {
	steps := layered(10_000, 50, rand.New(rand.NewPCG(1, 2)))
	for b.Loop() {
		whole, _, _ := performed(b, steps, 0, engine.Limits{Slots: 50})
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(whole.Seconds(), "s/run")
		b.ReportMetric(float64(m.Sys)/1e6, "MB-from-system")
	}
}

// 500 steps of 20 ms, any graph: at most 1.05 times the critical path when nothing limits the width. The path is of what the steps themselves
// took: a busy machine sleeps longer than it was told.
func BenchmarkMakespan(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	var steps []step.Spec
	for i := range 500 {
		s := bench(i)
		for range min(i, 1+r.IntN(2)) {
			s.Needs = append(s.Needs, steps[max(0, i-1-r.IntN(20))].ID)
		}
		steps = append(steps, s)
	}
	for b.Loop() {
		whole, _, own := performed(b, steps, 20*time.Millisecond, engine.Limits{})
		end, critical := map[string]time.Duration{}, time.Duration(0)
		for _, s := range steps {
			for _, n := range s.Needs {
				end[s.ID] = max(end[s.ID], end[n])
			}
			end[s.ID] += own[s.ID]
			critical = max(critical, end[s.ID])
		}
		b.ReportMetric(float64(whole)/float64(critical), "x-critical-path")
		b.ReportMetric(critical.Seconds(), "s-critical-path")
	}
}

// From nothing to the first step at work: at most 30 ms.
func BenchmarkFirstStep(b *testing.B) {
	steps := layered(100, 10, rand.New(rand.NewPCG(5, 6)))
	for b.Loop() {
		_, first, _ := performed(b, steps, 0, engine.Limits{})
		b.ReportMetric(float64(first.Microseconds())/1e3, "ms-to-first")
	}
}
