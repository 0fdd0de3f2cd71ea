package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/lifeboat-dr/lifeboat/internal/proc"
)

// openPages is how many pages of a segment may be on their way at once.
const openPages = 3

// segment is how far one segment is.
type segment struct {
	done  Position // all before it is written
	whole bool     // all of it is
	read  bool     // to its end, by this process
	open  []*page  // oldest first
	room  chan struct{}
}

// page is a page whose writes are on their way.
type page struct {
	segment int
	next    Position
	left    int // writes
}

// saved is the checkpoint file.
type saved struct {
	Version  int     `json:"version"`
	Table    string  `json:"table"`
	Written  int64   `json:"written"`
	Refused  int64   `json:"refused"`
	Segments []place `json:"segments"`
}

type place struct {
	Position Position `json:"position,omitempty"`
	Whole    bool     `json:"whole,omitempty"`
}

const (
	checkpointVersion = 1
	maxCheckpoint     = 64 << 20
)

// open reads the checkpoint of an earlier process. One of another load is refused: going on from it would leave out items.
func (r *run) open() error {
	for i := range r.segments {
		r.segments[i].room = make(chan struct{}, openPages)
	}
	if r.Checkpoint == "" {
		return nil
	}
	b, err := proc.ReadFile(r.Checkpoint, maxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var s saved
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return fmt.Errorf("read how far the load was: %w", err)
	}
	if s.Version != checkpointVersion || s.Table != r.Table || len(s.Segments) != len(r.segments) {
		return fmt.Errorf("%s is of another load (table %q in %d segments, not %q in %d): remove it to begin again", r.Checkpoint, s.Table, len(s.Segments), r.Table, len(r.segments))
	}
	r.first = Result{Written: s.Written, Refused: s.Refused}
	for i, p := range s.Segments {
		r.segments[i].done, r.segments[i].whole = p.Position, p.Whole
	}
	return nil
}

// save writes the checkpoint. Counts are of pages that are written whole and of those on their way: after a kill they may be a
// few pages too high, positions never are.
func (r *run) save() error {
	if r.Checkpoint == "" {
		return nil
	}
	r.mu.Lock()
	s := saved{Version: checkpointVersion, Table: r.Table, Written: r.first.Written + r.now.Written, Refused: r.first.Refused + r.now.Refused}
	for i := range r.segments {
		s.Segments = append(s.Segments, place{r.segments[i].done, r.segments[i].whole})
	}
	r.mu.Unlock()
	b, err := json.Marshal(s)
	if err == nil {
		err = proc.WriteFile(r.Checkpoint, b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("remember how far the load is: %w", err)
	}
	return nil
}

func (r *run) position(i int) (Position, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.segments[i].done, r.segments[i].whole
}

// begin takes a page up, once fewer than openPages of its segment are on their way.
func (r *run) begin(ctx context.Context, i int, p Page) (*page, error) {
	select {
	case r.segments[i].room <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	open := &page{segment: i, next: p.Next, left: len(p.Writes) + len(p.Puts)}
	r.segments[i].open = append(r.segments[i].open, open)
	r.advance(i)
	return open, nil
}

// finish counts writes of a page that are made or refused.
func (r *run) finish(p *page, written, refused int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.Written += int64(written)
	r.now.Refused += int64(refused)
	p.left -= written + refused
	r.advance(p.segment)
}

// ended says that a segment was read to its end.
func (r *run) ended(i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.segments[i].read = true
	r.advance(i)
}

// advance moves a segment's position over the pages that are written, oldest first.
func (r *run) advance(i int) {
	s := &r.segments[i]
	for len(s.open) > 0 && s.open[0].left == 0 {
		s.done, s.open = s.open[0].next, s.open[1:]
		<-s.room
	}
	if s.read && len(s.open) == 0 {
		s.whole = true
	}
}
