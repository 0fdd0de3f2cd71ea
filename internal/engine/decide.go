package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The keys of the engine's own questions.
const (
	KeyInterrupted = "interrupted" // the step was cut off and cannot tell whether it is done
	KeyUnknown     = "unknown"     // the step cannot tell whether there is work
)

// maxText bounds what an error may put into the journal, in bytes.
const maxText = 16 << 10

// Probed gives the events of a probe's answer, to be applied and written. It changes nothing.
func (e *Engine) Probed(id string, p step.Probe, err error, now time.Time) []journal.Event {
	n := e.flying(id)
	if n == nil {
		return nil
	}
	if err != nil {
		return e.stopped(n, n.Attempts, err, now)
	}
	probed := journal.StepProbed{Step: id, Status: p.Status, Reason: p.Reason}
	switch p.Status {
	case step.Done:
		out, err := record(p.Outputs)
		if err != nil {
			return e.stopped(n, n.Attempts, err, now)
		}
		if n.Attempts > 0 {
			return []journal.Event{probed, journal.StepSucceeded{Step: id, Attempt: n.Attempts, Summary: n.found() + p.Reason, Outputs: out.plain, Secrets: out.secret, Duties: p.Duties}}
		}
		return []journal.Event{probed, journal.StepSkipped{Step: id, Reason: or(p.Reason, "there was nothing to do"), Outputs: out.plain, Secrets: out.secret}}
	case step.Needed:
		return []journal.Event{probed}
	case step.Unknown:
	default: // a probe that answers nothing knows nothing
		probed.Status = step.Unknown
	}
	return []journal.Event{probed, n.question(p.Reason)}
}

// Ensured gives the events of an attempt's end, to be applied and written. It changes nothing.
func (e *Engine) Ensured(id string, o step.Outcome, err error, now time.Time) []journal.Event {
	n := e.flying(id)
	if n == nil {
		return nil
	}
	if err != nil {
		return e.stopped(n, n.Attempts, err, now)
	}
	out, err := record(o.Outputs)
	if err != nil {
		return e.stopped(n, n.Attempts, err, now)
	}
	return []journal.Event{journal.StepSucceeded{Step: id, Attempt: n.Attempts, Changed: o.Changed, Summary: o.Summary, Outputs: out.plain, Secrets: out.secret, Duties: o.Duties}}
}

// flying finds the step of an answer that is waited for.
func (e *Engine) flying(id string) *node {
	if n := e.byID[id]; n != nil && n.phase == flying {
		return n
	}
	return nil
}

// stopped gives the event of an attempt without an outcome: a question or a failure.
func (e *Engine) stopped(n *node, attempt int, err error, now time.Time) []journal.Event {
	if ask, ok := errors.AsType[*step.Ask](err); ok {
		return []journal.Event{journal.GateOpened{Step: n.Spec.ID, Key: ask.Key, Prompt: ask.Prompt, Detail: ask.Detail, Who: or(ask.Who, n.Spec.Person), Only: ask.Only, Again: ask.Again}}
	}
	failed := journal.StepFailed{Step: n.Spec.ID, Attempt: attempt, Error: failure(err)}
	failures := n.Failures + 1
	if at, again := RetryAt(n.Spec.Retry, failures, failed.Error.Class, now, seed(e.state.Facts.Run, n.Spec.ID, failures)); again {
		failed.RetryAt = &at
	}
	return []journal.Event{failed}
}

func failure(err error) journal.Failure {
	f := journal.Failure{Class: step.ClassOf(err), Text: err.Error()}
	if e, ok := errors.AsType[*step.Error](err); ok {
		f.Site, f.Action, f.Next = e.Site, e.Action, e.Next
	}
	f.Next = or(step.DiskAdvice(err), f.Next) // whatever it was that could not be written
	if len(f.Text) > maxText {
		f.Text = strings.ToValidUTF8(f.Text[:maxText], "") + "..."
	}
	return f
}

func (n *node) found() string {
	if n.Interrupted {
		return "found done after an interruption: "
	}
	return "found done: "
}

// question is what a person is asked when a probe cannot tell.
func (n *node) question(reason string) journal.GateOpened {
	g := journal.GateOpened{Step: n.Spec.ID, Key: KeyUnknown, Prompt: "it cannot be told whether " + n.Spec.ID + " is done already", Who: n.Spec.Person}
	if n.Interrupted {
		g.Key, g.Prompt = KeyInterrupted, n.Spec.ID+" was interrupted, and it cannot be told whether it is done"
	}
	g.Detail = or(reason, "the probe gave no reason") + ". Look, then: approve runs the step, confirm takes it as done, reject fails it."
	return g
}

// recorded is a step's outputs as the journal has them: secret ones by name only.
type recorded struct {
	plain  map[string]json.RawMessage
	secret []string
}

func record(out step.Outputs) (recorded, error) {
	var r recorded
	for _, name := range slices.Sorted(maps.Keys(out)) {
		v := out[name]
		if v.IsSecret() {
			r.secret = append(r.secret, name)
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return recorded{}, fmt.Errorf("output %q cannot be written down: %w", name, err)
		}
		if r.plain == nil {
			r.plain = map[string]json.RawMessage{}
		}
		r.plain[name] = raw
	}
	return r, nil
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
