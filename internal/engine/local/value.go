package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// values are the outputs of steps that are done: from this process, from the journal, or, where those lack one, from the step itself.
type values struct {
	run *run

	mu   sync.Mutex
	done map[string]*outputs
}

// outputs are those of one step.
type outputs struct {
	mu       sync.Mutex
	known    step.Outputs
	complete bool // the step itself gave them to this process
}

func newValues(r *run) *values { return &values{run: r, done: map[string]*outputs{}} }

// made takes what a step gave to this process.
func (v *values) made(id string, out step.Outputs) {
	v.run.secrets.learnAll(out)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done[id] = &outputs{known: maps.Clone(out), complete: true}
}

// heard takes a step that is done without having given anything to this process: a person said so.
func (v *values) heard(ev journal.Event) {
	switch ev := ev.(type) {
	case journal.StepSucceeded:
		v.recorded(ev.Step, ev.Outputs)
	case journal.StepSkipped:
		if !ev.LeftOut {
			v.recorded(ev.Step, ev.Outputs)
		}
	default:
	}
}

// recorded takes what the journal has of a step that is done.
func (v *values) recorded(id string, raw map[string]json.RawMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.done[id] != nil {
		return
	}
	o := &outputs{known: step.Outputs{}}
	for name, text := range raw {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var x any
		if d.Decode(&x) == nil { // else it is asked for again
			o.known[name] = plan.Of(x)
		}
	}
	v.done[id] = o
}

// resolve computes an expression for a step.
func (v *values) resolve(ctx context.Context, b *bound, x plan.Expr) (plan.Value, error) {
	scope := plan.Scope{Site: v.run.Sites[b.spec.Site], Output: func(stack, output string) (plan.Value, error) {
		return v.output(ctx, string(step.Stack)+"/"+stack, output)
	}, Table: v.table}
	if name, ok := strings.CutPrefix(b.spec.ID, string(step.Stack)+"/"); ok {
		scope.Stack = name
	}
	got, err := x.Resolve(scope)
	if err == nil {
		v.run.secrets.learn(got)
	}
	return got, err
}

// table is the name that a table's step gave it, if that is done and gave it another; else empty.
func (v *values) table(name string) string {
	v.mu.Lock()
	o := v.done[string(step.Table)+"/"+name]
	v.mu.Unlock()
	if o == nil {
		return ""
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now, _ := o.known[step.Renamed].Reveal().(string)
	return now
}

// output gives one output of a step that is done.
func (v *values) output(ctx context.Context, id, name string) (plan.Value, error) {
	v.mu.Lock()
	o := v.done[id]
	v.mu.Unlock()
	if o == nil {
		return plan.Value{}, fmt.Errorf("output %q of %s is not known: the step is not done in this run", name, id)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.known[name]; !ok && !o.complete {
		if err := v.recall(ctx, id, o); err != nil {
			return plan.Value{}, fmt.Errorf("output %q of %s, which was done before this process: %w", name, id, err)
		}
	}
	got, ok := o.known[name]
	if !ok {
		return plan.Value{}, fmt.Errorf("%s has no output %q; it has: %s", id, name, strings.Join(slices.Sorted(maps.Keys(o.known)), ", "))
	}
	return got, nil
}

// recall asks a step for its outputs again: the journal does not hold secrets.
func (v *values) recall(ctx context.Context, id string, o *outputs) error {
	b := v.run.bound[id]
	again, ok := b.work.(step.Recaller)
	if !ok {
		return fmt.Errorf("a step of kind %s cannot give its outputs again", b.spec.Kind)
	}
	call := &step.Call{Run: v.run.state.Facts.Run, Step: id, Attempt: 1, Site: v.run.Sites[b.spec.Site]}
	call.Resolve = func(x plan.Expr) (plan.Value, error) { return v.resolve(ctx, b, x) }
	if v.run.Dir != nil {
		var err error
		if call.Dir, err = v.run.Dir(id); err != nil {
			return err
		}
	}
	out, err := again.Recall(ctx, call)
	if err != nil {
		return err
	}
	v.run.secrets.learnAll(out)
	if o.known == nil {
		o.known = step.Outputs{}
	}
	maps.Copy(o.known, out)
	o.complete = true
	return nil
}
