package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Streams is what reading a table's stream calls. *dynamodbstreams.Client has it.
type Streams interface {
	ListStreams(context.Context, *dynamodbstreams.ListStreamsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.ListStreamsOutput, error)
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

// keep is how long a stream's records are there at least ("Change data capture for DynamoDB Streams").
const keep = 24 * time.Hour

// quiet is how many empty pages at its end an open shard must give before it counts as read. A page may be empty in the middle of a shard too
// (GetRecords), so what follows the last record is believed only if the table agrees.
const quiet = 5

// change is a record of the item in a stream.
type change struct {
	at       time.Time // rounded down to the second
	seq      string
	kind     types.OperationType
	new, old item.Item
}

// stream reads the table's streams, those that were switched off lately among them.
func (h *History) stream(ctx context.Context) {
	const name = "the table's stream"
	out, err := h.Streams.ListStreams(ctx, &dynamodbstreams.ListStreamsInput{TableName: &h.Table})
	if err != nil {
		h.failed(name, err)
		return
	}
	if len(out.Streams) == 0 {
		h.saw(name, "it is off")
		return
	}
	for _, s := range out.Streams {
		if err := h.one(ctx, aws.ToString(s.StreamArn)); err != nil {
			h.failed(name, err)
		}
	}
}

func (h *History) one(ctx context.Context, arn string) error {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &arn}
	var shards []types.Shard
	var d *types.StreamDescription
	for {
		out, err := h.Streams.DescribeStream(ctx, in)
		if err != nil {
			return err
		}
		d = out.StreamDescription
		shards = append(shards, d.Shards...)
		if in.ExclusiveStartShardId = d.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
	}
	h.Tell(fmt.Sprintf("reading the table's stream, %s", diag.Count(len(shards), "shard")))
	got := streamed{made: aws.ToTime(d.CreationRequestDateTime).UTC(), open: d.StreamStatus == types.StreamStatusEnabled, view: d.StreamViewType}
	for _, shard := range shards {
		err := h.shard(ctx, arn, aws.ToString(shard.ShardId), func(at time.Time, c *change) {
			got.last = later(got.last, at)
			if c != nil {
				got.mine = append(got.mine, *c)
			}
		})
		if err != nil {
			return err
		}
	}
	slices.SortStableFunc(got.mine, func(a, b change) int { return cmp.Or(cmp.Compare(len(a.seq), len(b.seq)), cmp.Compare(a.seq, b.seq)) })
	h.read = append(h.read, got)
	return nil
}

// streamed is what was read of a stream.
type streamed struct {
	mine []change
	made time.Time // when the stream was switched on
	last time.Time // of its records, those of other items among them; zero: it has none
	open bool
	view types.StreamViewType
}

// streamed takes what a stream says up to now. Where the table disagrees with its last record of the item, there are others that were not there yet.
func (h *History) streamed(s streamed, now time.Time, present string) {
	begin, end := s.made.Add(time.Second-1).Truncate(time.Second), now
	if early := now.Add(-keep); begin.Before(early) {
		begin = early
	}
	if n := len(s.mine); !s.open || n > 0 && s.view != types.StreamViewTypeKeysOnly && s.view != types.StreamViewTypeOldImage && digest(s.mine[n-1].new) != present {
		end = s.last
	}
	h.saw("the table's stream", fmt.Sprintf("%s of the item since %s (%s)", diag.Count(len(s.mine), "change"), stamp(begin), s.view))
	if end.After(begin) {
		h.changes(s.mine, begin, end)
	}
}

// changes takes what a stream says between two instants.
func (h *History) changes(mine []change, begin, end time.Time) {
	const source = "the table's stream"
	from := begin
	for i := 0; i <= len(mine); i++ {
		to := end
		if i < len(mine) {
			to = mine[i].at.Add(-tick)
		}
		f := fact{from: from, to: to, source: source}
		known := false
		if i > 0 { // what the change before made
			f.item, known = mine[i-1].new, mine[i-1].new != nil || mine[i-1].kind == types.OperationTypeRemove
		}
		if !known && i < len(mine) { // what the change behind found
			f.item, known = mine[i].old, mine[i].old != nil || mine[i].kind == types.OperationTypeInsert
		}
		if f.to.Before(f.from) { // several changes in one second
			f.to = f.from
		}
		switch {
		case known:
			h.facts = append(h.facts, f)
		default:
			if i > 0 {
				f.from = f.from.Add(time.Second) // the change was somewhere in it
			}
			if f.to.After(f.from) {
				h.still = append(h.still, silence{from: f.from, to: f.to, source: source})
			}
		}
		if i < len(mine) {
			from = mine[i].at
		}
	}
}

// shard reads a shard from the oldest record that is left, and gives the time of each, and those of the item.
func (h *History) shard(ctx context.Context, arn, id string, see func(time.Time, *change)) error {
	it, err := h.Streams.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{StreamArn: &arn, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		return err
	}
	want := digest(h.key)
	for next, empty := it.ShardIterator, 0; next != nil && empty < quiet; {
		out, err := h.Streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: next})
		if err != nil {
			if !load.Passing(err) {
				return err
			}
			if err := clock.Sleep(ctx, time.Second); err != nil {
				return err
			}
			continue
		}
		next, empty = out.NextShardIterator, empty+1
		for _, r := range out.Records {
			empty = 0
			at, c, err := record(r, want)
			if err != nil {
				return err
			}
			see(at, c)
		}
	}
	return nil
}

// record gives the time of a record, and what it says if it is of the item whose key has this digest.
func record(r types.Record, want string) (at time.Time, c *change, err error) {
	if r.Dynamodb == nil {
		return at, nil, nil
	}
	at = aws.ToTime(r.Dynamodb.ApproximateCreationDateTime).UTC()
	key, err := items(r.Dynamodb.Keys)
	if err != nil || digest(key) != want {
		return at, nil, err
	}
	c = &change{at: at, seq: aws.ToString(r.Dynamodb.SequenceNumber), kind: r.EventName}
	if c.new, err = items(r.Dynamodb.NewImage); err == nil {
		c.old, err = items(r.Dynamodb.OldImage)
	}
	return at, c, err
}
