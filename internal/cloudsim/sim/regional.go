package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync"
)

// Regional keeps one T for each account and region, made on first use. A service locks what is inside T itself.
type Regional[T any] struct {
	mu    sync.Mutex
	parts map[Scope]*T
}

// In gives the T of a scope.
func (r *Regional[T]) In(s Scope) *T {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parts == nil {
		r.parts = map[Scope]*T{}
	}
	if r.parts[s] == nil {
		r.parts[s] = new(T)
	}
	return r.parts[s]
}

// Each calls f for every scope that was used, in no order.
func (r *Regional[T]) Each(f func(Scope, *T)) {
	r.mu.Lock()
	parts := make(map[Scope]*T, len(r.parts))
	maps.Copy(parts, r.parts)
	r.mu.Unlock()
	for s, t := range parts {
		f(s, t)
	}
}

// MarshalJSON writes {"account/region": T}.
func (r *Regional[T]) MarshalJSON() ([]byte, error) {
	out := map[string]*T{}
	r.Each(func(s Scope, t *T) { out[s.Account+"/"+s.Region] = t })
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Regional[T]) UnmarshalJSON(b []byte) error {
	in := map[string]*T{}
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts = map[Scope]*T{}
	for k, t := range in {
		if len(k) < 13 || k[12] != '/' {
			return fmt.Errorf("drill cloud state: %q is not account/region", k)
		}
		r.parts[Scope{Account: k[:12], Region: k[13:]}] = t
	}
	return nil
}
