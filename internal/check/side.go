package check

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// sideBySide does n pieces of work on as many processors as there are, each once, and waits for all.
func sideBySide(n int, work func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	all.Wait()
}
