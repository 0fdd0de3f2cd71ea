package journal

import (
	"context"
	"iter"
)

// Log is where a journal lives. Implementations are safe for concurrent use and pass journaltest.
type Log interface {
	// Append adds events, in this order, all or a prefix of them. When it returns without an error they are durable, except that an
	// Append of nothing but StepProgress may be lost in a crash. After an error the log takes nothing more: what is stored is
	// known only by opening it again. Append does not stop half-way when ctx ends.
	Append(ctx context.Context, events ...Event) ([]Entry, error)
	// Read gives all entries from the first, as stored. After an error it ends.
	Read(ctx context.Context) iter.Seq2[Entry, error]
	// Head is the end of what was appended.
	Head() Head
	// Close gives the log free for another writer.
	Close() error
}

// Load folds everything in a log.
func Load(ctx context.Context, l Log) (*State, error) {
	s := &State{}
	for e, err := range l.Read(ctx) {
		if err != nil {
			return nil, err
		}
		s.Apply(e)
	}
	return s, nil
}

// Momentary tells whether all events are of the kind that may be lost in a crash.
func Momentary(events []Event) bool {
	for _, ev := range events {
		if _, ok := ev.(StepProgress); !ok {
			return false
		}
	}
	return true
}
