package terraform_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
	"github.com/lifeboat-dr/lifeboat/internal/terraform"
)

// slow is a stack whose apply says its process id and then takes its time, whatever it is told.
const slow = `
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "trap '' INT; echo $PPID > pid.tmp; mv pid.tmp ${abspath(path.module)}/pid; sleep 1"
  }
}
`

// bench is a stack that was planned in a folder.
type bench struct {
	product, dir, root, state string
}

func newBench(t *testing.T, product, code string) bench {
	t.Helper()
	return bench{product, t.TempDir(), tree(t, map[string]string{"a/main.tf": code}), filepath.Join(t.TempDir(), "x.tfstate")}
}

func (b bench) plan(ctx context.Context, tool *terraform.Tool, w *terraform.Work) (*terraform.Plan, error) {
	if err := w.Lay(terraform.Source{Root: b.root, Path: "a"}, local(b.state)); err != nil {
		return nil, err
	}
	o := terraform.Options{Env: tool.Environ(nil, nil)}
	if err := w.Init(ctx, o); err != nil {
		return nil, err
	}
	return w.Plan(ctx, o, nil, nil)
}

// terraformPID waits until the apply runs, and gives its process id.
func (b bench) terraformPID(t *testing.T) int {
	t.Helper()
	for t.Context().Err() == nil {
		text, err := os.ReadFile(filepath.Join(b.dir, "work", "a", "pid"))
		if err == nil {
			return must(strconv.Atoi(strings.TrimSpace(string(text))))(t)
		}
		_ = clock.Sleep(t.Context(), 10*time.Millisecond)
	}
	return 0
}

// TestHelperProcess is not a test: it is the Lifeboat that the next test kills.
func TestHelperProcess(t *testing.T) {
	b := bench{os.Getenv("HELPER_PRODUCT"), os.Getenv("HELPER_DIR"), os.Getenv("HELPER_ROOT"), os.Getenv("HELPER_STATE")}
	if b.product == "" {
		t.Skip("started by TestKilledLifeboat only")
	}
	tool := open(t, b.product, nil)
	w := hold(t, tool, b.dir)
	if _, err := b.plan(t.Context(), tool, w); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Apply(t.Context(), terraform.Options{Env: tool.Environ(nil, nil)}); err != nil {
		t.Fatal(err)
	}
}

// When Lifeboat is killed, terraform finishes what it does and saves it; the next Lifeboat waits for that and finds nothing to do.
func TestKilledLifeboat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		b := newBench(t, product, slow)
		helper := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperProcess$")
		helper.Env = append(os.Environ(), "HELPER_PRODUCT="+product, "HELPER_DIR="+b.dir, "HELPER_ROOT="+b.root, "HELPER_STATE="+b.state)
		var out bytes.Buffer
		helper.Stdout, helper.Stderr = &out, &out
		if err := helper.Start(); err != nil {
			t.Fatal(err)
		}
		b.terraformPID(t)
		if err := helper.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := helper.Wait(); err == nil {
			t.Fatalf("the helper ended before it was killed: %s", out.String())
		}
		tool := open(t, product, nil)
		waited := false
		w, err := tool.Hold(t.Context(), b.dir, func() { waited = true })
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if !waited || !w.Cut() {
			t.Errorf("waited for the orphan: %v, knows that it was cut: %v", waited, w.Cut())
		}
		if p := must(b.plan(t.Context(), tool, w))(t); !p.Empty {
			t.Errorf("after the orphan's end the plan is %+v, want empty", p)
		}
		if w.Cut() {
			t.Error("a command that took the lock did not clear the cut one's traces")
		}
	})
}

