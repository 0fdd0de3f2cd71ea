package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Progress writes plain lines while a run goes on: one for what happened, and now and then one for where everything stands. They
// serve a person at a terminal and the log of a pipeline alike. It is safe for concurrent use.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	view  View
	state *journal.State
	told  map[string]time.Time // when a step's own progress was last shown
}

// every is how often a step's own progress is shown.
const every = 5 * time.Second

// NewProgress shows the run that the state describes, from now on. The view's Now is not used.
func NewProgress(w io.Writer, s *journal.State, v View) *Progress {
	return &Progress{w: w, view: v, state: s, told: map[string]time.Time{}}
}

// Observe takes the next entry of the journal.
func (p *Progress) Observe(e journal.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answered := p.answered(e)
	p.state.Apply(e)
	if text := p.text(e); text != "" && !answered {
		p.print(e.Time, p.view.advice(text, p.state.Facts.Run))
	}
}

// answered tells whether a step only goes on because its question was answered, which has been shown.
func (p *Progress) answered(e journal.Entry) bool {
	ev, ok := e.Event.(journal.StepStarted)
	if !ok {
		return false
	}
	t := p.state.Step(ev.Step)
	return t != nil && t.Decision != nil
}

func (p *Progress) text(e journal.Entry) string {
	switch ev := e.Event.(type) {
	case journal.RunStarted:
		return fmt.Sprintf("run %s: %s, scenario %s, recover to %s", ev.Run, ev.Application, ev.Scenario, ev.Site)
	case journal.RunResumed:
		return fmt.Sprintf("resumed by %s on %s", ev.Operator.User, ev.Operator.Host)
	case journal.Marked:
		return fmt.Sprintf("%s: %s", ev.Name, ev.Note)
	case journal.StepStarted:
		if ev.Attempt > 1 {
			return fmt.Sprintf("%s: attempt %d", ev.Step, ev.Attempt)
		}
		return ev.Step + ": started"
	case journal.StepProgress:
		return p.stepProgress(e.Time, ev)
	case journal.StepSucceeded:
		said := []string{fmt.Sprintf("%s: done in %s. %s", ev.Step, span(p.took(ev.Step)), ev.Summary)}
		for _, d := range ev.Duties {
			said = append(said, "STAYS TO BE DONE: "+d.Text)
		}
		return strings.Join(said, ". ")
	case journal.DutyDone:
		return fmt.Sprintf("%s: what stayed to be done is done, says %s", ev.Step, ev.By)
	case journal.StepSkipped:
		return fmt.Sprintf("%s: skipped, because %s", ev.Step, ev.Reason)
	case journal.StepFailed:
		if ev.RetryAt != nil {
			return fmt.Sprintf("%s: attempt %d failed, next in %s. %s", ev.Step, ev.Attempt, span(ev.RetryAt.Sub(e.Time)), ev.Error.Text)
		}
		if ev.Error.Class == step.Cancelled {
			return fmt.Sprintf("%s: stopped. %s", ev.Step, ev.Error.Text)
		}
		return fmt.Sprintf("%s: FAILED. %s", ev.Step, ev.Error.Text)
	case journal.GateOpened:
		text := fmt.Sprintf("%s: WAITS for %s: %s", ev.Step, orSomebody(ev.Who), ev.Prompt)
		switch {
		case p.state.Facts.Label == journal.Simulated: // a drill answers its own questions
		case ev.Only:
			text += fmt.Sprintf(" (%s confirm %s %s --by %q)", p.view.Call, p.state.Facts.Run, ev.Step, ev.Who)
		case ev.Key == step.AskTyped:
			text += fmt.Sprintf(" (%s put %s %s)", p.view.Call, p.state.Facts.Run, ev.Step)
		default:
			text += fmt.Sprintf(" (%s approve %s %s)", p.view.Call, p.state.Facts.Run, ev.Step)
		}
		return text
	case journal.GateDecided:
		return fmt.Sprintf("%s: %s by %s", ev.Step, past(string(ev.Decision)), ev.By)
	case journal.StopRequested:
		return stopping(ev)
	case journal.RunFinished:
		return strings.TrimSuffix(fmt.Sprintf("%s: %s", ev.Result, ev.Reason), ": ")
	case journal.PlanChanged:
		return fmt.Sprintf("plan changed, accepted by %s: %s", ev.By, strings.Join(ev.Diff, "; "))
	case journal.StepProbed:
		if ev.Status == step.Unknown {
			return fmt.Sprintf("%s: cannot tell whether it is needed. %s", ev.Step, ev.Reason)
		}
	}
	return ""
}

func stopping(ev journal.StopRequested) string {
	what := map[journal.StopMode]string{
		journal.Drain: "stopping: what runs is finished, nothing new starts",
		journal.Halt:  "stopping now: what runs is interrupted",
		journal.Abort: "giving up: what runs is interrupted, and the run is over",
	}[ev.Mode]
	return what + ", as asked by " + ev.By
}

func orSomebody(who string) string {
	if who == "" {
		return "a person"
	}
	return who
}

func (p *Progress) stepProgress(at time.Time, ev journal.StepProgress) string {
	if last, ok := p.told[ev.Step]; ok && at.Sub(last) < every {
		return ""
	}
	p.told[ev.Step] = at
	return ev.Step + ": " + Amount(ev.Progress)
}

func (p *Progress) took(id string) time.Duration {
	if t := p.state.Step(id); t != nil {
		return t.Duration(p.state.Last)
	}
	return 0
}

// Beat writes where everything stands: what runs and since when, what is next, and the time against the objective.
func (p *Progress) Beat(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.print(now, Standing(p.state, now))
}

func (p *Progress) print(at time.Time, text string) { Line(p.w, p.view.Width, at, p.state, text) }
