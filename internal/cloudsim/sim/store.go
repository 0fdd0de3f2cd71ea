package sim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Store keeps the state of a JSON service, one T for each account and region, behind one lock. T's maps are nil on first use.
type Store[T any] struct {
	mu    sync.Mutex
	parts Regional[T]
}

// With runs f on the state of a scope, under the lock.
func (s *Store[T]) With(scope Scope, f func(*T)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.parts.In(scope))
}

// Each runs f on the state of every scope that was used, in no order, under the lock.
func (s *Store[T]) Each(f func(Scope, *T)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts.Each(f)
}

// Save gives the whole state, as Service.Save does.
func (s *Store[T]) Save() (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(&s.parts)
}

// Load replaces the whole state, as Service.Load does.
func (s *Store[T]) Load(state json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Unmarshal(state, &s.parts)
}

// Locked makes a JSONOp of a function on the state of the caller's account and region; it runs under the store's lock.
func Locked[T, I, O any](s *Store[T], f func(t *T, c *Call, in *I) (O, error)) JSONOp {
	return Op(func(c *Call, in *I) (O, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return f(s.parts.In(c.Scope), c, in)
	})
}

// Page gives the part of a list that begins where token says, of at most limit items (0 or less: top), and the token of the rest.
func Page[E any](all []E, token string, limit, top int) (part []E, next string, err error) {
	from := 0
	if token != "" {
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(all) {
			return nil, "", Errorf("InvalidNextTokenException", "the token %q is not one that this service gave", token)
		}
	}
	if limit <= 0 || limit > top {
		limit = top
	}
	if to := from + limit; to < len(all) {
		return all[from:to], strconv.Itoa(to), nil
	}
	return all[from:], "", nil
}

// Epoch is a time as the JSON protocols write it: seconds since 1970, with milliseconds. The zero time is nil.
func Epoch(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	return new(float64(t.UnixMilli()) / 1000)
}

// Tag is a tag as most services write it.
type Tag struct{ Key, Value string }

// TagList gives tags sorted by key.
func TagList(m map[string]string) []Tag {
	out := make([]Tag, 0, len(m))
	for k, v := range m {
		out = append(out, Tag{k, v})
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// Tagged gives m with the tags set. It changes m unless m is nil.
func Tagged(m map[string]string, tags []Tag) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}
