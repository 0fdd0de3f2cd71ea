package load

import (
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
)

const (
	firstWait = 20 * time.Millisecond // after a call that a table throttled or that failed on its way; doubles
	maxWait   = 5 * time.Second
	patience  = 10 * time.Minute // without a single write, before a load gives up
)

// write makes the writes of a batch, however often it must try.
func (r *run) write(ctx context.Context, b batch) error {
	left, wait, since := b.writes, firstWait, r.Clock.Now()
	for len(left) > 0 {
		if err := r.pace.wait(ctx, len(left)); err != nil {
			return context.Cause(ctx)
		}
		out, err := r.API.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{r.Table: left}})
		again := left
		switch {
		case err == nil:
			again = out.UnprocessedItems[r.Table]
		case invalid(err):
			return r.oneByOne(ctx, b.page, left)
		case !passing(err):
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		if made := len(left) - len(again); made > 0 {
			r.finish(b.page, made, 0)
			r.pace.made(made)
			wait, since = firstWait, r.Clock.Now()
		}
		left = again
		if len(left) == 0 {
			return nil
		}
		if err == nil || throttle(err) {
			r.throttled()
		}
		if r.Clock.Now().Sub(since) > patience {
			return stuck(err)
		}
		if clock.Sleep(ctx, wait) != nil {
			return context.Cause(ctx)
		}
		wait = min(2*wait, maxWait)
	}
	return nil
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

// oneByOne makes writes singly, after DynamoDB found something wrong with their batch, and sets those aside that are wrong.
func (r *run) oneByOne(ctx context.Context, p *page, writes []types.WriteRequest) error {
	for _, w := range writes {
		wait, since := firstWait, r.Clock.Now()
		for {
			if err := r.pace.wait(ctx, 1); err != nil {
				return context.Cause(ctx)
			}
			err := r.single(ctx, w)
			if err == nil {
				r.finish(p, 1, 0)
				r.pace.made(1)
				break
			}
			if invalid(err) {
				if r.Refused != nil {
					r.Refused(w, err)
				}
				r.finish(p, 0, 1)
				break
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if !passing(err) {
				return err
			}
			if throttle(err) {
				r.throttled()
			}
			if r.Clock.Now().Sub(since) > patience {
				return stuck(err)
			}
			if clock.Sleep(ctx, wait) != nil {
				return context.Cause(ctx)
			}
			wait = min(2*wait, maxWait)
		}
	}
	return nil
}

func (r *run) single(ctx context.Context, w types.WriteRequest) error {
	if w.DeleteRequest != nil {
		_, err := r.API.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &r.Table, Key: w.DeleteRequest.Key})
		return err
	}
	_, err := r.API.PutItem(ctx, &dynamodb.PutItemInput{TableName: &r.Table, Item: w.PutRequest.Item})
	return err
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

// passing tells whether the same call may succeed later: it was throttled, DynamoDB had a problem of its own, or no answer came.
func passing(err error) bool {
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
