// Package load writes many items into a DynamoDB table: from an export, from another table, or the differences of two.
//
// Promise: when Run ends without an error, every write of the source was made, or is in Result.Refused with its reason; none is dropped in
// silence. It may be killed at any moment: another Run with the same checkpoint goes on after the last page of each segment that was
// written whole. Writes are puts and deletes by key, so that a page that is written again changes nothing. Throttling slows it down to
// what the table takes, and no further. Memory is bounded by a few pages, whatever the size of the table.
//
// The algorithm: readers take segments and read them page by page; the pages' writes, in batches of 25, go through one channel to the writers. A
// segment's position moves on when all batches of its oldest open page are written. A writer waits for its turn (the pace),
// writes a batch, and writes again what DynamoDB gave back; a batch that DynamoDB finds invalid is written item by item, so that
// one bad item does not take 24 good ones with it.
package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// Batch is how many writes BatchWriteItem takes (Amazon DynamoDB API Reference).
const Batch = 25

// Position is how far a segment was read, in the source's own words. Empty is its beginning.
type Position string

// Page is what a source gives at once.
type Page struct {
	Writes []types.WriteRequest
	// Puts are items to put, in DynamoDB JSON, where the source has them so. They go out as they are, and must be well formed.
	Puts [][]byte
	Next Position // where the next page begins
}

// Source gives writes, in segments that can be read beside each other. The same source gives the same segments each time.
type Source interface {
	// Segments is the number of segments.
	Segments() int
	// Read gives the pages of a segment from a position on. It ends with the segment, with an error, or with the error of yield.
	Read(ctx context.Context, segment int, from Position, yield func(Page) error) error
}

// API is what the engine calls. *dynamodb.Client has it; it should not retry throttled calls by itself.
type API interface {
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Config is one load.
type Config struct {
	Source  Source
	API     API
	Table   string
	Readers int // 0: 4
	Writers int // 0: 16
	// Checkpoint is the file that remembers positions; empty: a load that was killed begins again.
	Checkpoint string
	// Refused is told of a write that can never be made, and why. It may be called from several goroutines.
	Refused func(types.WriteRequest, error)
	// Report is told of progress, about once a second.
	Report func(Progress)
	Clock  clock.Clock
}

// Progress is how far a load is, over all of its processes.
type Progress struct {
	Written int64
	Rate    float64 // writes a second, of late
}

// Result is what a load did, over all of its processes.
type Result struct {
	Written   int64
	Refused   int64
	Throttled int64 // calls, of this process
	Made      int64 // writes of this process
}

// Run loads.
func Run(ctx context.Context, c Config) (Result, error) {
	if c.Readers == 0 {
		c.Readers = 4
	}
	if c.Writers == 0 {
		c.Writers = 16
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	r := &run{Config: c, pace: newPace(c.Clock), batches: make(chan batch, c.Writers), segments: make([]segment, c.Source.Segments())}
	if err := r.open(); err != nil {
		return Result{}, err
	}
	if err := r.save(); err != nil { // before the first write: what is written from here on is this load's
		return Result{}, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var readers, writers, watcher sync.WaitGroup
	next := make(chan int)
	for range c.Readers {
		readers.Go(func() {
			for i := range next {
				if err := r.read(ctx, i); err != nil {
					stop(err)
				}
			}
		})
	}
	for range c.Writers {
		writers.Go(func() {
			for b := range r.batches {
				if err := r.write(ctx, b); err != nil {
					stop(err)
				}
			}
		})
	}
	done := make(chan struct{})
	watcher.Go(func() { r.watch(ctx, done, stop) })
	for i := range r.segments {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	readers.Wait()
	close(r.batches)
	writers.Wait()
	close(done)
	watcher.Wait()
	err := context.Cause(ctx)
	if saved := r.save(); err == nil {
		err = saved
	}
	return r.result(), err
}

type run struct {
	Config
	pace    *pace
	batches chan batch

	mu       sync.Mutex
	segments []segment
	first    Result // of earlier processes
	now      Result
}

// batch is writes of one page: either writes or puts.
type batch struct {
	writes []types.WriteRequest
	puts   [][]byte
	page   *page
}

func (b batch) size() int { return len(b.writes) + len(b.puts) }

// read reads one segment to its end.
func (r *run) read(ctx context.Context, i int) error {
	from, whole := r.position(i)
	if whole {
		return nil
	}
	err := r.Source.Read(ctx, i, from, func(p Page) error {
		open, err := r.begin(ctx, i, p)
		if err != nil {
			return err
		}
		for w := range slices.Chunk(p.Writes, Batch) {
			if err := r.pass(ctx, batch{writes: w, page: open}); err != nil {
				return err
			}
		}
		for w := range slices.Chunk(p.Puts, Batch) {
			if err := r.pass(ctx, batch{puts: w, page: open}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("segment %d: %w", i, err)
	}
	r.ended(i)
	return nil
}

// pass hands a batch to the writers.
func (r *run) pass(ctx context.Context, b batch) error {
	select {
	case r.batches <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// watch reports and saves once a second.
func (r *run) watch(ctx context.Context, done <-chan struct{}, stop context.CancelCauseFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-done
		cancel()
	}()
	last, at := r.result().Written, r.Clock.Now()
	for clock.Sleep(ctx, time.Second) == nil {
		now, res := r.Clock.Now(), r.result()
		if r.Report != nil {
			r.Report(Progress{Written: res.Written, Rate: float64(res.Written-last) / max(now.Sub(at).Seconds(), 1e-3)})
		}
		last, at = res.Written, now
		if err := r.save(); err != nil {
			stop(err)
			return
		}
	}
}

func (r *run) result() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Result{r.first.Written + r.now.Written, r.first.Refused + r.now.Refused, r.now.Throttled, r.now.Written}
}

// ErrStuck is when a table takes nothing for a long time.
var ErrStuck = errors.New("the table has taken no write for 10 minutes")
