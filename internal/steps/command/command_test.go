package command_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/argv"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/step/steptest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
	"github.com/lifeboat-dr/lifeboat/internal/steps/command"
)

type site struct{}

func (site) Environment(context.Context, *plan.Site) (proc.Env, error) {
	return proc.Env{"PATH": "/usr/bin:/bin"}, nil
}

func words(w ...string) []plan.Expr {
	out := make([]plan.Expr, 0, len(w))
	for _, s := range w {
		out = append(out, cloudtest.Text(s))
	}
	return out
}

func newCommand(run proc.Runner, dir string, args, probe []plan.Expr) (step.Step, error) {
	cfg := &step.CommandConfig{Dir: dir, Command: &plan.Command{Argv: args, Probe: probe}}
	return command.New(argv.Runner{Programs: run, Sites: site{}})(step.Spec{ID: "command/x", Config: cfg})
}

// The promise: a command with a probe keeps the contract of steps.
func TestConformance(t *testing.T) {
	t.Parallel()
	steptest.Run(t, steptest.Kit{New: func(tb testing.TB, f *steptest.Faults) steptest.World {
		tb.Helper()
		dir := tb.TempDir()
		made := func() int {
			list, _ := filepath.Glob(filepath.Join(dir, "made*"))
			return len(list)
		}
		return steptest.World{
			Step: func() (step.Step, error) {
				return newCommand(f.Runner(proc.Programs{}), dir, words("mkdir", "made"), words("test", "-d", "made"))
			},
			Call:   cloudtest.Call(tb, cloudtest.Standby()),
			Writes: made,
			Check: func() error {
				if made() != 1 {
					return errors.New("nothing was made")
				}
				return nil
			},
		}
	}})
}

// The promise: a probe that cannot tell makes a question, never a guess, and the answer counts.
func TestUnknownIsAQuestion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := newCommand(proc.Programs{}, dir, words("mkdir", "made"), words("sh", "-c", "test -d made || exit 7"))
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Unknown || !strings.Contains(p.Reason, "status 7") {
		t.Errorf("%+v, %v", p, err)
	}
	var ask *step.Ask
	if _, err := s.Ensure(t.Context(), &call); !errors.As(err, &ask) || ask.Key != command.Key {
		t.Fatalf("%v", err)
	}
	call.Answers = map[string]step.Answer{command.Key: {Decision: step.Reject, By: "ann"}}
	if _, err := s.Ensure(t.Context(), &call); step.ClassOf(err) != step.Permanent || err == nil {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "made")); err == nil {
		t.Error("it ran though it was rejected")
	}
	call.Answers[command.Key] = step.Answer{Decision: step.Approve, By: "ann"}
	if out, err := s.Ensure(t.Context(), &call); err != nil || !out.Changed {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: a command that ends well without doing its work has failed.
func TestProbeHasTheLastWord(t *testing.T) {
	t.Parallel()
	s, err := newCommand(proc.Programs{}, t.TempDir(), words("true"), words("test", "-d", "made"))
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	if out, err := s.Ensure(t.Context(), &call); err == nil || !strings.Contains(err.Error(), "its probe says that it is needed") {
		t.Errorf("%+v, %v", out, err)
	}
}

// The promise: without a probe it is run each time.
func TestWithoutProbe(t *testing.T) {
	t.Parallel()
	s, err := newCommand(proc.Programs{}, t.TempDir(), words("true"), nil)
	if err != nil {
		t.Fatal(err)
	}
	call := cloudtest.Call(t, cloudtest.Standby())
	for range 2 {
		if p, err := s.Probe(t.Context(), &call); err != nil || p.Status != step.Needed {
			t.Errorf("%+v, %v", p, err)
		}
		if out, err := s.Ensure(t.Context(), &call); err != nil || !out.Changed {
			t.Errorf("%+v, %v", out, err)
		}
	}
}
