// Package journaltest holds what every journal log must pass, and a log in memory that passes it.
//
// Promise: an engine that works on Memory works on every log that passes Log.
package journaltest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/journal"
)

// Memory is a place for one journal in memory. It keeps the text, as a file would.
type Memory struct {
	Clock clock.Clock

	mu     sync.Mutex
	text   []byte
	writer *memoryLog
}

// NewMemory is an empty place, on the machine's clock.
func NewMemory() *Memory { return &Memory{Clock: clock.System{}} }

// Of is a place that holds a copy of text.
func Of(text []byte) *Memory { return &Memory{Clock: clock.System{}, text: bytes.Clone(text)} }

// Text is a copy of the journal's text.
func (m *Memory) Text() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.text)
}

// ErrTaken is what a second writer gets.
var ErrTaken = errors.New("another writer has the journal")

// Open checks the text, repairs a torn end, and gives the log to its one writer.
func (m *Memory) Open() (journal.Log, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writer != nil {
		return nil, ErrTaken
	}
	d := journal.NewDecoder(bytes.NewReader(m.text))
	for {
		_, err := d.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, journal.ErrTorn) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	m.text = m.text[:d.Offset()]
	m.writer = &memoryLog{place: m, head: d.Head()}
	return m.writer, nil
}

type memoryLog struct {
	place  *Memory
	head   journal.Head
	closed bool
}

var errClosed = errors.New("the log is closed")

func (l *memoryLog) Append(ctx context.Context, events ...journal.Event) ([]journal.Entry, error) {
	l.place.mu.Lock()
	defer l.place.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, head, out := l.place.text, l.head, make([]journal.Entry, 0, len(events))
	for _, ev := range events {
		var e journal.Entry
		var err error
		if text, e, err = head.Append(text, l.place.Clock.Now(), ev); err != nil {
			return nil, err
		}
		head, out = e.Head(), append(out, e)
	}
	l.place.text, l.head = text, head
	return out, nil
}

func (l *memoryLog) Read(context.Context) iter.Seq2[journal.Entry, error] {
	return Decode(l.place.Text())
}

func (l *memoryLog) Head() journal.Head {
	l.place.mu.Lock()
	defer l.place.mu.Unlock()
	return l.head
}

func (l *memoryLog) Close() error {
	l.place.mu.Lock()
	defer l.place.mu.Unlock()
	if !l.closed {
		l.closed, l.place.writer = true, nil
	}
	return nil
}

// Decode gives the entries of a journal's text. It ends after an error.
func Decode(text []byte) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		d := journal.NewDecoder(bytes.NewReader(text))
		for {
			e, err := d.Next()
			if errors.Is(err, io.EOF) || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Crash is a log that dies after it has stored a number of further events. It keeps the ones before, in the middle of a batch too.
type Crash struct {
	journal.Log
	Left int
}

// ErrCrash is how a Crash dies.
var ErrCrash = errors.New("the process was killed here")

// Append stores what Left allows.
func (c *Crash) Append(ctx context.Context, events ...journal.Event) ([]journal.Entry, error) {
	n := min(c.Left, len(events))
	c.Left -= n
	out, err := c.Log.Append(ctx, slices.Clone(events[:n])...)
	if err == nil && n < len(events) {
		return nil, ErrCrash
	}
	return out, err
}
