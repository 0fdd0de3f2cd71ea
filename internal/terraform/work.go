package terraform

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Work is the private folder of one stack: the working copy and the log of its commands. One process holds it at a time.
type Work struct {
	tool    *Tool
	dir     string
	log     *os.File
	stack   string // the stack's folder in the working copy
	code    code
	backend Backend
	// trusted tells that the providers were verified against the same lock file when Warm ran, so that their 700 MB need not be
	// hashed again by init, by plan and by apply: 0.5 s of a core each.
	trusted bool
	cuts    []time.Time
}

// Hold takes a stack's folder. A command that outlived its Lifeboat holds it too: it is left to finish, and waited for as long as
// ctx allows, after waiting was told once. Close lets go.
func (t *Tool) Hold(ctx context.Context, dir string, waiting func()) (*Work, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("private folder of the stack: %w", err)
	}
	for first := true; ; first = false {
		f, err := proc.OpenHeld(filepath.Join(dir, "terraform.log"))
		if err == nil {
			w := &Work{tool: t, dir: dir, log: f, stack: filepath.Join(dir, "work")}
			w.cuts, err = starts(f)
			return w, err
		}
		if !errors.Is(err, proc.ErrHeld) {
			return nil, err
		}
		if first && waiting != nil {
			waiting()
		}
		if err := clock.Sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, fmt.Errorf("an earlier command of this step is still running: %w", err)
		}
	}
}

// starts gives when each command whose messages are in the log had started.
func starts(log *os.File) ([]time.Time, error) {
	var out []time.Time
	r := bufio.NewReader(log)
	for {
		line, err := r.ReadSlice('\n')
		if bytes.Contains(line, []byte(`"type":"version"`)) {
			var m message
			if json.Unmarshal(line, &m) == nil && m.Type == "version" {
				out = append(out, m.Time)
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) { // a line longer than the buffer is no version message
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return out, err
		}
	}
}

// Close lets go of the folder. A command that is still ending keeps its hold.
func (w *Work) Close() { _ = w.log.Close() }

// Cut tells whether an earlier command of this folder was never seen to end.
func (w *Work) Cut() bool { return len(w.cuts) > 0 }

// errored is where terraform saved a state that it could not write to the backend; empty: nowhere.
func (w *Work) errored() string {
	var found string
	_ = filepath.WalkDir(filepath.Join(w.dir, "work"), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil: // no working copy yet
			return fs.SkipAll
		case d.IsDir() && d.Name() == ".terraform":
			return fs.SkipDir
		case d.Name() == "errored.tfstate":
			found = path
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// Errored tells whether an earlier apply made changes whose state it could not save.
func (w *Work) Errored() bool { return w.errored() != "" }

// PushErrored saves that state, from the working copy that made it. Terraform refuses if the backend holds something newer.
func (w *Work) PushErrored(ctx context.Context, o Options) error {
	file := w.errored()
	dir := filepath.Dir(file)
	if _, err := w.run(ctx, call{Options: o, args: pushArgs(filepath.Base(file)), dir: dir, locks: true}); err != nil {
		return err
	}
	return os.Rename(file, file+".pushed")
}
