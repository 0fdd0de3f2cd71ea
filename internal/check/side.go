package check

import (
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// sideBySide does n pieces of work on as many processors as there are, each once, and waits for all.
func sideBySide(n int, work func(i int)) {
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		all.Go(func() error {
			work(i)
			return nil
		})
	}
	_ = all.Wait() // no work gives an error
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
