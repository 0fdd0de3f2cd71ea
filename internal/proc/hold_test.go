package proc_test

import (
	"context"
	"errors"
	"os"
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
	stdin, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- proc.Programs{}.Run(context.Background(), proc.Cmd{Path: cat, Stdin: stdin, Stdout: f})
	}()
	if _, err := feed.WriteString("alive\n"); err != nil {
		t.Fatal(err)
	}
	for b := []byte(nil); len(b) == 0; { // the program runs when its first output is there
		if b, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
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
	if err := <-ended; err != nil {
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
