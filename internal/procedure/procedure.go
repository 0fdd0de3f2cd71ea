// Package procedure compiles a plan for one scenario: the graph of steps, in order.
//
// Promise: the order follows from what steps read of each other, plus what the plan's `after` adds; prerequisites
// (hand-over, identity, state backend, images, values that Terraform only reads) come first by themselves. The same plan and scenario give
// the same procedure, step for step. A cycle is reported with the source of every edge in it. Nothing here touches the world.
package procedure

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Procedure is a plan compiled for one scenario.
type Procedure struct {
	Plan     *plan.Plan
	Scenario *plan.Scenario
	Site     *plan.Site  // recovered to
	Steps    []step.Spec // each after everything that it needs
	Without  []string    // ids of steps that are left out on purpose
	// TrustedUntil is what was asked for, besides what the scenario says.
	TrustedUntil time.Time
}

// Wave is the steps that could run together if nothing but their order limited them.
type Wave []string

// Waves groups the steps by their distance from the start.
func (p *Procedure) Waves() []Wave {
	level := map[string]int{}
	var waves []Wave
	for _, s := range p.Steps {
		n := 0
		for _, need := range s.Needs {
			n = max(n, level[need]+1)
		}
		level[s.ID] = n
		if n == len(waves) {
			waves = append(waves, nil)
		}
		waves[n] = append(waves[n], s.ID)
	}
	return waves
}

// CriticalPath is the chain of steps that takes longest by the forecast, first to last, and how long that is. Steps that are left out take no
// time; neither do people (Forecast.Typical of a gate is zero): their time is theirs.
func (p *Procedure) CriticalPath() ([]string, time.Duration) {
	out := map[string]bool{}
	for _, id := range p.Without {
		out[id] = true
	}
	end, via, last := map[string]time.Duration{}, map[string]string{}, ""
	for _, s := range p.Steps {
		for _, need := range s.Needs {
			if _, seen := via[s.ID]; !seen || end[need] > end[via[s.ID]] {
				via[s.ID] = need
			}
		}
		end[s.ID] = end[via[s.ID]]
		if !out[s.ID] {
			end[s.ID] += s.Forecast.Typical
		}
		if last == "" || end[s.ID] > end[last] {
			last = s.ID
		}
	}
	var path []string
	for id := last; id != ""; id = via[id] {
		path = append([]string{id}, path...)
	}
	return path, end[last]
}

// Step finds a step by id; nil when there is none.
func (p *Procedure) Step(id string) *step.Spec {
	for i := range p.Steps {
		if p.Steps[i].ID == id {
			return &p.Steps[i]
		}
	}
	return nil
}

// Direct gives the needs of each step that no other need of it implies: what a drawing shows.
func (p *Procedure) Direct() map[string][]string {
	above := map[string]map[string]bool{} // everything a step comes after
	direct := map[string][]string{}
	for _, s := range p.Steps {
		all, implied := map[string]bool{}, map[string]bool{}
		for _, need := range s.Needs {
			all[need] = true
			for id := range above[need] {
				all[id], implied[id] = true, true
			}
		}
		for _, need := range s.Needs {
			if !implied[need] {
				direct[s.ID] = append(direct[s.ID], need)
			}
		}
		above[s.ID] = all
	}
	return direct
}
