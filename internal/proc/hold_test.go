package proc_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// A file is held as long as we or a program that writes to it lives, and no longer.
func TestHeldFileIsHeldByTheProgramThatWritesToIt(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "log")
	f, err := proc.OpenHeld(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proc.OpenHeld(name); !errors.Is(err, proc.ErrHeld) {
		t.Fatalf("second open: %v, want ErrHeld", err)
	}
	cat, err := proc.Look(proc.Env{"PATH": "/usr/bin:/bin"}, "cat")
	if err != nil {
		t.Skip("no cat on this machine")
	}
	program := exec.CommandContext(t.Context(), cat)
	program.Stdout = f
	feed, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := proc.OpenHeld(name); !errors.Is(err, proc.ErrHeld) {
		t.Fatalf("open while the program runs: %v, want ErrHeld", err)
	}
	if err := feed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Fatal(err)
	}
	g, err := proc.OpenHeld(name)
	if err != nil {
		t.Fatalf("open after the program ended: %v", err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
}
