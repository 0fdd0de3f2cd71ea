package sim

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// World is what the services of one drill cloud share: time, identifiers from a seed, and what has been lost.
type World struct {
	clock clock.Clock
	ahead atomic.Int64 // nanoseconds by which a loaded world's time is before its clock's, so that time never goes back
	seed  uint64

	mu        sync.Mutex
	ids       *rand.PCG // identifiers only, so that calls which make nothing do not change the names of what comes later
	rnd       *rand.Rand
	dice      *rand.Rand // behaviour: latency, faults
	disasters map[place]Disaster
}

// NewWorld makes a world whose identifiers follow from the seed. A nil clock is the system's.
func NewWorld(seed uint64, c clock.Clock) *World {
	if c == nil {
		c = clock.System{}
	}
	ids := rand.NewPCG(seed, 0x6c696665626f6174)
	return &World{
		clock: c, seed: seed, ids: ids, rnd: rand.New(ids), //nolint:gosec // reproducible, not secret
		dice:      rand.New(rand.NewPCG(seed, 0x64696365)), //nolint:gosec // reproducible, not secret
		disasters: map[place]Disaster{},
	}
}

// Seed is the number that the world's identifiers follow from.
func (w *World) Seed() uint64 { return w.seed }

// Now is the cloud's time.
func (w *World) Now() time.Time { return w.clock.Now().Add(time.Duration(w.ahead.Load())) }

// Speed is how many seconds of the cloud pass in a second of its clients: 1 unless its clock runs fast.
func (w *World) Speed() float64 {
	if f, ok := w.clock.(clock.Fast); ok {
		return f.Factor
	}
	return 1
}

// Wall is the time as the clients see it: the same as Now, unless the cloud's clock runs fast. What clients compare
// with their own clocks (the expiry of credentials, rates) follows it.
func (w *World) Wall() time.Time {
	if f, ok := w.clock.(clock.Fast); ok {
		return f.Base.Now()
	}
	return w.clock.Now()
}

// Hex gives n random hexadecimal digits.
func (w *World) Hex(n int) string {
	b := make([]byte, (n+1)/2)
	w.mu.Lock()
	for i := range b {
		b[i] = byte(w.rnd.UintN(256)) //nolint:gosec // below 256
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

// Key gives n random characters as AWS makes its unique ids and key ids: upper-case letters and the digits 2 to 7.
func (w *World) Key(n int) string { return w.Text(n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") }

// Float gives a random number in [0,1) for behaviour such as latency. It does not disturb the identifiers.
func (w *World) Float() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.Float64()
}

// Norm gives a normally distributed number (mean 0, deviation 1) for behaviour, like Float.
func (w *World) Norm() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.NormFloat64()
}

// worldState is the saved form of a World: its time, which never goes back, and where its identifiers stand, so that a loaded cloud repeats none.
type worldState struct {
	Time      time.Time  `json:"time"`
	Seed      uint64     `json:"seed"`
	IDs       []byte     `json:"ids"`
	Disasters []Disaster `json:"disasters"`
}

// MarshalJSON gives the time, the seed, the place in the row of identifiers, and the disasters.
func (w *World) MarshalJSON() ([]byte, error) {
	state := worldState{Time: w.Now(), Seed: w.seed, Disasters: w.Disasters()}
	w.mu.Lock()
	ids, err := w.ids.MarshalBinary()
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	state.IDs = ids
	return json.Marshal(state)
}

// UnmarshalJSON reads what MarshalJSON wrote. A world that was ahead of the wall clock, as a fast one is, goes on from its own time until the wall
// clock has overtaken that: it stood still meanwhile.
func (w *World) UnmarshalJSON(b []byte) error {
	var state worldState
	if err := json.Unmarshal(b, &state); err != nil {
		return err
	}
	disasters := map[place]Disaster{}
	for _, d := range state.Disasters {
		if err := d.check(); err != nil {
			return err
		}
		disasters[d.place()] = d
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ids.UnmarshalBinary(state.IDs); err != nil {
		return fmt.Errorf("drill cloud state: the place in the row of identifiers: %w", err)
	}
	w.seed, w.disasters = state.Seed, disasters
	w.ahead.Store(int64(max(0, state.Time.Sub(w.clock.Now()))))
	return nil
}
