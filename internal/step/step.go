// Package step is the contract between the engine and the work: what a step is, and how it is asked and told.
//
// Promise: a step is idempotent. Probe changes nothing and says whether work is needed. Ensure makes it so, and doing
// it twice, or after a crash at any point of an earlier try, ends in the same place. Both end within a second of their context.
// What cannot be known is Unknown, never a guess: it becomes a question to a person (Ask). Package steptest holds
// the conformance kit that every kind passes.
package step

import (
	"context"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// Kind is what sort of work a step is.
type Kind string

// The kinds of steps.
const (
	Manual       Kind = "manual"
	Identity     Kind = "identity"
	StateBackend Kind = "state_backend"
	Image        Kind = "image"
	Secret       Kind = "secret"
	Parameter    Kind = "parameter"
	Stack        Kind = "stack"
	Verify       Kind = "verify"
	Command      Kind = "command"
	APIKey       Kind = "api_key"
	FirstCall    Kind = "first_call"
	Fence        Kind = "fence"
	Table        Kind = "table"
)

// Spec is one step of a procedure. Everything but Config is recorded in the journal.
type Spec struct {
	ID       string   `json:"id"` // kind/name, unique in the procedure
	Kind     Kind     `json:"kind"`
	Title    string   `json:"title"`
	Site     string   `json:"site,omitempty"` // name of the site that is worked on
	Needs    []string `json:"needs,omitempty"`
	Optional bool     `json:"optional,omitempty"` // may fail without failing the run
	IfNeeded bool     `json:"if_needed,omitempty"`
	Person   string   `json:"person,omitempty"` // who is waited for, when the step is a gate
	Clock    bool     `json:"clock,omitempty"`  // the recovery clock stops when all steps with Clock are done: the application answers
	// Consumers marks the steps that must be done besides until consumers work: the second mark of the recovery clock.
	Consumers bool `json:"consumers,omitempty"`

	Timeout  time.Duration `json:"timeout"`
	Retry    Retry         `json:"retry"`
	Uses     Uses          `json:"uses"`
	Forecast Forecast      `json:"forecast"`

	Config any `json:"-"` // the plan's noun, as the kind's package documents it
}

// Retry says how often and how patiently a step is tried again. Delays double from Delay up to Max.
type Retry struct {
	Attempts int           `json:"attempts"` // in all; 1 is no retry
	Delay    time.Duration `json:"delay"`
	Max      time.Duration `json:"max"`
}

// Uses is what a step takes of the machine while it runs. The zero value takes nothing but a slot.
type Uses struct {
	MemoryMB  int     `json:"memory_mb,omitempty"`
	Cores     float64 `json:"cores,omitempty"`
	Exclusive string  `json:"exclusive,omitempty"` // steps with the same word never run together
}

// Forecast is how long a step takes, and who says so.
type Forecast struct {
	Typical time.Duration `json:"typical"`
	Source  string        `json:"source"`
}

// Step is the work of one kind, bound to one Spec.
type Step interface {
	// Probe tells whether work is needed. It changes nothing anywhere.
	Probe(context.Context, *Call) (Probe, error)
	// Ensure makes it so. It may return an *Ask instead of an outcome, when only a person can decide, and
	// is called again with the answer in Call.Answers. Other errors are classified by ClassOf.
	Ensure(context.Context, *Call) (Outcome, error)
}

// Recaller is an optional ability: to read again the outputs of a step that is done, secrets included. The journal does not hold
// secrets, so a resumed run asks for them here.
type Recaller interface {
	Recall(context.Context, *Call) (Outputs, error)
}

// Maker builds the step of a Spec.
type Maker func(Spec) (Step, error)

// Makers are the kinds that a program knows.
type Makers map[Kind]Maker

// Call is what a step is given each time it is asked or told.
type Call struct {
	Run     string // run id
	Step    string // step id
	Attempt int    // 1 for the first
	Site    *plan.Site
	// Disaster is when the disaster struck, as the journal has it; zero when nobody said so.
	Disaster time.Time
	Dir      string            // private folder of this step in this run; exists; survives a resume on the same machine
	Answers  map[string]Answer // by Ask.Key: what people decided about this step
	// Resolve computes an expression of the plan with the outputs of the steps before.
	Resolve func(plan.Expr) (plan.Value, error)
	// Report tells progress. It never blocks and never fails. Nil is allowed in tests.
	Report func(Progress)
}

// Key is the idempotency key of the step in its run. AWS client tokens derive from it.
func (c *Call) Key() string { return c.Run + "/" + c.Step }

// Tell reports progress, if anybody listens.
func (c *Call) Tell(p Progress) {
	if c.Report != nil {
		c.Report(p)
	}
}

// Progress is one line about what a step is doing. It must not contain secrets.
type Progress struct {
	Message string `json:"message"`
	Done    int64  `json:"done,omitempty"`
	Total   int64  `json:"total,omitempty"`
	Unit    string `json:"unit,omitempty"` // bytes, resources, items
}

// Status is what a probe found.
type Status string

// The answers of a probe.
const (
	Done    Status = "done"    // nothing to do
	Needed  Status = "needed"  // Ensure has work
	Unknown Status = "unknown" // it cannot be told; a person decides
)

// Probe is the answer of Step.Probe.
type Probe struct {
	Status  Status
	Reason  string // always: why it is so, for people
	Outputs Outputs
	Duties  []Duty // of a step that is Done and was cut off before its Outcome was written
}

// Outcome is the answer of Step.Ensure.
type Outcome struct {
	Changed bool
	Summary string // for people, such as "12 added, 0 changed, 0 destroyed"
	Outputs Outputs
	Duties  []Duty // what stays to be done by people after the step
}

// Duty is work that a step could not do and that must not be forgotten: status and reports show it until somebody confirms that it is done.
type Duty struct {
	Key  string `json:"key"`  // unique in its step
	Text string `json:"text"` // what to do and why; no secrets
	Who  string `json:"who,omitempty"`
}

// Outputs are values for later steps, by name.
type Outputs map[string]plan.Value
