package engine

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// Command is one of the types of this file: something for a runtime to do.
//
//sumtype:decl
type Command interface{ command() }

// Probe asks a step whether work is needed; the answer goes to Engine.Probed.
type Probe struct{ Step string }

// Start lets a step do its work: StepStarted is made durable, then Ensure is called and its answer goes to Engine.Ensured.
type Start struct {
	Step    string
	Attempt int
}

// Record writes down what is decided already: a step that is left out, a person's answer taken at its word.
type Record struct{ Event journal.Event }

// WakeAt asks for Engine.Wake at an instant.
type WakeAt struct{ At time.Time }

// Cancel tells a step that is asked or works to stop. Its answer still counts.
type Cancel struct{ Step string }

// Finish ends this process's work on the run: the event is written, nothing else follows.
type Finish struct{ Event journal.RunFinished }

func (Probe) command()  {}
func (Start) command()  {}
func (Record) command() {}
func (WakeAt) command() {}
func (Cancel) command() {}
func (Finish) command() {}

// Event is what a command writes to the journal before anything else of it is done; nil when that is nothing.
func Event(c Command) journal.Event {
	switch c := c.(type) {
	case Start:
		return journal.StepStarted{Step: c.Step, Attempt: c.Attempt}
	case Record:
		return c.Event
	case Finish:
		return c.Event
	case Probe, WakeAt, Cancel:
	}
	return nil
}
