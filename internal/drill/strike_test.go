package drill_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/journal/journaltest"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// ticking goes on by a minute whenever it is asked.
type ticking struct{ now time.Time }

func (c *ticking) Now() time.Time { c.now = c.now.Add(time.Minute); return c.now }

// cut is a stage that is cut off while it takes things away, the first time.
type cut struct{ strikes int }

func (*cut) Furnish(context.Context, *plan.Plan) error { return nil }

func (*cut) Consume(context.Context, *plan.Site, string, string) error { return nil }

func (*cut) Fill(context.Context, *plan.Plan, *plan.Site) error { return nil }

func (*cut) Now(context.Context) (time.Time, error) { return time.Time{}, nil }

func (c *cut) Strike(context.Context, *plan.Plan, *plan.Scenario) (string, error) {
	if c.strikes++; c.strikes == 1 {
		return "", errors.New("cut off")
	}
	return "gone: 1 queue", nil
}

// The disaster's instant is durable before anything is taken, and stays the same when an interrupted drill strikes again: what the first try
// wrote is younger. Once struck, it does not strike again.
func TestTheInstantOfTheDisasterStays(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	log, err := journaltest.NewMemory().Open()
	if err == nil {
		_, err = log.Append(t.Context(), journal.RunStarted{Run: "r"})
	}
	if err != nil {
		t.Fatal(err)
	}
	world := &cut{}
	d := drill.Drill{
		Plan:     &plan.Plan{Sites: []*plan.Site{{Name: "primary", Account: "111111111111", Region: "eu-west-2"}}},
		Scenario: &plan.Scenario{Name: "s", Lost: plan.Lost{Kind: plan.LostResources}, RecoverTo: "primary"},
		Stage:    world, Log: log, Clock: &ticking{began}, Up: true, Tell: func(string) {},
	}
	if err := d.Strike(t.Context()); err == nil {
		t.Fatal("a strike that was cut off is an error")
	}
	if s := load(t, log); s.Struck() || len(s.Marks) != 1 || !s.Marks[0].At.Equal(began.Add(time.Minute)) {
		t.Fatalf("after the first try: %+v", s.Marks)
	}
	for range 2 {
		if err := d.Strike(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s := load(t, log)
	if !s.Struck() || !s.Disaster().Equal(began.Add(time.Minute)) || world.strikes != 2 {
		t.Errorf("disaster at %v after %d strikes", s.Disaster(), world.strikes)
	}
	if note := s.Marks[len(s.Marks)-1].Note; note != "resources are lost; gone: 1 queue" {
		t.Errorf("note %q", note)
	}
}

func load(t *testing.T, log journal.Log) *journal.State {
	t.Helper()
	s, err := journal.Load(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
