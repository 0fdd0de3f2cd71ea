package scan

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Filter is a DynamoDB filter expression. The zero Filter lets every item pass.
type Filter struct {
	Expression string
	Names      map[string]string
	Values     map[string]types.AttributeValue
}

// Count counts all items, and those that pass a filter. DynamoDB does the counting: no item is sent.
func (t Table) Count(ctx context.Context, f Filter) (passed, all int64, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts := t.Segments()
	type count struct {
		passed, all int64
		err         error
	}
	counts := make([]count, parts)
	var group sync.WaitGroup
	for i := range parts {
		group.Go(func() {
			c := &counts[i]
			if c.passed, c.all, c.err = t.count(ctx, i, f); c.err != nil {
				stop()
			}
		})
	}
	group.Wait()
	for _, c := range counts {
		passed, all = passed+c.passed, all+c.all
		if c.err != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = c.err // not that others were stopped for it
		}
	}
	return passed, all, err
}

func (t Table) count(ctx context.Context, segment int, f Filter) (passed, all int64, err error) {
	in := &dynamodb.ScanInput{
		TableName: &t.Name, ConsistentRead: aws.Bool(true), Select: types.SelectCount,
		Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(int32(t.Segments())), //nolint:gosec // at most 1,000,000 segments
	}
	if f.Expression != "" {
		in.FilterExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues = &f.Expression, f.Names, f.Values
	}
	for {
		out, err := t.page(ctx, in)
		if err != nil {
			return passed, all, err
		}
		passed, all = passed+int64(out.Count), all+int64(out.ScannedCount)
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return passed, all, nil
		}
	}
}
