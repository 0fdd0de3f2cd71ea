package stack_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
)

// Whichever call or command is cut, lost or denied, the restored table ends up in the state, the old one stays, and no other is let go.
func TestConformanceOfASwap(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{Calls: 12, New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		b, x, call := swapping(tb, f)
		b.runner = f.Runner(x)
		return steptest.World{
			Step:   func() (step.Step, error) { s, err := b.process(); return agreeing{s}, err },
			Call:   call,
			Check:  func() error { return x.whole(tb.Context()) },
			Writes: func() int { x.mu.Lock(); defer x.mu.Unlock(); return x.applied },
		}
	}})
}

// Nothing is changed before a person has seen what would be, though the code forbids the old table's end; the answer counts for the state
// without it too, and an empty plan proves the end.
func TestSwapAsksBeforeTheStateForgets(t *testing.T) {
	t.Parallel()
	b, x, call := swapping(t, nil)
	s := b.step(t)
	p, err := s.Probe(t.Context(), &call)
	if err != nil || p.Status != step.Needed || p.Reason != "1 to import" {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err = s.Ensure(t.Context(), &call)
	call.Answers = approved(t, err, "0 destroyed, 0 replaced, 1 adopted, 0 created; do it?",
		x.addr+" = orders: orders-then takes its place", x.addr+" = orders-then")
	if x.applied != 0 || strings.Contains(x.commands(), "state") {
		t.Errorf("the state was written to before anybody agreed: %s", x.commands())
	}
	out, err := s.Ensure(t.Context(), &call)
	if err != nil || out.Summary != "table orders forgotten and left as it is, an empty plan proves it; 1 imported, 0 added, 0 changed, 0 destroyed" {
		t.Fatal(out, err)
	}
	if err := x.whole(t.Context()); err != nil {
		t.Error(err)
	}
	if said := strings.Join(x.said, "\n"); !strings.Contains(said, "state rm -lock-timeout=5s "+x.addr+"\n") {
		t.Error(said)
	}
}

// A swap that would not end with the restored table at its address is refused, and nothing is changed.
func TestSwapRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*bench, *swapped) error
		want  string
	}{
		"the code has the name": {func(_ *bench, x *swapped) error { x.wrong = "orders"; return nil }, `the code gives the table at module.data.aws_dynamodb_table.t["a"] the name`},
		"the state has another": {func(_ *bench, x *swapped) error {
			return x.put(context.Background(), fmt.Sprintf(stateText, "orders-2"))
		}, "its state has table orders-2 at"},
		"nothing is at the address": {func(b *bench, x *swapped) error {
			b.cfg.Swaps[0].Address = "aws_dynamodb_table.u"
			return x.put(context.Background(), forgetful())
		}, "has nothing at aws_dynamodb_table.u"},
		"it has another key": {func(_ *bench, x *swapped) error { x.key = "other"; return nil }, `table orders-then cannot be adopted at module.data.aws_dynamodb_table.t["a"]: table orders-then has the key "id" "", the code wants "other" ""`},
		"the state is encrypted": {func(_ *bench, x *swapped) error {
			return x.put(context.Background(), `{"serial": 7, "lineage": "l", "encrypted_data": "x"}`)
		}, "its state is encrypted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, x, call := swapping(t, nil)
			if err := tt.spoil(b, x); err != nil {
				t.Fatal(err)
			}
			x.applied = 0
			_, err := b.step(t).Ensure(t.Context(), &call)
			if err == nil || !strings.Contains(err.Error(), tt.want) || step.ClassOf(err) != step.Permanent || x.applied != 0 {
				t.Errorf("%v, not %q; %d writes", err, tt.want, x.applied)
			}
		})
	}
}
