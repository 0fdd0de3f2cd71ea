package page_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/report"
	"github.com/lifeboat-dr/lifeboat/internal/report/page"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

var update = flag.Bool("update", false, "write the golden files; look at them in a browser, 400 and 1400 pixels wide")

// began is when every test's run starts; its disaster struck ten seconds before.
func began() time.Time { return time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC) }

type event struct {
	second int
	journal.Event
}

// drill is the journal of a drill of four steps, and what then happened.
func drill(t *testing.T, events ...event) *journal.State {
	t.Helper()
	return fold(t, journal.RunStarted{
		Run: "20260301T020000Z-region-down-k3xq", Application: "pharmacy-updates", Scenario: "region-down", Site: "standby", Label: journal.Simulated,
		PlanHash: strings.Repeat("0a", 32), RecoveryTime: time.Minute, Operator: journal.Operator{User: "ann", Host: "laptop"}, Version: "1.0.0",
		Steps: []step.Spec{
			{ID: "manual/hand-over", Kind: step.Manual, Title: "hand over the account"},
			{ID: "stack/blue", Kind: step.Stack, Title: "apply stack blue", Needs: []string{"manual/hand-over"}},
			{ID: "stack/green", Kind: step.Stack, Title: "apply stack green", Optional: true, Needs: []string{"manual/hand-over"}},
			{ID: "image/change-event", Kind: step.Image, Title: "copy image change-event"},
			{ID: "verify/answers", Kind: step.Verify, Title: "prove that it answers", Needs: []string{"stack/blue"}, Clock: true},
		},
	}, append([]event{{0, journal.Marked{Name: journal.MarkDisaster, At: began().Add(-10 * time.Second), Note: "region eu-west-2 is lost"}}}, events...)...)
}

func fold(t *testing.T, first journal.RunStarted, events ...event) *journal.State {
	t.Helper()
	var head journal.Head
	s := &journal.State{}
	for _, ev := range append([]event{{0, first}}, events...) {
		_, e, err := head.Append(nil, began().Add(time.Duration(ev.second)*time.Second), ev.Event)
		if err != nil {
			t.Fatal(err)
		}
		head = e.Head()
		s.Apply(e)
	}
	return s
}

func at(second int) *time.Time {
	t := began().Add(time.Duration(second) * time.Second)
	return &t
}

// asked is how every sample begins: a person is waited for.
func asked() []event {
	return []event{
		{0, journal.StepSkipped{Step: "image/change-event", Reason: "all 3 images are in the standby's repository, by digest"}},
		{1, journal.StepStarted{Step: "manual/hand-over", Attempt: 1}},
		{1, journal.GateOpened{Step: "manual/hand-over", Key: "k", Prompt: "Is account 222222222222 yours?", Detail: "account 222222222222\nregion  eu-west-1", Who: "team@example.org"}},
	}
}

func answered() []event {
	return append(asked(), event{9, journal.GateDecided{Step: "manual/hand-over", Key: "k", Decision: step.Approve, By: "bob", Note: "called them"}},
		event{9, journal.StepStarted{Step: "manual/hand-over", Attempt: 2}}, event{10, journal.StepSucceeded{Step: "manual/hand-over", Attempt: 2, Summary: "approved by bob"}})
}

func recovered() []event {
	busy := journal.Failure{Class: step.Transient, Text: "apply stack blue at standby: ThrottlingException: Rate exceeded"}
	taken := journal.Failure{Class: step.Permanent, Text: "apply stack green at standby: the name is taken", Next: "free the name"}
	return append(answered(),
		event{10, journal.StepStarted{Step: "stack/blue", Attempt: 1}}, event{10, journal.StepStarted{Step: "stack/green", Attempt: 1}},
		event{16, journal.StepFailed{Step: "stack/blue", Attempt: 1, Error: busy, RetryAt: at(20)}}, event{18, journal.StepFailed{Step: "stack/green", Attempt: 1, Error: taken}},
		event{20, journal.StepStarted{Step: "stack/blue", Attempt: 2}}, event{38, journal.StepSucceeded{Step: "stack/blue", Attempt: 2, Summary: "12 added, 0 changed, 0 destroyed"}},
		event{38, journal.StepStarted{Step: "verify/answers", Attempt: 1}}, event{38, journal.StepSucceeded{Step: "verify/answers", Attempt: 1, Summary: "answered 200"}},
		event{39, journal.RunFinished{Result: journal.Recovered, Reason: "optional stack/green failed"}})
}

