package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Document reads a JSON document that stands beside a catalogue, and tells whether there is one.
func (b Bucket) Document(ctx context.Context, key string, into any) (bool, error) {
	text, err := b.small(ctx, key, maxManifest)
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, b.parse(key, text, into)
}

// KeepDocument writes a JSON document beside a catalogue.
func (b Bucket) KeepDocument(ctx context.Context, w Writer, key string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: &key, Body: bytes.NewReader(text), ContentType: aws.String("application/json")})
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", b.url(key), err)
	}
	return nil
}
