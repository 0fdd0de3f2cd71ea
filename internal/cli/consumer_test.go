package cli

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// theatre is a stage on which consumers' calls end as the test says.
type theatre struct {
	drill.Stage
	err   error
	calls []string
}

func (s *theatre) Consume(_ context.Context, at *plan.Site, keyID, address string) error {
	s.calls = append(s.calls, at.Name+" "+keyID+" "+address)
	return s.err
}

// The promise: a drill calls as the consumer when a run begins to look for that, with what the key's step said; and when no call was counted it does not
// say that there was one, unless it had no way to call.
func TestADrillPlaysTheConsumers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err      error
		calls    int
		decision step.Decision
		note     string
	}{
		"it called":  {nil, 1, step.Reject, "API Gateway counted no call"},
		"it failed":  {errors.New("403 Forbidden"), 5, step.Reject, "its call failed: 403 Forbidden"},
		"no address": {drill.ErrNoAddress, 1, step.Confirm, "not rehearsed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &theatre{err: c.err}
				players := &cast{site: &plan.Site{Name: "standby"}, stage: s, tell: func(string) {}, state: &journal.State{}}
				for _, ev := range []journal.Event{
					journal.RunStarted{Run: "r", Steps: []step.Spec{{ID: "api_key/keys-web", Kind: step.APIKey}, {ID: "first_call/keys-web", Kind: step.FirstCall}}},
					journal.StepStarted{Step: "api_key/keys-web", Attempt: 1},
					journal.StepSucceeded{Step: "api_key/keys-web", Attempt: 1, Outputs: map[string]json.RawMessage{"key_id": []byte(`"k1"`), "url": []byte(`"https://x/y"`)}},
					journal.StepStarted{Step: "first_call/keys-web", Attempt: 1},
				} {
					players.observe(t.Context(), journal.Entry{Event: ev})
				}
				players.calls.Wait()
				if len(s.calls) != c.calls || s.calls[0] != "standby k1 https://x/y" {
					t.Errorf("%q", s.calls)
				}
				if a, ok := players.answer(journal.GateOpened{Step: "first_call/keys-web", Key: step.AskCalled}); !ok || a.Decision != c.decision || !strings.Contains(a.Note, c.note) || a.By != "the drill" {
					t.Errorf("%+v", a)
				}
				if a, ok := players.answer(journal.GateOpened{Step: "api_key/keys-web", Key: step.AskReceived}); !ok || a.Decision != step.Confirm || a.Note != "the drill plays the consumer" {
					t.Errorf("%+v", a)
				}
				if _, ok := players.answer(journal.GateOpened{Key: "done"}); ok {
					t.Error("it answers what no consumer is asked")
				}
			})
		})
	}
}
