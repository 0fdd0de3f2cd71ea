package survey_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
	"github.com/lifeboat-dr/lifeboat/internal/survey/surveytest"
)

// BenchmarkSurvey measures the time and the memory of a survey of a tree on disk.
func BenchmarkSurvey(b *testing.B) {
	for _, lines := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			dir := b.TempDir()
			tree := surveytest.Tree(lines)
			if err := surveytest.Write(dir, tree); err != nil {
				b.Fatal(err)
			}
			count := surveytest.Lines(tree)
			tree = nil //nolint:ineffassign,wastedassign // its memory is not the survey's
			var used time.Duration
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(600 << 20)) // as the commands do
			for b.Loop() {
				before := processorTime()
				inv, err := survey.Survey(context.Background(), survey.Options{Dir: dir})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				used += processorTime() - before
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MB-kept")
				b.ReportMetric(float64(m.Sys)/(1<<20), "MB-peak")
				b.ReportMetric(float64(count), "lines")
				if len(inv.Edges) == 0 {
					b.Fatal("no edges")
				}
				runtime.KeepAlive(inv)
				b.StartTimer()
			}
			b.ReportMetric(float64(used.Milliseconds())/float64(b.N), "cpu-ms/op") // on a busy machine this tells more than the time on the wall
		})
	}
}

// processorTime is how long this process has had a processor.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
