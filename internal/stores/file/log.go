package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// Log is the journal of one run, held by this process.
type Log struct {
	dir   string
	clock clock.Clock

	mu     sync.Mutex
	file   *os.File
	lock   *lock
	head   journal.Head
	buf    []byte
	failed error // once set, nothing more is taken
}

var _ journal.Log = (*Log)(nil)

var errClosed = errors.New("the journal is closed")

// open takes the lock, checks the chain and cuts a torn end.
func (s *Store) open(ctx context.Context, dir string, flag int) (_ *Log, err error) {
	lock, err := take(ctx, filepath.Join(dir, lockName), s.Operator)
	if err != nil {
		return nil, err
	}
	l := &Log{dir: dir, clock: s.Clock, lock: lock}
	defer func() {
		if err != nil {
			_ = l.Close()
		}
	}()
	name := filepath.Join(dir, journalName)
	l.file, err = os.OpenFile(name, os.O_RDWR|os.O_APPEND|flag, fileMode) //nolint:gosec // inside the run's folder
	if err != nil {
		return nil, unwritable("the journal cannot be opened for writing", err)
	}
	if flag != 0 {
		return l, proc.SyncDir(dir)
	}
	d := journal.NewDecoder(l.file)
	for err == nil {
		_, err = d.Next()
	}
	switch {
	case errors.Is(err, io.EOF):
	case errors.Is(err, journal.ErrTorn):
		if err := l.cut(d.Offset()); err != nil {
			return nil, unwritable("the journal's torn end cannot be cut off", err)
		}
	default:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l.head = d.Head()
	return l, nil
}

// cut keeps a copy of what follows offset, then removes it.
func (l *Log) cut(offset int64) error {
	if _, err := l.file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	torn, err := os.OpenFile(filepath.Join(l.dir, tornName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(torn, l.file)
	_, nerr := torn.WriteString("\n")
	if err := errors.Join(err, nerr, torn.Sync(), torn.Close()); err != nil {
		return err
	}
	return errors.Join(l.file.Truncate(offset), l.file.Sync(), proc.SyncDir(l.dir))
}

// Append writes events with one write and one sync. It is safe for concurrent use; the callers that want to share a sync hand over their
// events together, as the local runtime does.
func (l *Log) Append(ctx context.Context, events ...journal.Event) ([]journal.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.failed, ctx.Err()); err != nil {
		return nil, err
	}
	buf, head, out := l.buf[:0], l.head, make([]journal.Entry, 0, len(events))
	for _, ev := range events {
		var e journal.Entry
		var err error
		if buf, e, err = head.Append(buf, l.clock.Now(), ev); err != nil {
			l.failed = err
			return nil, err
		}
		head, out = e.Head(), append(out, e)
	}
	if cap(buf) <= 1<<20 { // the first event of a large run needs not be kept
		l.buf = buf
	}
	_, err := l.file.Write(buf)
	if err == nil && !journal.Momentary(events) {
		err = syncData(l.file)
	}
	if err != nil {
		// After a failed sync the system may have dropped the data and say nothing the next time, so this file is not trusted again.
		l.failed = unwritable("the journal cannot be written", err)
		return nil, l.failed
	}
	l.head = head
	return out, nil
}

// Read gives all entries, as stored.
func (l *Log) Read(ctx context.Context) iter.Seq2[journal.Entry, error] {
	return read(ctx, filepath.Join(l.dir, journalName))
}

// Head is the end of what was appended.
func (l *Log) Head() journal.Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Close gives the run free.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.failed, errClosed) {
		return nil
	}
	l.failed = errClosed
	var err error
	if l.file != nil {
		err = l.file.Close()
	}
	return errors.Join(err, l.lock.release())
}

// StepDir gives the private folder of a step, and makes it.
func (l *Log) StepDir(id string) (string, error) {
	if !filepath.IsLocal(id) {
		return "", fmt.Errorf("step %q: not a name for a folder", id)
	}
	dir := filepath.Join(l.dir, stepsName, id)
	return dir, os.MkdirAll(dir, folderMode)
}

// read gives the entries of a file. A torn end is no error: it is not there yet, or will be cut.
func read(ctx context.Context, name string) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		f, err := os.Open(name) //nolint:gosec // inside the run's folder
		if err != nil {
			yield(journal.Entry{}, err)
			return
		}
		defer f.Close() //nolint:errcheck // read only
		d := journal.NewDecoder(f)
		for {
			e, err := d.Next()
			switch {
			case errors.Is(err, io.EOF), errors.Is(err, journal.ErrTorn):
				return
			case err == nil:
				err = ctx.Err()
			default:
				err = fmt.Errorf("%s: %w", name, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
