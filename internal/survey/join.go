package survey

import (
	"cmp"
	"slices"
	"strings"
)

// join puts what the connectors found into the inventory, in an order of its own.
func (s *surveyor) join(list []*connector) {
	edges := map[edgeKey]*Edge{}
	needs := map[string]*Prerequisite{}
	for _, c := range list {
		for _, e := range c.edges {
			key := edgeKey{e.From, e.To, e.How, e.Maker}
			if old := edges[key]; old == nil || degree(e.Confidence) > degree(old.Confidence) {
				edges[key] = e
			}
		}
		for _, n := range c.needs {
			if old := needs[n.id]; old != nil {
				old.also(n.Prerequisite)
			} else {
				needs[n.id] = n.Prerequisite
			}
		}
	}
	for _, e := range edges {
		s.inv.Edges = append(s.inv.Edges, e)
	}
	slices.SortFunc(s.inv.Edges, func(a, b *Edge) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), degree(b.Confidence)-degree(a.Confidence),
			strings.Compare(string(a.How), string(b.How)), strings.Compare(a.Maker, b.Maker), strings.Compare(a.Reader, b.Reader))
	})
	for _, p := range needs {
		s.inv.Prerequisites = append(s.inv.Prerequisites, p)
	}
	slices.SortFunc(s.inv.Prerequisites, func(a, b *Prerequisite) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name.Show(), b.Name.Show()), strings.Compare(a.Reads[0].Stack+a.Reads[0].Address, b.Reads[0].Stack+b.Reads[0].Address))
	})
}

// edgeKey is what makes two edges one: of these the surest is kept.
type edgeKey struct {
	from, to string
	how      How
	maker    string
}

// also adds the reads of another prerequisite for the same thing, each resource once.
func (p *Prerequisite) also(other *Prerequisite) {
	for _, r := range other.Reads {
		if !slices.Contains(p.Stacks, r.Stack) {
			p.Stacks = append(p.Stacks, r.Stack)
		}
		if !slices.ContainsFunc(p.Reads, func(have Read) bool { return have.Stack == r.Stack && have.Address == r.Address }) {
			p.Reads = append(p.Reads, r)
		}
	}
}
