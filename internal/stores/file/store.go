// Package file keeps the journals of runs in a folder: <root>/<run>/journal.jsonl.
//
// Promise: what Append has returned survives the machine's power cut. One process at a time writes to a run (a lock that the system takes away
// from a process that dies); others read it, and leave messages in its inbox. A last line that a crash tore is cut off, after it was
// copied to journal.torn; a journal with any other damage is refused. The format is docs/journal-format.md.
//
// A run's folder:
//
//	journal.jsonl   the journal
//	journal.torn    torn last lines that were cut off, for the curious
//	lock            who writes
//	inbox/          messages of other processes, one JSON file each
//	steps/          private folders of the steps
package file

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

const (
	journalName = "journal.jsonl"
	tornName    = "journal.torn"
	lockName    = "lock"
	inboxName   = "inbox"
	stepsName   = "steps"

	folderMode = 0o700 // a journal shows how an application is built
	fileMode   = 0o600
)

// Store is a folder of runs.
type Store struct {
	Root     string // absolute; made when the first run is
	Clock    clock.Clock
	Operator journal.Operator // this process: what a second one is told
}

// What a Store refuses. LockedError is a type: it says who has the run.
var (
	ErrNoRun  = errors.New("there is no such run")
	ErrExists = errors.New("the run exists already")
)

// NewID makes the name of a run: when it was started, the scenario, and four letters to tell two of the same second apart.
// Names sort by time.
func NewID(now time.Time, scenario string) string {
	return fmt.Sprintf("%s-%s-%s", now.UTC().Format("20060102T150405Z"), word(scenario), strings.ToLower(rand.Text()[:4]))
}

// word is a text as a part of a file name.
func word(s string) string {
	s = regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(s, "-")
	return strings.Trim(s[:min(len(s), 60)], "-")
}

// Create makes a run and its journal, with its first events durable.
func (s *Store) Create(ctx context.Context, first journal.RunStarted, more ...journal.Event) (*Log, error) {
	dir, err := s.dir(first.Run)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Root, folderMode); err != nil {
		return nil, unwritable("the folder of the runs cannot be made", err)
	}
	if err := os.Mkdir(dir, folderMode); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w: %s", ErrExists, dir)
	} else if err != nil {
		return nil, unwritable("the run's folder cannot be made", err)
	}
	if err := proc.SyncDir(s.Root); err != nil {
		return nil, unwritable("the run's folder cannot be made durable", err)
	}
	l, err := s.open(ctx, dir, os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	if _, err := l.Append(ctx, append([]journal.Event{first}, more...)...); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Open takes a run's journal to go on writing. Another process that has it is a *LockedError.
func (s *Store) Open(ctx context.Context, run string) (*Log, error) {
	dir, err := s.existing(run)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, dir, 0)
}

// Load folds a run's journal as it is now, whoever writes to it. A line that is being written is not there yet.
func (s *Store) Load(ctx context.Context, run string) (*journal.State, error) {
	dir, err := s.existing(run)
	if err != nil {
		return nil, err
	}
	st := &journal.State{}
	for e, err := range read(ctx, filepath.Join(dir, journalName)) {
		if err != nil {
			return nil, err
		}
		st.Apply(e)
	}
	return st, nil
}

// Runs gives the names of all runs, the oldest first.
func (s *Store) Runs() ([]string, error) {
	entries, err := os.ReadDir(s.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && valid(e.Name()) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

func (s *Store) existing(run string) (string, error) {
	dir, err := s.dir(run)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %s in %s", ErrNoRun, run, s.Root)
	} else if err != nil {
		return "", err
	}
	return dir, nil
}

func (s *Store) dir(run string) (string, error) {
	if !valid(run) {
		return "", fmt.Errorf("%w: %q is not the name of a run", ErrNoRun, run)
	}
	return filepath.Join(s.Root, run), nil
}

// valid tells whether a name stays inside the folder.
func valid(run string) bool {
	return filepath.IsLocal(run) && filepath.Base(run) == run && run[0] != '.'
}

// unwritable says what to do about a disk that takes nothing.
func unwritable(what string, err error) error {
	e := &step.Error{Class: step.Permanent, What: what, Err: err, Why: "what is not in the journal cannot be resumed, so nothing goes on without it"}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Next = "make room on the disk, then resume the run"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		e.Next = "see that the folder of the runs can be written, or work in a copy of the plan's folder"
	default:
		e.Next = "see that the folder of the runs works, then resume the run"
	}
	return e
}
