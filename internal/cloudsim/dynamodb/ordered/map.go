// Package ordered is a map from strings to values that is kept in key order.
//
// Promise: finding, setting and deleting take a binary search and the move of at most one small block; walking
// costs nothing but the walk; an entry takes 32 bytes beside its key and value. It is a list of sorted blocks,
// not a tree, because with blocks of this size a million entries need only a few thousand of them.
// A map is not safe for concurrent writes, and must not be changed during a walk.
package ordered

import (
	"iter"
	"slices"
	"strings"
)

// blockSize is how many entries fill a block: large enough for few blocks, small enough to move cheaply.
const blockSize = 256

type entry[V any] struct {
	key   string
	value V
}

// Map is an ordered map. Its zero value is empty and ready.
type Map[V any] struct {
	blocks [][]entry[V] // each sorted, none empty, all keys of one before all keys of the next
	n      int
}

// Len is the number of entries.
func (m *Map[V]) Len() int { return m.n }

// Clone is a map with the same entries. Only the entries are copied, not what keys and values refer to.
func (m *Map[V]) Clone() Map[V] {
	blocks := make([][]entry[V], len(m.blocks))
	for i, b := range m.blocks {
		blocks[i] = slices.Clone(b)
	}
	return Map[V]{blocks, m.n}
}

// find gives the block that holds key, or that it belongs to, and its place there.
func (m *Map[V]) find(key string) (block, at int, found bool) {
	// The first block whose last key is not before the key; beyond the last block, the last one.
	block, _ = slices.BinarySearchFunc(m.blocks, key, func(b []entry[V], k string) int {
		return strings.Compare(b[len(b)-1].key, k)
	})
	if block == len(m.blocks) {
		if block == 0 {
			return 0, 0, false
		}
		block--
	}
	at, found = slices.BinarySearchFunc(m.blocks[block], key, func(e entry[V], k string) int {
		return strings.Compare(e.key, k)
	})
	return block, at, found
}

// Get gives the value of key.
func (m *Map[V]) Get(key string) (V, bool) {
	if block, at, found := m.find(key); found {
		return m.blocks[block][at].value, true
	}
	var none V
	return none, false
}

// Set gives key a value. The key that is kept is this one, so that an earlier, equal one can be freed.
func (m *Map[V]) Set(key string, value V) {
	e := entry[V]{key, value}
	block, at, found := m.find(key)
	if found {
		m.blocks[block][at] = e
		return
	}
	m.n++
	if len(m.blocks) == 0 {
		m.blocks = append(m.blocks, append(make([]entry[V], 0, 8), e))
		return
	}
	if len(m.blocks[block]) == blockSize {
		block, at = m.split(block, at)
	}
	m.blocks[block] = slices.Insert(m.blocks[block], at, e)
}

// split halves a full block and gives the place again. An append at the very end starts a block instead, so
// that keys that come in order fill their blocks.
func (m *Map[V]) split(block, at int) (int, int) {
	half := blockSize / 2
	if block == len(m.blocks)-1 && at == blockSize {
		half = blockSize - 1
	}
	full := m.blocks[block]
	m.blocks = slices.Insert(m.blocks, block+1, slices.Clone(full[half:]))
	clear(full[half:])
	m.blocks[block] = full[:half]
	if at > half {
		return block + 1, at - half
	}
	return block, at
}

// Delete removes key and tells whether it was there.
func (m *Map[V]) Delete(key string) bool {
	block, at, found := m.find(key)
	if !found {
		return false
	}
	m.n--
	b := slices.Delete(m.blocks[block], at, at+1)
	m.blocks[block] = b
	switch {
	case len(b) == 0:
		m.blocks = slices.Delete(m.blocks, block, block+1)
	case len(b) < blockSize/4 && block+1 < len(m.blocks) && len(m.blocks[block+1]) < blockSize/4:
		m.blocks[block] = append(b, m.blocks[block+1]...)
		m.blocks = slices.Delete(m.blocks, block+1, block+2)
	}
	return true
}

// From walks the entries whose keys are not before key, in order.
func (m *Map[V]) From(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		block, at, _ := m.find(key)
		for ; block < len(m.blocks); block, at = block+1, 0 {
			for _, e := range m.blocks[block][at:] {
				if !yield(e.key, e.value) {
					return
				}
			}
		}
	}
}

// Before walks the entries whose keys are before key, in reverse order.
func (m *Map[V]) Before(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		block, at, _ := m.find(key)
		for ; block >= 0 && len(m.blocks) > 0; block-- {
			for _, e := range slices.Backward(m.blocks[block][:at]) {
				if !yield(e.key, e.value) {
					return
				}
			}
			if block > 0 {
				at = len(m.blocks[block-1])
			}
		}
	}
}
