package sim

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// World is what the services of one drill cloud share: time, identifiers from a seed, and what has been lost.
type World struct {
	clock clock.Clock
	mu    sync.Mutex
	rnd   *rand.Rand
	lost  map[Scope]bool
}

// NewWorld makes a world whose identifiers follow from the seed. A nil clock is the system's.
func NewWorld(seed uint64, c clock.Clock) *World {
	if c == nil {
		c = clock.System{}
	}
	return &World{clock: c, rnd: rand.New(rand.NewPCG(seed, 0x6c696665626f6174)), lost: map[Scope]bool{}} //nolint:gosec // reproducible, not secret
}

// Now is the cloud's time.
func (w *World) Now() time.Time { return w.clock.Now() }

// Hex gives n random hexadecimal digits.
func (w *World) Hex(n int) string {
	b := make([]byte, (n+1)/2)
	w.mu.Lock()
	for i := range b {
		b[i] = byte(w.rnd.UintN(256))
	}
	w.mu.Unlock()
	return hex.EncodeToString(b)[:n]
}

// UUID gives a random version 4 UUID.
func (w *World) UUID() string {
	h := w.Hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// Text gives n random characters of an alphabet.
func (w *World) Text(n int, alphabet string) string {
	b := make([]byte, n)
	w.mu.Lock()
	for i := range b {
		b[i] = alphabet[w.rnd.IntN(len(alphabet))]
	}
	w.mu.Unlock()
	return string(b)
}

// Float gives a random number in [0,1).
func (w *World) Float() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rnd.Float64()
}

// Lose makes a region of an account unreachable; an empty account means the region for everybody.
func (w *World) Lose(s Scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost[s] = true
}

// Return ends what Lose began.
func (w *World) Return(s Scope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.lost, s)
}

// Lost tells whether a region of an account is unreachable.
func (w *World) Lost(s Scope) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost[s] || w.lost[Scope{Region: s.Region}]
}

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
	for s, t := range r.parts {
		parts[s] = t
	}
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
