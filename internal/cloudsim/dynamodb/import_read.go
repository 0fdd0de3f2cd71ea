package dynamodb

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// maxLine bounds a line of an object: an item of 400 KB, written as wide as it can be.
const maxLine = 8 << 20

// source is where an import comes from, on its caller's behalf.
type source struct {
	Buckets
	call *sim.Call
	in   *importInput
}

func (f source) keys() ([]string, error) {
	place := f.in.S3BucketSource
	return f.Keys(f.call, place.S3BucketOwner, place.S3Bucket, place.S3KeyPrefix)
}

// read reads objects into the table. Items that are refused are counted; an error is one of the bucket.
func (f source) read(t *table, keys []string) (progress, error) {
	var done progress
	place := f.in.S3BucketSource
	for _, key := range keys {
		data, err := f.Get(f.call, place.S3BucketOwner, place.S3Bucket, key)
		if err != nil {
			return done, err
		}
		if len(data) > 0 {
			f.object(t, data, &done)
		}
	}
	return done, nil
}

// object reads one object. What cannot be read ends it: the rest of the object is not imported.
func (f source) object(t *table, data []byte, done *progress) {
	counted := &countingReader{r: bytes.NewReader(data)}
	if f.in.InputCompressionType == "GZIP" {
		z, err := gzip.NewReader(counted.r)
		if err != nil {
			done.Processed, done.Errors = done.Processed+1, done.Errors+1
			return
		}
		counted.r = z
	}
	next := f.lines(counted)
	if f.in.InputFormat == "CSV" {
		next = f.rows(t, counted)
	}
	for {
		attrs, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		done.Processed++
		if err == nil && t.take(attrs) {
			done.Imported++
			continue
		}
		done.Errors++
		if err != nil {
			break
		}
	}
	done.Bytes += counted.n
}

// take puts an item into the table, unless it is not one that the table can hold.
func (t *table) take(attrs item.Attrs) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys.check(attrs) != nil || t.checkItem(attrs, "") != nil {
		return false
	}
	place := t.place(attrs)
	old, _ := t.items.Get(place)
	t.store(place, old, attrs)
	return true
}
