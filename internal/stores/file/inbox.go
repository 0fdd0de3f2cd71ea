package file

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// maxMessage bounds a message, in bytes.
const maxMessage = 64 << 10

// message is an event on its way to the process that writes the journal.
type message struct {
	Kind  journal.Kind    `json:"kind"`
	Event json.RawMessage `json:"event"`
}

// ErrRefused says that a message means nothing to the run as it is now.
var ErrRefused = errors.New("the run does not wait for that")

// Tell brings a decision, an abort or a mark to a run. Where nobody works on the run it goes into the journal, and queued is false; else it
// is put into the inbox of the process that does, which takes it within a second.
func (s *Store) Tell(ctx context.Context, run string, ev journal.Event) (queued bool, err error) {
	st, err := s.Load(ctx, run)
	if err != nil {
		return false, err
	}
	if !st.Accepts(ev) {
		return false, ErrRefused
	}
	if err := s.post(run, ev); err != nil {
		return false, unwritable("the message cannot be left in the run's inbox", err)
	}
	// Whoever had the run may be gone, or just going: then the inbox is ours to empty.
	l, err := s.Open(ctx, run)
	if errors.As(err, new(*LockedError)) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, errors.Join(l.collect(ctx), l.Close())
}

// post writes a message, whole or not at all. Names sort by time.
func (s *Store) post(run string, ev journal.Event) error {
	raw, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	text, err := json.Marshal(message{Kind: ev.Kind(), Event: raw})
	if err != nil {
		return err
	}
	if len(text) > maxMessage {
		return fmt.Errorf("it takes %d bytes, more than %d", len(text), maxMessage)
	}
	dir := filepath.Join(s.Root, run, inboxName)
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return err
	}
	name := s.Clock.Now().UTC().Format("20060102T150405.000000000Z") + "-" + rand.Text()[:6] + ".json"
	return proc.WriteFile(filepath.Join(dir, name), text, fileMode)
}

// Take gives the messages that wait, the oldest first, and how to remove them once they are in the journal. A file that is no message is
// renamed, so that it can be looked at.
func (l *Log) Take() ([]journal.Event, func() error, error) {
	dir := filepath.Join(l.dir, inboxName)
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, nil, err
	}
	var events []journal.Event
	var names []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if !strings.HasSuffix(name, ".json") || e.Name()[0] == '.' {
			continue
		}
		ev, err := parse(name)
		if err != nil {
			if err := os.Rename(name, name+".refused"); err != nil {
				return nil, nil, err
			}
			continue
		}
		events, names = append(events, ev), append(names, name)
	}
	return events, func() error {
		var errs []error
		for _, name := range names {
			errs = append(errs, os.Remove(name))
		}
		return errors.Join(errs...)
	}, nil
}

func parse(name string) (journal.Event, error) {
	text, err := proc.ReadFile(name, maxMessage)
	if err != nil {
		return nil, err
	}
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	return journal.UnmarshalEvent(m.Kind, m.Event)
}

// collect writes what waits in the inbox into the journal, while no run goes on. An abort ends the run at once.
func (l *Log) collect(ctx context.Context) error {
	events, remove, err := l.Take()
	if err != nil || len(events) == 0 {
		return err
	}
	st, err := journal.Load(ctx, l)
	if err != nil {
		return err
	}
	for _, ev := range events {
		if !st.Accepts(ev) {
			continue
		}
		all := []journal.Event{ev}
		if stop, ok := ev.(journal.StopRequested); ok {
			all = append(all, journal.RunFinished{Result: journal.Aborted, Reason: "given up by " + stop.By})
		}
		entries, err := l.Append(ctx, all...)
		if err != nil {
			return err
		}
		for _, e := range entries {
			st.Apply(e)
		}
	}
	return remove()
}
