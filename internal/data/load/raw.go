package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// rawCall is a BatchWriteItem of items that are in the form of the wire already: the SDK signs and sends the body, and does not write it. Taking
// items apart and putting them together again would cost more than all else that a load does.
type rawCall struct{ body []byte }

// body is the request for puts (Amazon DynamoDB API Reference, BatchWriteItem).
func body(table string, puts [][]byte) []byte {
	const open, shut = `{"PutRequest":{"Item":`, `}}`
	name, _ := json.Marshal(table) // a text can always be written
	size := len(`{"RequestItems":{:[]}}`) + len(name)
	for _, p := range puts {
		size += len(open) + len(p) + len(shut) + 1
	}
	b := append(append(append(make([]byte, 0, size), `{"RequestItems":{`...), name...), ":["...)
	for i, p := range puts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, open...), p...), shut...)
	}
	return append(b, "]}}"...)
}

// into puts the body into a call. Without it the call has no items, which DynamoDB refuses.
func (c rawCall) into(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error { return s.Serialize.Add(c, middleware.After) })
}

// ID names the middleware.
func (rawCall) ID() string { return "LifeboatRawItems" }

// HandleSerialize replaces what the SDK wrote.
func (c rawCall) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return middleware.SerializeOutput{}, middleware.Metadata{}, fmt.Errorf("a request of type %T takes no body", in.Request)
	}
	req, err := req.SetStream(bytes.NewReader(c.body))
	if err != nil {
		return middleware.SerializeOutput{}, middleware.Metadata{}, err
	}
	in.Request = req
	return next.HandleSerialize(ctx, in)
}
