package local_test

import (
	"context"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/engine/enginetest"
	"github.com/lifeboat-dr/lifeboat/internal/engine/local"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox gives its messages once, when it is asked for the second time: then the run has begun.
type inbox struct {
	give  func() []journal.Event
	asked atomic.Int32
}

func (i *inbox) Take() ([]journal.Event, func() error, error) {
	if i.asked.Add(1) != 2 {
		return nil, nil, nil
	}
	return i.give(), func() error { return nil }, nil
}

func perform(ctx context.Context, c enginetest.Case) (*journal.State, error) {
	cfg := local.Config{
		Log: c.Log, Steps: c.Steps, Makers: c.Makers, Limits: c.Limits, Clock: clock.System{}, Wait: c.Wait, Answer: c.Answer,
		Stop: c.Stop, Observe: c.Observe,
	}
	if c.Inbox != nil {
		cfg.Inbox = &inbox{give: c.Inbox}
	}
	return local.Run(ctx, cfg)
}

// The local runtime does what a runtime must.
func TestRuntime(t *testing.T) {
	t.Parallel()
	enginetest.Test(t, perform)
}
