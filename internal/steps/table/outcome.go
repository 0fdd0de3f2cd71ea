package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// facts are what is known of a table's data after the step. They are its output "data", which reports read.
type facts struct {
	Table     string             `json:"table"`
	Strategy  step.TableStrategy `json:"strategy"`
	Instant   time.Time          `json:"instant,omitzero"` // what the data is of
	Expected  int64              `json:"items_expected"`   // by the copy; in a drill, by what its own writer wrote
	Recovered int64              `json:"items_recovered"`
	Lost      *int64             `json:"items_lost,omitempty"`  // only a drill knows
	Wrong     *int64             `json:"items_wrong,omitempty"` // likewise: there, but not as they were last
	Refused   int64              `json:"items_refused,omitempty"`
	Digest    bool               `json:"digest_match"`
	Stack     string             `json:"stack"`
	Address   string             `json:"address"` // in the stack
}

// outcome is what the step did, with the facts as its output.
func outcome(f facts, text string) step.Outcome {
	raw, _ := json.Marshal(f) // nothing in it can fail
	return step.Outcome{Changed: true, Summary: text, Outputs: f.outputs(raw)}
}

// outputs are the facts, and the name of a table that took the place of another.
func (f facts) outputs(raw json.RawMessage) step.Outputs {
	out := step.Outputs{"data": plan.Of(raw)}
	if f.Strategy == step.Swap {
		out[step.Renamed] = plan.Of(f.Table)
	}
	return out
}

// finished is the file in the step's folder that says what the step did, for a run whose process died before it wrote that down.
const finished = "finished.json"

// ending is what the file holds.
type ending struct {
	Summary string          `json:"summary"`
	Duties  []step.Duty     `json:"duties,omitempty"`
	Data    json.RawMessage `json:"data"`
}

const maxEnding = 1 << 20

// finish counts, and remembers the end of the step.
func (u *turn) finish(ctx context.Context, out step.Outcome, f facts) (step.Outcome, error) {
	if err := u.count(ctx, &out, &f); err != nil {
		return step.Outcome{}, err
	}
	f.Stack, f.Address = u.cfg.Table.In, u.cfg.Table.Address
	out.Outputs = outcome(f, "").Outputs
	raw, err := json.Marshal(f)
	if err == nil {
		raw, err = json.Marshal(ending{out.Summary, out.Duties, raw})
	}
	if err == nil {
		err = proc.WriteFile(filepath.Join(u.call.Dir, finished), raw, 0o600)
	}
	return out, err
}

// ended is the answer of a probe when the step came to its end in this run and its table is still there; else it has no status.
func (u *turn) ended(ctx context.Context) (step.Probe, error) {
	raw, err := proc.ReadFile(filepath.Join(u.call.Dir, finished), maxEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return step.Probe{}, nil
	}
	var e ending
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		return step.Probe{}, fmt.Errorf("read what step %s did: %w", u.call.Step, err)
	}
	var f facts
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return step.Probe{}, fmt.Errorf("read what step %s did: %w", u.call.Step, err)
	}
	d, err := u.describe(ctx, f.Table)
	if err != nil || d == nil {
		return step.Probe{}, err
	}
	return step.Probe{Status: step.Done, Reason: e.Summary, Duties: e.Duties, Outputs: f.outputs(e.Data)}, nil
}

// Ledger is what a drill's writer wrote: the items that the table held when the disaster struck, by the hashes of their keys.
type Ledger struct {
	Keys  []string             `json:"keys"`
	Items map[string]item.Hash `json:"items"` // by KeyText
}

// KeyText is a key in a ledger.
func KeyText(h item.Hash) string { return fmt.Sprintf("%016x%016x", h.Hi, h.Lo) }

const maxLedger = 256 << 20

// ReadLedger reads a ledger.
func ReadLedger(file string) (*Ledger, error) {
	b, err := proc.ReadFile(file, maxLedger)
	if err != nil {
		return nil, err
	}
	l := &Ledger{}
	if err := json.Unmarshal(b, l); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return l, nil
}

// count compares the table with what a drill's writer wrote, and adds to the outcome what was lost.
func (u *turn) count(ctx context.Context, out *step.Outcome, f *facts) error {
	if u.Ledger == nil {
		return nil
	}
	l, err := u.Ledger(u.cfg.Table.Name)
	if err != nil || l == nil {
		return err
	}
	t := u.scan(f.Table)
	found, right := make([]int64, t.Segments()), make([]int64, t.Segments())
	err = t.Each(ctx, func(i int, it item.Item) error {
		b, err := item.Key(nil, it, l.Keys)
		if err != nil {
			return err
		}
		was, there := l.Items[KeyText(item.HashOf(b))]
		if !there {
			return nil
		}
		found[i]++
		if b, err = item.Append(b[:0], it); err == nil && item.HashOf(b) == was {
			right[i]++
		}
		return err
	})
	if err != nil {
		return awscloud.Explain(err, "table "+f.Table+" cannot be read", u.call.Site)
	}
	var there, same int64
	for i := range found {
		there, same = there+found[i], same+right[i]
	}
	f.Expected = int64(len(l.Items))
	lost, wrong := f.Expected-there, there-same
	f.Lost, f.Wrong = &lost, &wrong
	out.Summary = fmt.Sprintf("%s; of %d items that the drill wrote, %d are lost and %d are not as they were last", out.Summary, f.Expected, lost, wrong)
	out.Outputs = outcome(*f, "").Outputs
	return nil
}
