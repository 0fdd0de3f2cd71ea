package engine

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// ready holds the steps that could go on, in classes: steps of a class take the same of the machine, so when the first does not fit none does.
type ready struct {
	classes []*class
	byKey   map[classKey]*class
	size    int
}

type classKey struct {
	site string
	uses step.Uses
}

// class is a heap, the step with the longest way behind it first.
type class []*node

func (c class) Len() int           { return len(c) }
func (c class) Less(i, j int) bool { return before(c[i], c[j]) < 0 }
func (c class) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }

// Push and Pop are container/heap's.
func (c *class) Push(x any) {
	if n, ok := x.(*node); ok {
		*c = append(*c, n)
	}
}

// Pop takes the last.
func (c *class) Pop() any {
	last := len(*c) - 1
	n := (*c)[last]
	(*c)[last] = nil
	*c = (*c)[:last]
	return n
}

// before orders steps: the longest forecast way to the end first, then the order of the procedure.
func before(a, b *node) int {
	return cmp.Or(cmp.Compare(b.way, a.way), cmp.Compare(a.at, b.at))
}

func (r *ready) push(n *node) {
	key := classKey{site: n.Spec.Site, uses: n.Spec.Uses}
	c := r.byKey[key]
	if c == nil {
		c = &class{}
		r.byKey[key], r.classes = c, append(r.classes, c)
	}
	heap.Push(c, n)
	r.size++
}

// pop gives the first step that fits, or nil. When a step lacks memory or cores, no step behind it may take any: else
// small steps would keep a big one waiting for ever.
func (r *ready) pop(l *load) *node {
	if r.size == 0 || l.limits.Slots > 0 && l.slots >= l.limits.Slots {
		return nil
	}
	heads := make([]*class, 0, len(r.classes))
	for _, c := range r.classes {
		for len(*c) > 0 && (*c)[0].phase != queued { // it went on without us, when a journal is read again
			heap.Pop(c)
			r.size--
		}
		if len(*c) > 0 {
			heads = append(heads, c)
		}
	}
	slices.SortFunc(heads, func(a, b *class) int { return before((*a)[0], (*b)[0]) })
	scarce := false
	for _, c := range heads {
		n := (*c)[0]
		if scarce && (n.Spec.Uses.MemoryMB > 0 || n.Spec.Uses.Cores > 0) {
			continue
		}
		switch l.room(&n.Spec) {
		case fits:
			heap.Pop(c)
			r.size--
			return n
		case noMachine:
			scarce = true
		case noSlot, noTurn:
		}
	}
	return nil
}
