package procedure

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// sort puts every step after what it needs, keeping the plan's order where it is free, or reports the cycles.
func (b *builder) sort() ([]step.Spec, diag.List) {
	const (
		unseen = iota
		open
		closed
	)
	state := make([]int, len(b.nodes))
	var steps []step.Spec
	var diags diag.List
	var trail []int
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		trail = append(trail, i)
		for _, need := range b.nodes[i].spec.Needs {
			j := b.index[need]
			switch state[j] {
			case unseen:
				visit(j)
			case open:
				diags = append(diags, b.cycle(trail[slices.Index(trail, j):]))
			}
		}
		trail = trail[:len(trail)-1]
		state[i] = closed
		steps = append(steps, b.nodes[i].spec)
	}
	for i := range b.nodes {
		if state[i] == unseen {
			visit(i)
		}
	}
	return steps, diags
}

// cycle reports a ring of steps with the source of each edge.
func (b *builder) cycle(ring []int) diag.Diagnostic {
	d := diag.Diagnostic{Summary: "Steps wait for each other", Hint: "Remove one of these references, or split a step so that what the other reads comes earlier."}
	var ids []string
	for k, i := range ring {
		n, next := b.nodes[i], b.nodes[ring[(k+1)%len(ring)]].spec.ID
		ids = append(ids, n.spec.ID)
		for _, e := range n.edges {
			if e.to == next {
				d.Notes = append(d.Notes, diag.Note{Text: n.spec.ID + " comes after " + next, Range: e.at})
				break
			}
		}
	}
	d.Detail = strings.Join(append(ids, ids[0]), " after ") + "."
	if len(d.Notes) > 0 {
		d.Subject = d.Notes[0].Range
	}
	return d
}
