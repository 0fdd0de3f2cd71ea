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

// once keeps what was worked out for a key, for all who look side by side.
type once[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]V
	work  func(K) V
}

func newOnce[K comparable, V any](work func(K) V) *once[K, V] {
	return &once[K, V]{known: map[K]V{}, work: work}
}

func (o *once[K, V]) of(k K) V {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, ok := o.known[k]
	if !ok {
		v = o.work(k)
		o.known[k] = v
	}
	return v
}