// When terraform is killed, the failure may be tried again, and what was made until then is found or made again.
func TestKilledTerraform(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		b := newBench(t, product, slow)
		tool := open(t, product, nil)
		w := must(tool.Hold(t.Context(), b.dir, nil))(t)
		must(b.plan(t.Context(), tool, w))(t)
		failed := make(chan error, 1)
		go func() {
			_, err := w.Apply(t.Context(), terraform.Options{Env: tool.Environ(nil, nil)})
			failed <- err
		}()
		if err := syscall.Kill(b.terraformPID(t), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		var f *terraform.RunError
		if err := <-failed; !errors.As(err, &f) || !f.Killed() || f.Class() != step.Transient {
			t.Fatalf("error %v, want a killed command that may be tried again", err)
		}
		w.Close()
		w = hold(t, tool, b.dir)
		if !w.Cut() {
			t.Error("the killed command left no trace")
		}
		if err := os.WriteFile(filepath.Join(b.root, "a", "main.tf"), []byte(`resource "terraform_data" "first" {}`), 0o600); err != nil {
			t.Fatal(err)
		}
		must(b.plan(t.Context(), tool, w))(t)
		if _, err := w.Apply(t.Context(), terraform.Options{Env: tool.Environ(nil, nil)}); err != nil {
			t.Fatal(err)
		}
	})
}

// stubborn runs, in place of an apply, a program that does not end when it is told to.
type stubborn struct{ proc.Programs }

func (s stubborn) Run(ctx context.Context, c proc.Cmd) error {
	if c.Args[0] == "apply" {
		c.Path, c.Args = "/bin/sh", []string{"-c", "trap '' INT; echo $$ > pid.tmp; mv pid.tmp pid; sleep 3"}
	}
	return s.Programs.Run(ctx, c)
}

// A cancelled apply ends for us within a second, and goes on for itself until its state is saved; its folder stays held.
func TestCancelledApply(t *testing.T) {
	t.Parallel()
	b := newBench(t, products(t)[0], slow)
	tool := open(t, b.product, func(s *terraform.Setup) { s.Runner = stubborn{} })
	w := must(tool.Hold(t.Context(), b.dir, nil))(t)
	must(b.plan(t.Context(), tool, w))(t)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := w.Apply(ctx, terraform.Options{Env: tool.Environ(nil, nil)})
		failed <- err
	}()
	b.terraformPID(t)
	cancel()
	told := time.Now()
	err := <-failed
	if took := time.Since(told); took > time.Second || err == nil {
		t.Fatalf("ended after %s with %v", took, err)
	}
	var f *terraform.RunError
	if !errors.As(err, &f) || f.Class() != step.Cancelled {
		t.Errorf("error %v, want a cancelled one", err)
	}
	w.Close()
	waited := false
	w = must(tool.Hold(t.Context(), b.dir, func() { waited = true }))(t)
	defer w.Close()
	if !waited {
		t.Error("nobody waited for the command that was still ending")
	}
}

// A state that terraform could not save lies in the folder, and is saved by the next try; one that is older than what is
// there is not.
func TestStateThatCouldNotBeSaved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, product string) {
		t.Helper()
		b := newBench(t, product, `resource "terraform_data" "a" {}`)
		tool := open(t, product, nil)
		o := terraform.Options{Env: tool.Environ(nil, nil)}
		w := hold(t, tool, b.dir)
		must(b.plan(t.Context(), tool, w))(t)
		must(w.Apply(t.Context(), o))(t)
		// This is what terraform leaves when the backend does not take the state (command/apply, errored.tfstate).
		errored := filepath.Join(b.dir, "work", "a", "errored.tfstate")
		if err := os.Rename(b.state, errored); err != nil {
			t.Fatal(err)
		}
		if !w.Errored() {
			t.Fatal("the state was not found")
		}
		if err := w.PushErrored(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if w.Errored() {
			t.Error("the state would be pushed again")
		}
		if err := os.WriteFile(errored, must(os.ReadFile(b.state))(t), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.root, "a", "main.tf"), []byte("resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}"), 0o600); err != nil {
			t.Fatal(err)
		}
		later := hold(t, tool, t.TempDir())
		c := b
		if _, err := c.plan(t.Context(), tool, later); err != nil {
			t.Fatal(err)
		}
		must(later.Apply(t.Context(), o))(t)
		if err := w.PushErrored(t.Context(), o); err == nil || !w.Errored() {
			t.Errorf("an old state was pushed over a newer one (%v)", err)
		}
	})
}