// hostile is a failed run whose texts are long, or want to be something else.
func hostile() []event {
	long := strings.Repeat("aws_lambda_function.message_replay[\"eu-west-1\"]: creating: operation error Lambda: CreateFunction, https response error StatusCode: 400; ", 6)
	fail := journal.Failure{
		Class: step.Permanent, Text: long + "\n<script>alert(1)</script>\x1b[31m\u202egnol " + strings.Repeat("x", 200),
		Next: "read </style><img src=x onerror=alert(1)>",
	}
	return append(answered(), event{10, journal.StepStarted{Step: "stack/blue", Attempt: 1}}, event{14, journal.RunResumed{Operator: journal.Operator{User: "<b>eve</b>", Host: "host\"'"}}},
		event{15, journal.StepStarted{Step: "stack/blue", Attempt: 2}}, event{25, journal.StepFailed{Step: "stack/blue", Attempt: 2, Error: fail}},
		event{26, journal.RunFinished{Result: journal.Failed, Reason: "stack/blue failed"}})
}

// consumers is a run that waits for a consumer, after a fence left two duties of which one is done.
func consumers(t *testing.T) *journal.State {
	t.Helper()
	return fold(t, journal.RunStarted{
		Run: "20260301T020000Z-region-down-k3xq", Application: "pharmacy-updates", Scenario: "region-down", Site: "standby", Label: journal.Live, RecoveryTime: time.Minute,
		Steps: []step.Spec{
			{ID: "fence/lost", Kind: step.Fence, Title: "fence off site primary"},
			{ID: "api_key/keys-website", Kind: step.APIKey, Title: "API key for Website", Consumers: true, Person: "web@example.org"},
			{ID: "verify/answers", Kind: step.Verify, Title: "prove that it answers", Clock: true},
		},
	}, event{0, journal.StepStarted{Step: "fence/lost", Attempt: 1}}, event{5, journal.StepSucceeded{Step: "fence/lost", Attempt: 1, Summary: "site primary does not answer", Duties: []step.Duty{
		{Key: "functions", Text: "disable the event sources of live-* at site primary", Who: "ann"}, {Key: "users", Text: "make the access keys of ci inactive"},
	}}}, event{5, journal.StepStarted{Step: "verify/answers", Attempt: 1}}, event{8, journal.StepSucceeded{Step: "verify/answers", Attempt: 1, Summary: "answered 200"}},
		event{9, journal.DutyDone{Step: "fence/lost", Key: "users", By: "bob", Note: "in the console"}}, event{9, journal.StepStarted{Step: "api_key/keys-website", Attempt: 1}},
		event{10, journal.GateOpened{Step: "api_key/keys-website", Key: step.AskReceived, Prompt: "Has Website received the API key?", Detail: "The key is in the file website.age.", Who: "web@example.org", Only: true}},
		event{10, journal.RunFinished{Result: journal.Waiting, Reason: "for a person"}})
}

func html(t *testing.T, s *journal.State, v report.View) string {
	t.Helper()
	var b strings.Builder
	if err := page.Write(&b, report.Of(s, v)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each sample's page is as somebody has looked at it.
func TestPagesAreAsTheyWereLookedAt(t *testing.T) {
	t.Parallel()
	waiting := append(asked(), event{2, journal.RunFinished{Result: journal.Waiting, Reason: "1 gate"}})
	for name, s := range map[string]*journal.State{"recovered": drill(t, recovered()...), "failed": drill(t, hostile()...), "waiting": drill(t, waiting...), "consumers": consumers(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, file := html(t, s, report.View{Now: *at(300)}), filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs: run with -update, look at it in a browser and read the difference", file)
			}
		})
	}
}

// The verdict, who it was for and what it proves come before anything else; the objective before the picture.
func TestTheVerdictComesFirst(t *testing.T) {
	t.Parallel()
	text := html(t, drill(t, recovered()...), report.View{Now: *at(300)})
	last := 0
	for _, want := range []string{
		"<strong>simulated</strong> A drill", "<h1>recovered</h1>", "<dd>48s</dd>", "met, with 12s to spare", "the name is taken", "free the name",
		`<li class="critical">`, `class="wait"`, `class="lost"`, `class="pause"`, "Skipped, and why", "all 3 images are", "manual/hand-over: approved by bob", "called them",
		"ann on laptop", strings.Repeat("0a", 32),
	} {
		i := strings.Index(text[last:], want)
		if i < 0 {
			t.Fatalf("no %q after what must come before it", want)
		}
		last += i
	}
}

