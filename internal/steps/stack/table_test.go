package stack_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/steps/stack"
)

// A table that was brought back before its stack is adopted without a question, and nothing else is; an empty plan proves it, and the outputs
// say so by address, also to a run that finds everything done.
func TestAdoptsTheTablesThatAreBack(t *testing.T) {
	t.Parallel()
	b, l := lost(t, nil)
	b.cfg.Adopt, b.cfg.Brought = false, []string{l.address("one")}
	l.names = []string{"one", "three"}
	before, err := l.lives(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := b.step(t)
	if p, err := s.Probe(t.Context(), b.call()); err != nil || p.Status != step.Needed || p.Reason != "1 to import, 1 to add" {
		t.Fatalf("%+v, %v", p, err)
	}
	out, err := s.Ensure(t.Context(), b.call())
	if err != nil || !strings.HasPrefix(out.Summary, "an empty plan proves the adoption of aws_api_gateway_rest_api.one; ") {
		t.Fatalf("%+v, %v", out, err)
	}
	if id := l.state[l.address("one")]; before[id] != "one" {
		t.Errorf("the state has %v; before there were %v", l.state, before)
	}
	want := map[string]any{"aws_api_gateway_rest_api.one": true}
	if got, _ := out.Outputs[stack.Adopted].Reveal().(map[string]any); !maps.Equal(got, want) {
		t.Errorf("%v", out.Outputs)
	}
	p, err := b.step(t).Probe(t.Context(), b.call())
	if got, _ := p.Outputs[stack.Adopted].Reveal().(map[string]any); err != nil || p.Status != step.Done || !maps.Equal(got, want) {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}
