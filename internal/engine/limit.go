package engine

import "github.com/lifeboat-dr/lifeboat/internal/step"

// Limits bound what is asked or works at the same time. Zero is no limit.
type Limits struct {
	Slots    int // steps in all
	PerSite  int // steps at one site
	MemoryMB int // sum of step.Uses
	Cores    float64
}

// What Lifeboat itself and the rest of the machine keep.
const (
	ownMemoryMB = 128
	memoryShare = 0.9
)

// LimitsFor are the limits for a machine. Steps say what they use: width comes from the machine, not from a constant. The numbers of steps
// only keep connections and files in bounds.
func LimitsFor(memoryMB int, cores float64) Limits {
	return Limits{Slots: 64, PerSite: 32, MemoryMB: max(1, int(float64(memoryMB-ownMemoryMB)*memoryShare)), Cores: max(1, cores)}
}

// load is what the steps in flight take.
type load struct {
	limits    Limits
	slots     int
	memory    int
	cores     float64
	sites     map[string]int
	exclusive map[string]bool
}

// room says whether one more step fits, or what is short.
type room int

const (
	fits room = iota
	noSlot
	noMachine // memory or cores
	noTurn    // the site's limit, or an exclusive word
)

func (l *load) room(s *step.Spec) room {
	memory, cores := l.share(s)
	switch {
	case l.limits.Slots > 0 && l.slots >= l.limits.Slots:
		return noSlot
	case l.limits.PerSite > 0 && s.Site != "" && l.sites[s.Site] >= l.limits.PerSite, s.Uses.Exclusive != "" && l.exclusive[s.Uses.Exclusive]:
		return noTurn
	case l.limits.MemoryMB > 0 && l.memory+memory > l.limits.MemoryMB, l.limits.Cores > 0 && l.cores+cores > l.limits.Cores:
		return noMachine
	}
	return fits
}

// share is what a step takes. One that wants more than there is gets all: alone it can still run.
func (l *load) share(s *step.Spec) (memory int, cores float64) {
	memory, cores = s.Uses.MemoryMB, s.Uses.Cores
	if l.limits.MemoryMB > 0 {
		memory = min(memory, l.limits.MemoryMB)
	}
	if l.limits.Cores > 0 {
		cores = min(cores, l.limits.Cores)
	}
	return memory, cores
}

func (l *load) take(s *step.Spec) { l.change(s, 1) }

func (l *load) give(s *step.Spec) { l.change(s, -1) }

func (l *load) change(s *step.Spec, sign int) {
	memory, cores := l.share(s)
	l.slots += sign
	l.memory += sign * memory
	l.cores += float64(sign) * cores
	if s.Site != "" {
		l.sites[s.Site] += sign
	}
	if s.Uses.Exclusive != "" {
		l.exclusive[s.Uses.Exclusive] = sign > 0
	}
	if l.slots == 0 {
		l.cores = 0 // fractions do not add up to zero for ever
	}
}
