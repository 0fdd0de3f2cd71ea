// Package journal is the record of a run: a closed set of events, hash-chained, and the State that they fold to.
//
// Promise: the journal is the only truth about a run. Every view (terminal, console, JSON, report, evidence, resume) is Fold over its
// events. An entry names the hash of the entry before, so that a changed, missing or reordered entry is noticed. No secret enters a
// journal. The format is written down in docs/journal-format.md.
package journal

import (
	"encoding/json"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Event is one of the types of this file, and nothing else: a switch over them is complete.
//
//sumtype:decl
type Event interface {
	Kind() Kind
	sealed()
}

// Label says what a run proves.
type Label string

// The labels. A rehearsal is never live evidence.
const (
	Simulated Label = "simulated" // on the drill cloud
	Sandbox   Label = "sandbox"   // in a sandbox account
	Live      Label = "live"
)

// RunStarted is the first event of every journal.
type RunStarted struct {
	Run          string            `json:"run"`
	Application  string            `json:"application"`
	Scenario     string            `json:"scenario"`
	Site         string            `json:"site"` // recovered to
	Label        Label             `json:"label"`
	PlanHash     string            `json:"plan_hash"`
	PlanDir      string            `json:"plan_dir,omitempty"`
	PlanParts    map[string]string `json:"plan_parts,omitempty"` // hashes by name, so that a later version can be compared
	RecoveryTime time.Duration     `json:"recovery_time_objective,omitempty"`
	// RecoveryPoint is how much of the newest data may be lost.
	RecoveryPoint time.Duration `json:"recovery_point_objective,omitempty"`
	Without       []string      `json:"without,omitempty"`
	TrustedUntil  time.Time     `json:"trusted_until,omitzero"` // given with the command; zero: what the plan says
	Steps         []step.Spec   `json:"steps"`
	Operator      Operator      `json:"operator"`
	Version       string        `json:"version"` // of lifeboat
}

// Operator is who runs lifeboat, and where.
type Operator struct {
	User string `json:"user"`
	Host string `json:"host"`
	PID  int    `json:"pid"`
}

// RunResumed says that another process goes on with the run.
type RunResumed struct {
	Operator Operator `json:"operator"`
}

// PlanChanged says that a person accepted another version of the plan in the middle of a run. Parts and Steps are the whole new plan's.
type PlanChanged struct {
	From  string            `json:"from"`
	To    string            `json:"to"`
	Diff  []string          `json:"diff"`
	Parts map[string]string `json:"plan_parts,omitempty"`
	Steps []step.Spec       `json:"steps"`
	By    string            `json:"by"`
}

// Marked names an instant that the clocks use.
type Marked struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty"`
	// World is the same instant on the clock of a drill cloud that runs at a speed of its own: what the cloud says is compared with it.
	World time.Time `json:"world,omitzero"`
}

// The names of marks.
const (
	MarkDisaster = "disaster" // the recovery clock starts here; without it, at RunStarted
	MarkValue    = "value"    // a person gave the value of a secret or parameter, which stands at the site and nowhere else
	MarkStrike   = "strike"   // a drill is about to let the disaster happen; MarkDisaster follows with the same instant
)

// StepProbed is what a probe found.
type StepProbed struct {
	Step   string      `json:"step"`
	Status step.Status `json:"status"`
	Reason string      `json:"reason"`
}

// StepStarted is durable before the step's side effects begin.
type StepStarted struct {
	Step    string `json:"step"`
	Attempt int    `json:"attempt"`
}

// StepProgress is for people. It may be lost in a crash.
type StepProgress struct {
	Step string `json:"step"`
	step.Progress
}

// StepSucceeded ends a step. Secret outputs are named, never written.
type StepSucceeded struct {
	Step    string                     `json:"step"`
	Attempt int                        `json:"attempt"`
	Changed bool                       `json:"changed"`
	Summary string                     `json:"summary,omitempty"`
	Outputs map[string]json.RawMessage `json:"outputs,omitempty"`
	Secrets []string                   `json:"secret_outputs,omitempty"`
	Duties  []step.Duty                `json:"duties,omitempty"` // what people still have to do; DutyDone ends one
}

// DutyDone says that a duty that a step left was fulfilled. It may follow the end of the run.
type DutyDone struct {
	Step string `json:"step"`
	Key  string `json:"key"`
	By   string `json:"by"`
	Note string `json:"note,omitempty"`
}

// StepSkipped ends a step that had nothing to do, or was left out. Reason is never empty.
type StepSkipped struct {
	Step    string                     `json:"step"`
	Reason  string                     `json:"reason"`
	LeftOut bool                       `json:"left_out,omitempty"` // it was not done, and what needs it is left out too
	Outputs map[string]json.RawMessage `json:"outputs,omitempty"`
	Secrets []string                   `json:"secret_outputs,omitempty"`
}

// StepFailed ends an attempt. With RetryAt the step is tried again then; without it the step has failed. Attempt is 0 when the
// probe failed before the first attempt.
type StepFailed struct {
	Step    string     `json:"step"`
	Attempt int        `json:"attempt"`
	Error   Failure    `json:"error"`
	RetryAt *time.Time `json:"retry_at,omitempty"`
}

// Failure is a step.Error in writing.
type Failure struct {
	Class  step.Class `json:"class"`
	Text   string     `json:"text"` // the whole error
	Site   string     `json:"site,omitempty"`
	Action string     `json:"action,omitempty"`
	Next   string     `json:"next,omitempty"`
}

// GateOpened says that a step waits for a person.
type GateOpened struct {
	Step   string `json:"step"`
	Key    string `json:"key"`
	Prompt string `json:"prompt"`
	Detail string `json:"detail,omitempty"`
	Who    string `json:"who,omitempty"`
	Only   bool   `json:"only,omitempty"`  // nobody but Who can say yes
	Again  bool   `json:"again,omitempty"` // run_resumed makes the step pending again
}

// GateDecided is a person's answer.
type GateDecided struct {
	Step     string        `json:"step"`
	Key      string        `json:"key"`
	Decision step.Decision `json:"decision"`
	By       string        `json:"by"`
	Note     string        `json:"note,omitempty"`
}

// StopRequested says that somebody ended this process's work on the run.
type StopRequested struct {
	Mode StopMode `json:"mode"`
	By   string   `json:"by"`
}

// StopMode is how a run is stopped.
type StopMode string

// The ways to stop.
const (
	Drain StopMode = "drain" // start nothing; let finish what runs
	Halt  StopMode = "halt"  // cancel what runs
	Abort StopMode = "abort" // as Halt, and the run is over: it cannot be resumed
)

// Result is how a run ended.
type Result string

// The results.
const (
	Recovered Result = "recovered"
	Failed    Result = "failed"
	Waiting   Result = "waiting" // for a person, or stopped; resume goes on
	Aborted   Result = "aborted"
)

// RunFinished says that this process has done what it could. A resume may follow, except after Recovered and Aborted.
type RunFinished struct {
	Result Result `json:"result"`
	Reason string `json:"reason,omitempty"`
}
