package report_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// began is when every test's run starts; its disaster struck ten seconds before.
func began() time.Time { return time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC) }

type event struct {
	after time.Duration
	journal.Event
}

// run folds the events of a drill with two stacks, one of them optional, and a proof.
func run(t *testing.T, observe func(journal.Entry), events ...event) *journal.State {
	t.Helper()
	first := journal.RunStarted{
		Run: "r1", Application: "pharmacy", Scenario: "region-down", Site: "standby", Label: journal.Simulated, RecoveryTime: time.Minute,
		Operator: journal.Operator{User: "ann", Host: "laptop"},
		Steps: []step.Spec{
			{ID: "stack/blue", Kind: step.Stack, Forecast: step.Forecast{Typical: 30 * time.Second}},
			{ID: "stack/green", Kind: step.Stack, Optional: true, Needs: []string{"stack/blue"}},
			{ID: "verify/answers", Kind: step.Verify, Needs: []string{"stack/blue"}, Clock: true, Forecast: step.Forecast{Typical: 10 * time.Second}},
		},
	}
	events = append([]event{{0, first}, {0, journal.Marked{Name: journal.MarkDisaster, At: began().Add(-10 * time.Second), Note: "eu-west-2 is lost"}}}, events...)
	var head journal.Head
	s := &journal.State{}
	for _, ev := range events {
		_, e, err := head.Append(nil, began().Add(ev.after), ev.Event)
		if err != nil {
			t.Fatal(err)
		}
		head = e.Head()
		s.Apply(e)
		if observe != nil {
			observe(e)
		}
	}
	return s
}

func sec(n int) time.Duration { return time.Duration(n) * time.Second }

// recovered is a run in which the optional stack failed.
func recovered() []event {
	return []event{
		{sec(1), journal.StepStarted{Step: "stack/blue", Attempt: 1}},
		{sec(2), journal.StepProgress{Step: "stack/blue", Progress: step.Progress{Message: "creating", Done: 3, Total: 12, Unit: "resources"}}},
		{sec(21), journal.StepSucceeded{Step: "stack/blue", Attempt: 1, Changed: true, Summary: "12 added"}},
		{sec(21), journal.StepStarted{Step: "stack/green", Attempt: 1}},
		{sec(22), journal.StepFailed{Step: "stack/green", Attempt: 1, Error: journal.Failure{Class: step.Permanent, Text: "name taken\x1b[31m", Next: "free the name"}}},
		{sec(22), journal.StepStarted{Step: "verify/answers", Attempt: 1}},
		{sec(30), journal.StepSucceeded{Step: "verify/answers", Attempt: 1, Summary: "answered 200"}},
		{sec(31), journal.RunFinished{Result: journal.Recovered, Reason: "optional stack/green failed"}},
	}
}

