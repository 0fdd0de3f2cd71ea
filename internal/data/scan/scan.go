// Package scan reads whole DynamoDB tables, in parallel.
//
// Promise: every item that is there from the beginning to the end of a scan is given exactly once. Reads are consistent: what was written before
// the scan began is seen. A throttled or failed page is read again; memory is bounded by a page (1 MB) for each segment that is read.
package scan

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// API is what a scan calls. *dynamodb.Client has it.
type API interface {
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Table is a table that is read. It is a load.Source of puts.
type Table struct {
	API   API
	Name  string
	Parts int // segments; 0: 8
}

var _ load.Source = Table{}

// Segments is the number of parts.
func (t Table) Segments() int {
	if t.Parts == 0 {
		return 8
	}
	return t.Parts
}

// Read gives the items of a segment as puts.
func (t Table) Read(ctx context.Context, segment int, from load.Position, yield func(load.Page) error) error {
	return t.Items(ctx, segment, from, func(items []item.Item, next load.Position) error {
		p := load.Page{Next: next, Writes: make([]types.WriteRequest, len(items))}
		for i, it := range items {
			p.Writes[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}
		}
		return yield(p)
	})
}

const (
	firstWait = 50 * time.Millisecond
	maxWait   = 5 * time.Second
	attempts  = 12 // of a page: about 40 s
)

// Items gives the items of a segment, page by page, from a position on.
func (t Table) Items(ctx context.Context, segment int, from load.Position, yield func([]item.Item, load.Position) error) error {
	start, err := key(from)
	if err != nil {
		return fmt.Errorf("position of segment %d: %w", segment, err)
	}
	in := &dynamodb.ScanInput{TableName: &t.Name, ConsistentRead: aws.Bool(true), Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(int32(t.Segments()))} //nolint:gosec // at most 1,000,000 segments
	for {
		in.ExclusiveStartKey = start
		out, err := t.page(ctx, in)
		if err != nil {
			return err
		}
		start = out.LastEvaluatedKey
		var next load.Position
		if len(start) > 0 {
			b, err := item.Encode(start)
			if err != nil {
				return err
			}
			next = load.Position(b)
		}
		if err := yield(out.Items, next); err != nil || len(start) == 0 {
			return err
		}
	}
}

func key(p load.Position) (item.Item, error) {
	if p == "" {
		return nil, nil
	}
	return item.Decode([]byte(p))
}

func (t Table) page(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, error) {
	wait := firstWait
	for n := 1; ; n++ {
		out, err := t.API.Scan(ctx, in)
		if err == nil || n == attempts || !load.Passing(err) {
			return out, err
		}
		if clock.Sleep(ctx, wait) != nil {
			return nil, context.Cause(ctx)
		}
		wait = min(2*wait, maxWait)
	}
}

// Each gives every item of the table to see, from several goroutines at once, one for a segment.
func (t Table) Each(ctx context.Context, see func(segment int, it item.Item) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	errs := make([]error, t.Segments())
	for i := range t.Segments() {
		group.Go(func() {
			errs[i] = t.Items(ctx, i, "", func(items []item.Item, _ load.Position) error {
				for _, it := range items {
					if err := see(i, it); err != nil {
						return err
					}
				}
				return nil
			})
			if errs[i] != nil {
				stop(errs[i])
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// Sum is the count and digest of all items.
func (t Table) Sum(ctx context.Context) (item.Sum, error) {
	sums, buffers := make([]item.Sum, t.Segments()), make([][]byte, t.Segments())
	err := t.Each(ctx, func(i int, it item.Item) error {
		b, err := item.Append(buffers[i][:0], it)
		if err != nil {
			return err
		}
		buffers[i] = b
		sums[i].Add(item.HashOf(b))
		return nil
	})
	var all item.Sum
	for _, s := range sums {
		all.Merge(s)
	}
	return all, err
}
