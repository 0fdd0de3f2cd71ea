package table_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// The promise: a load goes on with the export that its first turn chose, though a newer one was made meanwhile; once it has written, the plan's
// point cannot change under it.
func TestLoadGoesOnWithItsChain(t *testing.T) {
	t.Parallel()
	w, _ := lost(t, 40)
	here := w.furnish(t, cloudtest.Standby(), "id", false)
	write(t, here, 0, 1, "other") // so that it asks, and is resumed
	call, cfg := cloudtest.Call(t, cloudtest.Standby()), config(step.Load, "latest")
	_, err := w.ensure(t, cfg, &call)
	ask, ok := errors.AsType[*step.Ask](err)
	if !ok {
		t.Fatalf("%v", err)
	}
	write(t, w.Open(t, cloudtest.Primary()).DynamoDB, 40, 60, "good")
	w.protect(t)
	answer(&call, ask.Key, step.Approve)
	out, err := w.ensure(t, cfg, &call)
	if err != nil {
		t.Fatal(err)
	}
	if d := facts(t, out.Outputs); d.Expected != 40 || d.Recovered != 40 || !d.Digest {
		t.Errorf("%+v", d)
	}
	_, err = w.ensure(t, config(step.Load, "2999-01-01T00:00:00Z"), &call)
	if err == nil || !strings.Contains(err.Error(), `is being loaded as of "latest", and the plan now asks for "2999-01-01T00:00:00Z"`) || step.ClassOf(err) != step.Permanent {
		t.Errorf("%v", err)
	}
	damage(t, w) // the largest file: of the newer export, which this load does not read
	if _, err := w.ensure(t, cfg, &call); err != nil {
		t.Errorf("a file of another export was damaged: %v", err)
	}
}
