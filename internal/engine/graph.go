package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// node is a step in the graph.
type node struct {
	*journal.Step

	at         int           // place in the procedure
	way        time.Duration // forecast from the start of this step to the end of the longest chain behind it
	needs      []*node
	dependents []*node
	unresolved int // needs that are not final
	phase      phase
	resolved   bool // dependents know that the step is final
	probed     bool // it is known in this process that there is work
	todo       Command
}

// phase is what the engine does about a step that is not final.
type phase int

const (
	idle     phase = iota // waits for its needs, or for a person
	queued                // could go on, waits for room
	flying                // is asked or works: takes room
	sleeping              // until a retry
	noting                // a Record is under way
)

// Check tells what is wrong with a graph of steps: an id twice, a need that does not exist, a circle.
func Check(steps []step.Spec) error {
	index := make(map[string]int, len(steps))
	for i, s := range steps {
		if _, twice := index[s.ID]; twice || s.ID == "" {
			return fmt.Errorf("the procedure has the step %q twice, or without a name", s.ID)
		}
		index[s.ID] = i
	}
	for _, s := range steps {
		for _, need := range s.Needs {
			if _, ok := index[need]; !ok {
				return fmt.Errorf("step %s needs %q, which is not in the procedure", s.ID, need)
			}
		}
	}
	nodes := link(steps)
	if order := sorted(nodes); len(order) < len(nodes) {
		var stuck []string
		for _, n := range nodes {
			if !slices.Contains(order, n) {
				stuck = append(stuck, n.Spec.ID)
			}
		}
		return fmt.Errorf("the procedure goes in a circle among or before %s", strings.Join(stuck, ", "))
	}
	return nil
}

func link(steps []step.Spec) []*node {
	states := make([]*journal.Step, len(steps))
	for i := range steps {
		states[i] = &journal.Step{Spec: steps[i]}
	}
	nodes, _ := linkStates(states)
	return nodes
}

func linkStates(states []*journal.Step) ([]*node, map[string]*node) {
	nodes, byID := make([]*node, len(states)), make(map[string]*node, len(states))
	for i, s := range states {
		nodes[i] = &node{Step: s, at: i}
		byID[s.Spec.ID] = nodes[i]
	}
	for _, n := range nodes {
		for _, id := range n.Spec.Needs {
			if need := byID[id]; need != nil && !slices.Contains(n.needs, need) {
				n.needs, need.dependents = append(n.needs, need), append(need.dependents, n)
			}
		}
	}
	return nodes, byID
}

// sorted gives the nodes, each after all that it needs. Nodes in or behind a circle are missing.
func sorted(nodes []*node) []*node {
	left, order := make(map[*node]int, len(nodes)), make([]*node, 0, len(nodes))
	for _, n := range nodes {
		left[n] = len(n.needs)
		if len(n.needs) == 0 {
			order = append(order, n)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, d := range order[i].dependents {
			if left[d]--; left[d] == 0 {
				order = append(order, d)
			}
		}
	}
	return order
}

// measure sets every node's way.
func measure(nodes []*node) {
	for _, n := range slices.Backward(sorted(nodes)) {
		n.way = 0
		for _, d := range n.dependents {
			n.way = max(n.way, d.way)
		}
		// A step takes something even where no forecast is known: then the longer chain goes first.
		n.way += max(n.Spec.Forecast.Typical, time.Millisecond)
	}
}
