package survey

import "slices"

// Order is the stacks in an order in which each comes after those that it needs. Where edges form a circle, the weakest of them are passed
// over; they are returned too. Stacks without a reason keep the order in which scripts run them, and else that of their folders.
func (inv *Inventory) Order() (order []*Stack, ignored []*Edge) {
	needs := map[string][]*Edge{}
	for _, e := range inv.Edges {
		needs[e.From] = append(needs[e.From], e)
	}
	left := slices.Clone(inv.Stacks)
	slices.SortStableFunc(left, func(a, b *Stack) int { return inv.runs(a) - inv.runs(b) })
	done := map[string]bool{}
	for floor := 1; len(left) > 0; {
		i := slices.IndexFunc(left, func(s *Stack) bool {
			return !slices.ContainsFunc(needs[s.Name], func(e *Edge) bool { return !done[e.To] && degree(e.Confidence) >= floor })
		})
		if i < 0 { // a circle of edges this sure
			floor++
			continue
		}
		for _, e := range needs[left[i].Name] {
			if !done[e.To] {
				ignored = append(ignored, e)
			}
		}
		done[left[i].Name] = true
		order = append(order, left[i])
		left = slices.Delete(left, i, i+1)
		floor = 1
	}
	return order, ignored
}

// runs is the place at which scripts run a stack; large where none does.
func (inv *Inventory) runs(s *Stack) int {
	best := 1 << 20
	for _, h := range inv.Hints {
		if h.Kind == Runs && h.Stack == s.Name && h.Order > 0 {
			best = min(best, h.Order)
		}
	}
	return best
}
