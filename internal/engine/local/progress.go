package local

import (
	"maps"
	"slices"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// progress keeps the latest word of each step until it is time to write it.
type progress struct {
	mu     sync.Mutex
	latest map[string]step.Progress
	armed  bool
}

func newProgress() *progress { return &progress{latest: map[string]step.Progress{}} }

// report is step.Call.Report. It never waits: where the loop is busy, a later report arms the pen.
func (r *run) report(id string, p step.Progress) {
	r.progress.mu.Lock()
	defer r.progress.mu.Unlock()
	r.progress.latest[id] = p
	if r.progress.armed {
		return
	}
	select {
	case r.inputs <- func() { r.after(progressEvery, r.tell) }:
		r.progress.armed = true
	default:
	}
}

// tell writes the latest progress of all steps.
func (r *run) tell() {
	r.progress.mu.Lock()
	latest := r.progress.latest
	r.progress.latest, r.progress.armed = map[string]step.Progress{}, false
	r.progress.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(latest)) {
		r.take(journal.StepProgress{Step: id, Progress: latest[id]})
	}
}

// last gives the word of a step that was not written yet.
func (p *progress) last(id string) []journal.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	word, ok := p.latest[id]
	if !ok {
		return nil
	}
	delete(p.latest, id)
	return []journal.Event{journal.StepProgress{Step: id, Progress: word}}
}
