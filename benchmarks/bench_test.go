package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A table never calls a missed target met, nor an absent figure measured.
func TestTableTellsWhatWasMissed(t *testing.T) {
	t.Parallel()
	got := table([]figure{
		{name: "fast", values: []float64{0.9}, unit: "ms", most: 1, how: "`a | b`"},
		{name: "slow", values: []float64{3, 1, 2.5}, unit: "ms", most: 2},
		{name: "much", values: []float64{1.25, 1.5}, unit: "x", most: 1.3, least: true},
		{name: "little", values: []float64{1.29}, unit: "x", most: 1.3, least: true},
		{name: "told", values: []float64{120}, unit: "MB"},
		{name: "many", values: []float64{1, 2, 3, 4, 5, 60}, unit: "%", most: 4},
		skipped(errUncounted, figure{name: "absent", unit: "MB", most: 60})[0],
	})
	want := `| figure | target | measured | met | how |
|---|---|---|---|---|
| fast | ≤ 1 ms | 0.90 ms | yes | ` + "`a \\| b`" + ` |
| slow | ≤ 2 ms | 2.50 ms (3, 1, 2.50) | **no** |  |
| much | ≥ 1.30 x | 1.38 x (1.25, 1.50) | yes |  |
| little | ≥ 1.30 x | 1.29 x | **no** |  |
| told |  | 120 MB |  |  |
| many | ≤ 4% | 3.50% (6 times, 1 to 60) | yes |  |
| absent | ≤ 60 MB | skipped: there is no /proc here | not measured |  |
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What `go test -bench` prints is read with every metric of every run.
func TestParseBench(t *testing.T) {
	t.Parallel()
	got := parseBench(`goos: linux
BenchmarkChain-2       	       3	 402000000 ns/op	         0.402 ms/step
BenchmarkChain-2       	       3	 500000000 ns/op	         0.500 ms/step
BenchmarkCopy/image-16 	      10	     12.5 crane-ms	        11.0 lifeboat-ms	         0.88 ratio
BenchmarkBroken
PASS`)
	want := results{
		"Chain":      {"ns/op": {402000000, 500000000}, "ms/step": {0.402, 0.5}},
		"Copy/image": {"crane-ms": {12.5}, "lifeboat-ms": {11}, "ratio": {0.88}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	more := results{"a": {"ns/op": {5e6, 7e6}}, "b": {"ns/op": {4e6, 4e6}}}.difference(figure{}, "a", "b", "ns/op", 1e-6)
	if diff := cmp.Diff([]float64{1, 3}, more.values); diff != "" {
		t.Error(diff)
	}
}

// The CPU of a process is told apart from that of the programs that it waited for.
func TestOwnCPUIsNotItsChildrens(t *testing.T) {
	t.Parallel()
	if !counted {
		t.Skip(errUncounted)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	b := &bench{scratch: t.TempDir()}
	u, err := b.timed(t.Context(), b.scratch, nil, bash, "-c", `bash -c 'for ((i = 0; i < 200000; i++)); do :; done'; true`)
	if err != nil || u.own >= u.children || u.wall <= 0 {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := b.timed(t.Context(), b.scratch, nil, bash, "-c", "echo that is why; exit 3"); err == nil || !strings.Contains(err.Error(), "that is why") {
		t.Errorf("a failed program gave %v", err)
	}
	if mb, err := resident(os.Getpid()); err != nil || mb < 1 {
		t.Errorf("our own memory is %v MB, %v", mb, err)
	}
}
