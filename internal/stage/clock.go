package stage

import (
	"context"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// worldClock tells the time in a drill cloud, whose clock may run faster than ours, or go on from a snapshot's.
type worldClock struct {
	here, there time.Time // one instant on both clocks
	speed       float64
}

// Now is the time in the cloud.
func (c worldClock) Now() time.Time {
	return c.there.Add(time.Duration(float64(clock.System{}.Now().Sub(c.here)) * c.speed))
}

// Clock gives the clock of the cloud in a drill of the plan.
func (c *Cloud) Clock(ctx context.Context, p *plan.Plan) (clock.Clock, error) {
	h, err := c.control().Health(ctx)
	if err != nil {
		return nil, err
	}
	out := worldClock{here: clock.System{}.Now(), there: h.Time, speed: 1}
	if Timed(p) {
		out.speed = Speed
	}
	return out, nil
}
