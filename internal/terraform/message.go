package terraform

import (
	"encoding/json"
	"fmt"
	"time"
)

// message is one line of terraform's machine-readable UI, version 1 (Terraform internals, "Machine-Readable UI"). Tofu writes the same.
type message struct {
	Type       string            `json:"type"`
	Time       time.Time         `json:"@timestamp"`
	UI         string            `json:"ui"`
	Diagnostic *diagnostic       `json:"diagnostic"`
	Change     *resourceChange   `json:"change"`
	Hook       *resourceChange   `json:"hook"`
	Changes    *Counts           `json:"changes"`
	Outputs    map[string]Output `json:"outputs"`
}

type resourceChange struct {
	Resource struct {
		Addr string `json:"addr"`
	} `json:"resource"`
	Action  string  `json:"action"`
	Reason  string  `json:"reason"`
	Elapsed float64 `json:"elapsed_seconds"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    *struct {
		Filename string `json:"filename"`
		Start    struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
}

// Counts are the numbers of a plan or an apply.
type Counts struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Remove int `json:"remove"`
	Import int `json:"import"`
}

// Total is how many operations on resources that is. A replacement is two.
func (c Counts) Total() int { return c.Add + c.Change + c.Remove + c.Import }

// String is in the words of terraform.
func (c Counts) String() string {
	s := fmt.Sprintf("%d added, %d changed, %d destroyed", c.Add, c.Change, c.Remove)
	if c.Import > 0 {
		s = fmt.Sprintf("%d imported, ", c.Import) + s
	}
	return s
}

// Output is a stack's output. Value is JSON; a stream leaves it out when the output is sensitive.
type Output struct {
	Sensitive bool            `json:"sensitive"`
	Value     json.RawMessage `json:"value"`
}

// Event is something that happened to one resource while a command runs.
type Event struct {
	Kind    EventKind
	Address string
	Action  string // create, update, delete, read, import; empty when refreshed
	Elapsed time.Duration
}

// EventKind says what happened.
type EventKind string

// The kinds of events, as terraform names their messages.
const (
	Refreshed EventKind = "refresh_complete"
	Started   EventKind = "apply_start"
	Going     EventKind = "apply_progress"
	Finished  EventKind = "apply_complete"
	Failed    EventKind = "apply_errored"
)
