package ordered_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/ordered"
)

// The map agrees with a plain map and a sort, whatever is done to it.
func TestAgreesWithModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var m ordered.Map[int]
		model := map[string]int{}
		key := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("%04d", rapid.IntRange(0, 1500).Draw(t, "key")) })
		for range rapid.IntRange(0, 3).Draw(t, "bulk") {
			from, step := rapid.IntRange(0, 1500).Draw(t, "from"), rapid.SampledFrom([]int{1, -1, 7}).Draw(t, "step")
			for i := range 600 {
				k := fmt.Sprintf("%04d", (from+i*step+15000)%1500)
				m.Set(k, i)
				model[k] = i
			}
			for i := range rapid.IntRange(0, 590).Draw(t, "dropped") {
				k := fmt.Sprintf("%04d", (from+i*step+15000)%1500)
				_, had := model[k]
				if m.Delete(k) != had {
					t.Fatalf("Delete(%s) disagrees about its presence", k)
				}
				delete(model, k)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k := key.Draw(t, "k")
				m.Set(k, len(model))
				model[k] = len(model)
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "k")
				_, had := model[k]
				if m.Delete(k) != had {
					t.Fatalf("Delete(%s) disagrees about its presence", k)
				}
				delete(model, k)
			},
			"compare": func(t *rapid.T) { compare(t, &m, model, key.Draw(t, "pivot")) },
		})
		compare(t, &m, model, "0700")
	})
}

func compare(t *rapid.T, m *ordered.Map[int], model map[string]int, pivot string) {
	keys := make([]string, 0, len(model))
	for k, v := range model {
		keys = append(keys, k)
		if got, ok := m.Get(k); !ok || got != v {
			t.Fatalf("Get(%s) = %d, %v; want %d", k, got, ok, v)
		}
	}
	slices.Sort(keys)
	if m.Len() != len(keys) {
		t.Fatalf("Len = %d, want %d", m.Len(), len(keys))
	}
	at, _ := slices.BinarySearch(keys, pivot)
	var up, down []string
	for k := range m.From(pivot) {
		up = append(up, k)
	}
	for k := range m.Before(pivot) {
		down = append(down, k)
	}
	slices.Reverse(down)
	if !slices.Equal(up, keys[at:]) || !slices.Equal(down, keys[:at]) {
		t.Fatalf("walks from %s: %d up, %d down; want %d and %d", pivot, len(up), len(down), len(keys)-at, at)
	}
}