// What can still go on says how; what is over does not.
func TestThePageSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	const resume = "lifeboat resume 20260301T020000Z-region-down-k3xq"
	for name, c := range map[string]struct {
		events []event
		view   report.View
		want   []string
		not    string
	}{
		"waiting": {
			append(asked(), event{2, journal.RunFinished{Result: journal.Waiting}}),
			report.View{Now: *at(62)},
			[]string{"manual/hand-over waits for team@example.org", "lifeboat approve 20260301T020000Z-region-down-k3xq manual/hand-over", resume, "waited for a person, from 11s for 1m1s", "not reached", "<dt>So far</dt><dd>1m12s, past the objective</dd>"},
			"to spare",
		},
		"failed":  {hostile(), report.View{Now: *at(62)}, []string{"stack/blue", resume, "Not reached", "cut off with its process"}, "approve 2026"},
		"cut off": {answered(), report.View{Now: *at(999)}, []string{"<h1>unfinished</h1>", resume, "<dd>20s</dd>"}, "approve 2026"},
		"running": {answered(), report.View{Now: *at(30), Holder: &journal.Operator{}}, []string{"<h1>running</h1>", "<dd>40s</dd>"}, "resume"},
		"aborted": {append(asked(), event{2, journal.StopRequested{Mode: journal.Abort}}, event{3, journal.RunFinished{Result: journal.Aborted}}), report.View{Now: *at(62)}, []string{"not reached"}, "lifeboat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := html(t, drill(t, c.events...), c.view)
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q", want)
				}
			}
			if strings.Contains(text, c.not) {
				t.Errorf("%q on it", c.not)
			}
		})
	}
}

// The page asks for nothing from anywhere, whatever stands in the names, and shows no character that a reader cannot see.
func TestThePageIsSelfContained(t *testing.T) {
	t.Parallel()
	for _, events := range [][]event{recovered(), hostile()} {
		text := html(t, drill(t, events...), report.View{Now: *at(300)})
		if found := regexp.MustCompile(`(?i)<(script|img|link|iframe|b>eve)|\s(src|on\w+)=["'x]|url\(|@import|href="[^#]|[\x00-\x09\x0b-\x1f\x{202e}]`).FindString(strings.ReplaceAll(text, "&lt;img src=x onerror=", "")); found != "" {
			t.Errorf("%q on the page", found)
		}
		if strings.Count(text, "</style>") != 1 || !strings.Contains(text, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
			t.Error("the style ends early, or the policy is missing")
		}
	}
}

// Whatever a journal says, the page is well-formed, and no bar leaves its picture.
func TestAnyJournalMakesAWellFormedPage(t *testing.T) {
	t.Parallel()
	place := regexp.MustCompile(`(?:x|x1|x2|width)="([^"%]*)%"`)
	rapid.Check(t, func(r *rapid.T) {
		first := journal.RunStarted{Run: rapid.String().Draw(r, "run"), RecoveryTime: time.Duration(rapid.Int64().Draw(r, "objective")), Label: journal.Live}
		ids := rapid.SliceOfN(rapid.String(), 1, 20).Draw(r, "ids")
		for _, id := range ids {
			first.Steps = append(first.Steps, step.Spec{ID: id, Title: id})
		}
		s := &journal.State{}
		s.Apply(journal.Entry{Time: began(), Event: first})
		for range rapid.IntRange(0, 30).Draw(r, "events") {
			id, text := rapid.SampledFrom(ids).Draw(r, "step"), rapid.String().Draw(r, "text")
			when := began().Add(time.Duration(rapid.Int64().Draw(r, "when")))
			s.Apply(journal.Entry{Time: when, Event: rapid.SampledFrom([]journal.Event{
				journal.Marked{Name: journal.MarkDisaster, At: when, Note: text},
				journal.StepStarted{Step: id},
				journal.StepSucceeded{Step: id, Summary: text},
				journal.StepFailed{Step: id, Error: journal.Failure{Text: text, Next: text}},
				journal.StepFailed{Step: id, RetryAt: &when},
				journal.GateOpened{Step: id, Key: "k", Prompt: text},
				journal.GateDecided{Step: id, Key: "k", By: text},
				journal.RunResumed{},
			}).Draw(r, "event")})
		}
		var b strings.Builder
		if err := page.Write(&b, report.Of(s, report.View{Now: began().Add(time.Hour)})); err != nil {
			r.Fatal(err)
		}
		if err := wellFormed(b.String()); err != nil {
			r.Fatalf("%v in:\n%s", err, b.String())
		}
		for _, m := range place.FindAllStringSubmatch(b.String(), -1) {
			var x float64
			if _, err := fmt.Sscan(m[1], &x); err != nil || !(x >= 0 && x <= 100) {
				r.Fatalf("%s is outside the picture", m[0])
			}
		}
	})
}

// wellFormed reads the page as XML, which is stricter than HTML about what is closed.
func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(regexp.MustCompile(`<meta [^>]*>|<!DOCTYPE html>|(?s:<style>.*</style>)`).ReplaceAllString(text, "")))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
