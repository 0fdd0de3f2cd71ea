package journal

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Status is where a step stands.
type Status string

// The statuses. Probing is not one: a probe changes nothing, so the journal does not say when it begins.
const (
	StatusPending   Status = "pending"
	StatusRunning   Status = "running"
	StatusWaiting   Status = "waiting"  // for a person: Step.Gate
	StatusRetrying  Status = "retrying" // at Step.RetryAt
	StatusSucceeded Status = "succeeded"
	StatusSkipped   Status = "skipped" // because of Step.Reason
	StatusFailed    Status = "failed"
	StatusBlocked   Status = "blocked" // by a step that failed or was stopped: Step.Reason
	StatusCancelled Status = "cancelled"
)

// State is what a journal says about its run. The zero State is that of an empty journal.
type State struct {
	Facts       RunStarted     // as they were at the start, but the plan's hashes are those in force. Steps is empty: see State.Steps
	Steps       []*Step        // in the order of the procedure
	Began       time.Time      // when RunStarted was written
	Ended       time.Time      // when RunFinished was written; zero while a process works on the run, or after it was interrupted
	Result      Result         // empty as Ended is
	Reason      string         // of Result
	Operators   []Operator     // who worked on the run, first to last
	Marks       []Marked       // in the order of the journal
	Decisions   []Decided      // what people decided
	Duties      []Duty         // what steps left to people, open and done
	PlanChanges []PlanChanged  // accepted in the middle of the run; their Steps and Parts are empty
	Stop        *StopRequested // in force
	Head        Head           // of the chain
	Last        time.Time      // of the last entry

	byID       map[string]*Step
	dependents map[string][]*Step
}

// Step is what a journal says about one step.
type Step struct {
	Spec        step.Spec
	Status      Status
	Attempts    int // how often it was started
	Failures    int // how often it failed since the run was started or resumed
	Changed     bool
	Summary     string
	Reason      string    // why it was skipped or is blocked
	LeftOut     bool      // skipped without being done
	Interrupted bool      // was running when an earlier process ended, and has not been started since
	Started     time.Time // first attempt
	Finished    time.Time // succeeded, skipped, failed or cancelled
	RetryAt     time.Time
	Probe       *StepProbed // the last
	Progress    *step.Progress
	Outputs     map[string]json.RawMessage // without the secret ones
	Secrets     []string                   // names of secret outputs
	Gate        *Gate                      // open
	Decision    *GateDecided               // given, not yet acted on
	Answers     map[string]step.Answer     // by key
	Error       *Failure                   // of the last failed attempt
	Spans       []Span                     // what it went through, first to last
}

// Span is a time in which a step ran, waited for a person or waited for its next attempt.
type Span struct {
	Status Status    // running, waiting or retrying
	From   time.Time // as the journal says
	To     time.Time // zero while it lasts; of what was cut off, the last entry before the resume
	Error  *Failure  // of an attempt that failed
}

// Gate is a question that waits for a person.
type Gate struct {
	Step   string
	Key    string
	Prompt string
	Detail string
	Who    string
	Only   bool // nobody but Who can say yes
	Again  bool // a resume looks again
	Since  time.Time
}

// Takes tells whether a person may decide so. Anybody may say no.
func (g *Gate) Takes(d step.Decision, by string) bool {
	switch d {
	case step.Reject:
		return true
	case step.Approve:
		return !g.Only
	case step.Confirm:
		return !g.Only || strings.EqualFold(strings.TrimSpace(by), g.Who)
	default:
		return false
	}
}

// Duty is what a step left to people.
type Duty struct {
	step.Duty

	Step  string
	Since time.Time
	Done  time.Time // zero while it is open
	By    string    // who did it
	Note  string
}

// Duty finds what a step left to people; nil when it left nothing of that key.
func (s *State) Duty(id, key string) *Duty {
	for i := range s.Duties {
		if d := &s.Duties[i]; d.Step == id && d.Key == key {
			return d
		}
	}
	return nil
}

// Open are the duties that nobody has fulfilled yet.
func (s *State) Open() []Duty {
	return slices.DeleteFunc(slices.Clone(s.Duties), func(d Duty) bool { return !d.Done.IsZero() })
}

// Decided is a decision with its question and time.
type Decided struct {
	Step     string
	Key      string
	Prompt   string
	Decision step.Decision
	By       string
	Note     string
	At       time.Time
}

// Done tells whether what needs the step can go on.
func (s *Step) Done() bool {
	return s.Status == StatusSucceeded || s.Status == StatusSkipped && !s.LeftOut
}

// Final tells whether this process does nothing more with the step.
func (s *Step) Final() bool {
	switch s.Status {
	case StatusSucceeded, StatusSkipped, StatusFailed, StatusBlocked, StatusCancelled:
		return true
	case StatusPending, StatusRunning, StatusWaiting, StatusRetrying:
	}
	return false
}

// Duration is how long the step took, waits and retries included; until now while it runs. Zero when it was never started.
func (s *Step) Duration(now time.Time) time.Duration {
	if s.Started.IsZero() {
		return 0
	}
	if s.Final() {
		now = s.Finished
	}
	return max(0, now.Sub(s.Started))
}

// Step finds a step by id; nil when there is none.
func (s *State) Step(id string) *Step { return s.byID[id] }

// Over tells whether the run can never go on.
func (s *State) Over() bool {
	return s.Result == Recovered || s.Result == Aborted || s.Stop != nil && s.Stop.Mode == Abort
}

// Touched tells whether any work or decision follows the start of the run.
func (s *State) Touched() bool {
	return len(s.Operators) > 1 || s.Stop != nil || !s.Ended.IsZero() || len(s.Decisions) > 0 ||
		slices.ContainsFunc(s.Steps, func(t *Step) bool { return t.Status != StatusPending || t.Probe != nil })
}

// Count is the number of steps in a status.
func (s *State) Count(in Status) int {
	n := 0
	for _, t := range s.Steps {
		if t.Status == in {
			n++
		}
	}
	return n
}

// Accepts tells whether a message of another process (a decision, an abort, a mark) means anything now.
func (s *State) Accepts(ev Event) bool {
	switch ev := ev.(type) {
	case GateDecided:
		t := s.byID[ev.Step]
		return t != nil && t.Gate != nil && t.Gate.Key == ev.Key && t.Gate.Takes(ev.Decision, ev.By) && !s.Over()
	case StopRequested:
		return ev.Mode == Abort && !s.Over()
	case Marked:
		return ev.Name != ""
	case DutyDone:
		d := s.Duty(ev.Step, ev.Key)
		return d != nil && d.Done.IsZero() && ev.By != ""
	default:
		return false
	}
}
