package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

const (
	firstWait = 20 * time.Millisecond // after a call that a table throttled or that failed on its way; doubles
	maxWait   = 5 * time.Second
	patience  = 10 * time.Minute // without a single write, before a load gives up
)

// write makes the writes of a batch, however often it must try. Once DynamoDB finds something wrong with them, they are made singly, and those that
// are wrong are set aside.
func (r *run) write(ctx context.Context, b batch) error {
	left, err := r.persist(ctx, b, r.together)
	if !invalid(err) {
		return err
	}
	for _, text := range left.puts {
		it, err := item.Decode(text)
		if err != nil {
			return err
		}
		left.writes = append(left.writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
	}
	for _, w := range left.writes {
		_, err := r.persist(ctx, batch{writes: []types.WriteRequest{w}, page: b.page}, r.single)
		if invalid(err) {
			if r.Refused != nil {
				r.Refused(w, err)
			}
			r.finish(b.page, 0, 1)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// persist calls try until all writes are made, and gives those that are left when it ends with an error.
func (r *run) persist(ctx context.Context, left batch, try func(context.Context, batch) (batch, error)) (batch, error) {
	for wait, since := firstWait, r.Clock.Now(); left.size() > 0; {
		if r.pace.wait(ctx, left.size()) != nil {
			return left, context.Cause(ctx)
		}
		again, err := try(ctx, left)
		if err != nil && !Passing(err) {
			return left, cmp.Or(context.Cause(ctx), err)
		}
		if made := left.size() - again.size(); made > 0 {
			r.finish(left.page, made, 0)
			r.pace.made(made)
			wait, since = firstWait, r.Clock.Now()
		}
		left = again
		if left.size() == 0 {
			break
		}
		if err == nil || throttle(err) {
			r.throttled()
		}
		if r.Clock.Now().Sub(since) > patience {
			return left, stuck(err)
		}
		if clock.Sleep(ctx, wait) != nil {
			return left, context.Cause(ctx)
		}
		wait = min(2*wait, maxWait)
	}
	return left, nil
}

func stuck(err error) error {
	if err == nil {
		return ErrStuck
	}
	return fmt.Errorf("%w: %w", ErrStuck, err)
}

func (r *run) throttled() {
	r.pace.throttled()
	r.mu.Lock()
	r.now.Throttled++
	r.mu.Unlock()
}

// together makes writes with one call, and gives those that DynamoDB gave back.
func (r *run) together(ctx context.Context, b batch) (batch, error) {
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{r.Table: b.writes}}
	var opts []func(*dynamodb.Options)
	if len(b.puts) > 0 {
		opts = append(opts, rawCall{body(r.Table, b.puts)}.into)
	}
	out, err := r.API.BatchWriteItem(ctx, in, opts...)
	if err != nil {
		return b, err
	}
	return batch{writes: out.UnprocessedItems[r.Table], page: b.page}, nil
}

// single makes one write.
func (r *run) single(ctx context.Context, b batch) (batch, error) {
	var err error
	if w := b.writes[0]; w.DeleteRequest != nil {
		_, err = r.API.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &r.Table, Key: w.DeleteRequest.Key})
	} else {
		_, err = r.API.PutItem(ctx, &dynamodb.PutItemInput{TableName: &r.Table, Item: w.PutRequest.Item})
	}
	if err != nil {
		return b, err
	}
	return batch{page: b.page}, nil
}

// invalid tells whether DynamoDB says that the writes themselves are wrong.
func invalid(err error) bool {
	c := code(err)
	return c == "ValidationException" || c == "ItemCollectionSizeLimitExceededException"
}

// throttle tells whether DynamoDB asks to slow down (Amazon DynamoDB Developer Guide, "Error handling with DynamoDB").
func throttle(err error) bool {
	switch code(err) {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded":
		return true
	}
	return false
}

// Passing tells whether the same call may succeed later: it was throttled, DynamoDB had a problem of its own, or no answer came.
func Passing(err error) bool {
	if throttle(err) {
		return true
	}
	e, answered := errors.AsType[smithy.APIError](err)
	if !answered {
		_, unsent := errors.AsType[*smithyhttp.RequestSendError](err)
		_, network := errors.AsType[net.Error](err)
		return (unsent || network || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)) && !errors.Is(err, context.Canceled)
	}
	return e.ErrorFault() == smithy.FaultServer || e.ErrorCode() == "InternalServerError" || e.ErrorCode() == "ServiceUnavailable"
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}