func TestTheRecoveryTimeRunsFromTheDisasterToTheLastProof(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report.JSON(&b, run(t, nil, recovered()...), report.View{Now: began().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	var d report.Document
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	r := d.Objectives.RecoveryTime
	if r.MeasuredS == nil || *r.MeasuredS != 40 || *r.ObjectiveS != 60 || !*r.Met {
		t.Errorf("recovery time = %s", b.String())
	}
	if !d.Simulated || d.Result != "recovered" || d.Schema != "lifeboat.report/v1" || d.Journal.Events != 10 {
		t.Errorf("document = %+v", d)
	}
	if !slices.Equal(d.CriticalPath, []string{"stack/blue", "verify/answers"}) {
		t.Errorf("critical path = %v", d.CriticalPath)
	}
	if g := d.Steps[1]; g.Status != "failed" || !g.Optional || g.Next != "free the name" || g.DurationS != 1 {
		t.Errorf("green = %+v", g)
	}
}

func TestAnUnfinishedRunIsNotMeasured(t *testing.T) {
	t.Parallel()
	s := run(t, nil, recovered()[:3]...)
	d := report.Of(s, report.View{Now: began().Add(sec(25)), Holder: &journal.Operator{User: "ann"}})
	if d.Result != "running" || d.Objectives.RecoveryTime.MeasuredS != nil || report.Missed(s) || d.FinishedAt != nil {
		t.Errorf("document = %+v", d)
	}
}

// Nobody works on what was cut off: it says so, its clock of steps stands still, and a run that is worked on says who does, what runs and
// what is next.
func TestARunThatWasCutOffIsToldFromOneThatGoesOn(t *testing.T) {
	t.Parallel()
	s := run(t, nil, recovered()[:1]...)
	d := report.Of(s, report.View{Now: began().Add(time.Hour)})
	if d.Result != "unfinished" || d.Steps[0].Status != "interrupted" || d.Steps[0].DurationS != 0 {
		t.Errorf("cut off: %q, %+v", d.Result, d.Steps[0])
	}
	var b strings.Builder
	if err := report.Human(&b, s, report.View{Now: began().Add(sec(11)), Width: 100, Holder: &journal.Operator{User: "ann", Host: "laptop", PID: 7}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"RUNNING", "ann works on it on laptop, process 7", "running: stack/blue 10s; next: stack/green", "running     stack/blue"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "resume") {
		t.Error("it asks to resume what goes on")
	}
}

// What is over asks for nothing.
func TestAnAbortedRunAsksForNothing(t *testing.T) {
	t.Parallel()
	s := run(t, nil, event{sec(1), journal.GateOpened{Step: "stack/blue", Key: "k", Prompt: "destroy 1 resource?"}}, event{sec(2), journal.StopRequested{Mode: journal.Abort, By: "ann"}},
		event{sec(2), journal.RunFinished{Result: journal.Aborted, Reason: "given up by ann"}})
	if text := human(t, s, 100); strings.Contains(text, "approve") || strings.Contains(text, "resume") || !strings.Contains(text, "Recovery time: not reached,") {
		t.Error(text)
	}
}

// The advice about a failure stands once on the page, where it says what to do.
func TestAdviceIsGivenOnce(t *testing.T) {
	t.Parallel()
	fail := journal.Failure{Class: step.Permanent, Text: "name taken. Free the name", Next: "free the name."}
	s := run(t, nil, event{sec(1), journal.StepStarted{Step: "stack/blue", Attempt: 1}}, event{sec(2), journal.StepFailed{Step: "stack/blue", Attempt: 1, Error: fail}},
		event{sec(2), journal.RunFinished{Result: journal.Failed}})
	if text := human(t, s, 100); strings.Count(strings.ToLower(text), "free the name") != 1 || !strings.Contains(text, "stack/blue: free the name.") {
		t.Error(text)
	}
}

// A person's answer is shown once: the step that goes on with it is no second attempt.
func TestAnAnswerIsNoAttempt(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := report.NewProgress(&b, &journal.State{}, report.View{Width: 200, Call: "lifeboat"})
	run(t, p.Observe, event{sec(1), journal.GateOpened{Step: "stack/blue", Key: "k", Prompt: "destroy?"}},
		event{sec(2), journal.GateDecided{Step: "stack/blue", Key: "k", Decision: step.Approve, By: "ann"}}, event{sec(2), journal.StepStarted{Step: "stack/blue", Attempt: 2}})
	if text := b.String(); !strings.Contains(text, "stack/blue: approved by ann") || strings.Contains(text, "attempt") || strings.Contains(text, "lifeboat approve") {
		t.Error(text)
	}
}

func TestALateRecoveryIsMissed(t *testing.T) {
	t.Parallel()
	events := recovered()
	events[6].after, events[7].after = sec(60), sec(61)
	s := run(t, nil, events...)
	if !report.Missed(s) {
		t.Error("70 s against an objective of 60 s are not missed")
	}
	if text := human(t, s, 100); !strings.Contains(text, "MISSED by 10s") {
		t.Error(text)
	}
}

func human(t *testing.T, s *journal.State, width int) string {
	t.Helper()
	var b strings.Builder
	if err := report.Human(&b, s, report.View{Now: began().Add(sec(40)), Width: width, Call: "lifeboat -C shop"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheSummaryKeepsToATerminalOf60Columns(t *testing.T) {
	t.Parallel()
	gate := journal.GateOpened{Step: "stack/blue", Key: "k", Prompt: "destroy 1 resource?", Detail: "aws_sqs_queue.old would be destroyed\nbecause its name changes and so on and so forth", Who: "team@example.org"}
	for _, s := range []*journal.State{run(t, nil, recovered()...), run(t, nil, event{sec(1), gate})} {
		for line := range strings.Lines(human(t, s, 60)) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 60 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

func TestNothingThatATerminalObeysGetsThrough(t *testing.T) {
	t.Parallel()
	if text := human(t, run(t, nil, recovered()...), 80); strings.ContainsRune(text, '\x1b') {
		t.Errorf("an escape got through: %q", text)
	}
}

func TestAGateSaysWhoIsWaitedForAndHowToAnswer(t *testing.T) {
	t.Parallel()
	s := run(t, nil, event{sec(1), journal.GateOpened{Step: "stack/blue", Key: "k", Prompt: "destroy 1 resource?", Who: "team@example.org"}},
		event{sec(2), journal.RunFinished{Result: journal.Waiting, Reason: "1 gate"}})
	text := human(t, s, 100)
	for _, want := range []string{"WAITING", "stack/blue waits for team@example.org: destroy 1 resource?", "lifeboat -C shop approve r1 stack/blue", "lifeboat -C shop resume r1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestProgressTellsWhatHappensOnceAndWhereEverythingStands(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := report.NewProgress(&b, &journal.State{}, report.View{Width: 120})
	run(t, p.Observe, recovered()[:2]...)
	p.Beat(began().Add(sec(11)))
	want := `[00:00:00 of 1m] run r1: pharmacy, scenario region-down, recover to standby
[00:00:10 of 1m] disaster: eu-west-2 is lost
[00:00:11 of 1m] stack/blue: started
[00:00:12 of 1m] stack/blue: creating (3 of 12 resources)
[00:00:21 of 1m] 0 of 3 steps done; running: stack/blue 10s; next: stack/green, verify/answers; about 30s left
`
	if got := b.String(); got != want {
		t.Errorf("progress:\n%s\nwant:\n%s", got, want)
	}
}

// consumers is a run that brought the application back, and waits for one of its consumers to have its key.
func consumers(t *testing.T, more ...event) *journal.State {
	t.Helper()
	first := journal.RunStarted{Run: "r1", Application: "pharmacy", Scenario: "region-down", Site: "standby", Label: journal.Live, Steps: []step.Spec{
		{ID: "verify/answers", Kind: step.Verify, Clock: true}, {ID: "api_key/web", Kind: step.APIKey, Consumers: true}, {ID: "first_call/web", Kind: step.FirstCall, Consumers: true, Needs: []string{"api_key/web"}},
	}}
	s := &journal.State{}
	for _, ev := range append([]event{
		{0, first},
		{0, journal.StepStarted{Step: "verify/answers", Attempt: 1}},
		{sec(30), journal.StepSucceeded{Step: "verify/answers", Attempt: 1}},
		{sec(30), journal.StepStarted{Step: "api_key/web", Attempt: 1}},
		{sec(31), journal.GateOpened{Step: "api_key/web", Key: step.AskReceived, Prompt: "Has Web received the API key?", Who: "web@example.org", Only: true}},
	}, more...) {
		s.Apply(journal.Entry{Time: began().Add(ev.after), Event: ev.Event})
	}
	return s
}

func summary(t *testing.T, s *journal.State, v report.View) string {
	t.Helper()
	var b strings.Builder
	v.Call = "lifeboat"
	if err := report.Human(&b, s, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The promise: the clock has two marks; the second is set when the last consumer has called, and the first does not wait for it.
func TestTheClockHasTwoMarks(t *testing.T) {
	t.Parallel()
	v := report.View{Now: began().Add(time.Minute), Width: 200}
	s := consumers(t)
	text := summary(t, s, v)
	for _, want := range []string{"Recovery time: 30s until the application answers", "Consumers work: not reached; 1m so far", `lifeboat confirm r1 api_key/web --by "web@example.org" (or reject)`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if c := report.Of(s, v).Objectives.ConsumersWork; c == nil || c.MeasuredS != nil {
		t.Errorf("%+v", c)
	}
	s = consumers(t, event{sec(40), journal.GateDecided{Step: "api_key/web", Key: step.AskReceived, Decision: step.Confirm, By: "web@example.org"}},
		event{sec(41), journal.StepStarted{Step: "api_key/web", Attempt: 2}}, event{sec(41), journal.StepSucceeded{Step: "api_key/web", Attempt: 2}},
		event{sec(50), journal.StepSkipped{Step: "first_call/web", Reason: "Web called"}}, event{sec(50), journal.RunFinished{Result: journal.Recovered}})
	if d := report.Of(s, v); *d.Objectives.RecoveryTime.MeasuredS != 30 || *d.Objectives.ConsumersWork.MeasuredS != 50 {
		t.Errorf("%+v", d.Objectives)
	}
	if text := summary(t, s, v); !strings.Contains(text, "Consumers work: after 50s") {
		t.Error(text)
	}
	if d := report.Of(run(t, nil, recovered()...), v); d.Objectives.ConsumersWork != nil {
		t.Error("a run without consumers has the second mark")
	}
}

// The promise: what a step left to people is shown until somebody says that it is done, also when the run is over; then it is said who did it.
func TestDutiesAreShownUntilTheyAreDone(t *testing.T) {
	t.Parallel()
	left := []event{
		{0, journal.StepStarted{Step: "stack/blue", Attempt: 1}},
		{sec(1), journal.StepSucceeded{Step: "stack/blue", Attempt: 1, Duties: []step.Duty{{Key: "vault", Text: "renew the vault's copy", Who: "ann"}}}},
		{sec(2), journal.RunFinished{Result: journal.Recovered}},
	}
	v := report.View{Now: began().Add(time.Minute), Width: 200}
	for _, want := range []string{"STAYS TO BE DONE since 2026-03-01T02:00:01Z by ann: renew the vault's copy", "lifeboat confirm r1 stack/blue --duty vault"} {
		if text := summary(t, run(t, nil, left...), v); !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	done := run(t, nil, append(left, event{sec(9), journal.DutyDone{Step: "stack/blue", Key: "vault", By: "bob", Note: "at last"}})...)
	if text := summary(t, done, v); strings.Contains(text, "STAYS") || !strings.Contains(text, "stack/blue: done by bob at 2026-03-01T02:00:09Z: renew the vault's copy") {
		t.Error(text)
	}
	if d := report.Of(done, v).Duties; len(d) != 1 || d[0].Done == nil || d[0].Note != "at last" {
		t.Errorf("%+v", d)
	}
}
