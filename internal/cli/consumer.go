package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// cast plays the consumers in a drill: they say that they have the key, and call for real, in the drill cloud.
type cast struct {
	site  *plan.Site
	stage drill.Stage
	tell  func(string)
	calls sync.WaitGroup

	mu    sync.Mutex
	state *journal.State
	heard map[string]error // how the calls of first_call steps went
}

const theDrill = "the drill"

// players are who plays the consumers of a run.
func (s *session) players(ctx context.Context, tell func(string)) (*cast, error) {
	state, err := journal.Load(ctx, s.log)
	if err != nil {
		return nil, err
	}
	return &cast{site: s.pr.Site, stage: s.Stage(World{Run: s.id, Plan: s.pr.Plan, Dir: s.dir, Cloud: s.cloud, Tell: tell}), tell: tell, state: state}, nil
}

// answer answers what a consumer is asked; false for other questions.
func (c *cast) answer(g journal.GateOpened) (step.Answer, bool) {
	switch g.Key {
	case step.AskReceived:
		return step.Answer{Decision: step.Confirm, By: theDrill, Note: "the drill plays the consumer"}, true
	case step.AskCalled:
		return c.called(g.Step), true
	}
	return step.Answer{}, false
}

// called says whether the consumer that the drill played has called. What the drill could not try is no failure of the recovery.
func (c *cast) called(id string) step.Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	err, tried := c.heard[id]
	switch {
	case !tried || errors.Is(err, drill.ErrNoAddress):
		return step.Answer{Decision: step.Confirm, By: theDrill, Note: fmt.Sprintf("not rehearsed: %v", drill.ErrNoAddress)}
	case err != nil:
		return step.Answer{Decision: step.Reject, By: theDrill, Note: fmt.Sprintf("the drill played the consumer, and its call failed: %v", err)}
	}
	return step.Answer{Decision: step.Reject, By: theDrill, Note: "the drill played the consumer and called, and API Gateway counted no call with the key"}
}

// observe lets the consumer call when a step begins to look for that.
func (c *cast) observe(ctx context.Context, e journal.Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Apply(e)
	ev, ok := e.Event.(journal.StepStarted)
	if !ok {
		return
	}
	t := c.state.Step(ev.Step)
	if t == nil || t.Spec.Kind != step.FirstCall {
		return
	}
	key := c.state.Step(string(step.APIKey) + strings.TrimPrefix(ev.Step, string(step.FirstCall)))
	if key == nil {
		return
	}
	id, address := output(key, "key_id"), output(key, "url")
	c.calls.Go(func() { c.call(ctx, ev.Step, id, address) })
}

func output(t *journal.Step, name string) string {
	var text string
	_ = json.Unmarshal(t.Outputs[name], &text) // what is no text is as if it were not there
	return text
}

// call calls as the consumer, a few times: a fresh key or deployment may take a moment.
func (c *cast) call(ctx context.Context, id, keyID, address string) {
	var err error
	for try := range 5 {
		if err = c.stage.Consume(ctx, c.site, keyID, address); err == nil || errors.Is(err, drill.ErrNoAddress) || clock.Sleep(ctx, time.Duration(try+1)*time.Second) != nil {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard == nil {
		c.heard = map[string]error{}
	}
	c.heard[id] = err
	switch {
	case err == nil:
		c.tell(fmt.Sprintf("%s: the drill plays the consumer, and called %s with its key", id, address))
	case ctx.Err() == nil:
		c.tell(fmt.Sprintf("%s: the drill plays the consumer, and could not call: %v", id, err))
	}
}
