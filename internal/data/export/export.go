// Package export reads what DynamoDB exported to S3, and keeps a catalogue of it.
//
// Promise: nothing of an export is used before all of its files were read to the end and found to be those that the manifest names: by
// their MD5, their number of items, and their form. A full export and the incremental ones after it are one Chain, which gives each item
// once, as it was at the chain's end. A file that is missing or damaged is named.
//
// The format is that of "DynamoDB table export output format" in the Amazon DynamoDB Developer Guide, in DynamoDB JSON.
package export

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // the checksum that AWS writes into its manifests
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Store is where exports are kept. *s3.Client is one.
type Store interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Export is one finished export in a bucket.
type Export struct {
	Prefix string    `json:"prefix"` // of its objects: .../AWSDynamoDB/ID
	Full   bool      `json:"full"`
	From   time.Time `json:"from,omitzero"` // of an incremental one: changes after it
	To     time.Time `json:"to"`            // of a full one: the instant of its items
	Items  int64     `json:"items"`
	Bytes  int64     `json:"bytes"` // billed
}

// File is one data file of an export.
type File struct {
	Key   string `json:"dataFileS3Key"`
	Items int64  `json:"itemCount"`
	MD5   string `json:"md5Checksum"` // base64
}

// The bounds of what is read from a bucket.
const (
	maxSummary  = 1 << 20
	maxManifest = 256 << 20
	maxLine     = 4 << 20 // an item is at most 400 KB, and JSON makes more of it
)

// summary is manifest-summary.json.
type summary struct {
	ExportTime  time.Time `json:"exportTime"`
	FromTime    time.Time `json:"exportFromTime"`
	ToTime      time.Time `json:"exportToTime"`
	FilesKey    string    `json:"manifestFilesS3Key"`
	Items       int64     `json:"itemCount"`
	Billed      int64     `json:"billedSizeBytes"`
	Format      string    `json:"outputFormat"`
	Type        string    `json:"exportType"`
	SourceTable string    `json:"tableArn"`
}

// Bucket is a bucket that holds exports.
type Bucket struct {
	Store Store
	Name  string
}

// Open reads an export's manifests. Prefix is that of its objects.
func (b Bucket) Open(ctx context.Context, prefix string) (Export, []File, error) {
	var s summary
	text, err := b.small(ctx, path.Join(prefix, "manifest-summary.json"), maxSummary)
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return Export{}, nil, &DamagedError{b.url(path.Join(prefix, "manifest-summary.json")), "it is missing"}
	}
	if err == nil {
		err = b.parse(path.Join(prefix, "manifest-summary.json"), text, &s)
	}
	if err != nil {
		return Export{}, nil, err
	}
	e := Export{Prefix: prefix, Full: s.Type != "INCREMENTAL_EXPORT", From: s.FromTime, To: s.ToTime, Items: s.Items, Bytes: s.Billed}
	if e.Full {
		e.From, e.To = time.Time{}, s.ExportTime
	}
	if s.Format != "DYNAMODB_JSON" {
		return e, nil, fmt.Errorf("the export under %s is in %s; only DYNAMODB_JSON can be read", b.url(prefix), s.Format)
	}
	text, err = b.small(ctx, s.FilesKey, maxManifest)
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return e, nil, &DamagedError{b.url(s.FilesKey), "it is missing"}
	}
	if err != nil {
		return e, nil, err
	}
	var files []File
	for line := range bytes.Lines(text) {
		var f File
		if err := b.parse(s.FilesKey, line, &f); err != nil {
			return e, nil, err
		}
		files = append(files, f)
	}
	return e, files, nil
}

func (b Bucket) url(key string) string { return "s3://" + b.Name + "/" + key }

func (b Bucket) parse(key string, text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return &DamagedError{b.url(key), err.Error()}
	}
	return nil
}

func (b Bucket) small(ctx context.Context, key string, most int64) ([]byte, error) {
	out, err := b.Store.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", b.url(key), err)
	}
	text, err := io.ReadAll(io.LimitReader(out.Body, most+1))
	if err = errors.Join(err, out.Body.Close()); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", b.url(key), err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", b.url(key), most)
	}
	return text, nil
}

// DamagedError is a data file that is not what its manifest says.
type DamagedError struct {
	File string // its URL
	What string
}

// Error names the file.
func (e *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %s", e.File, e.What) }

// lines gives the lines of a data file, each valid until the next. It ends with an error if the file is not what the manifest says.
func (b Bucket) lines(ctx context.Context, f File, see func(line []byte, n int64) error) (err error) {
	damaged := func(format string, args ...any) error {
		return &DamagedError{b.url(f.Key), fmt.Sprintf(format, args...)}
	}
	out, err := b.Store.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: aws.String(f.Key)})
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return damaged("it is missing")
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", b.url(f.Key), err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	raw := &packed{r: out.Body, sum: md5.New(), room: make([]byte, 64<<10)} //nolint:gosec // as above
	z, err := gzip.NewReader(raw)
	if err != nil {
		return cause(raw, damaged("%v", err))
	}
	r, n := bufio.NewReaderSize(z, 64<<10), int64(0)
	var long []byte
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) || len(long) > 0 {
			long = append(long, line...)
			if len(long) > maxLine {
				return damaged("line %d is longer than %d bytes", n+1, maxLine)
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			line = long
		}
		if len(bytes.TrimSpace(line)) > 0 {
			n++
			if err := see(line, n); err != nil {
				return err
			}
		}
		long = long[:0]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return cause(raw, damaged("%v", err))
		}
	}
	return b.agrees(raw, f, n, damaged)
}

// agrees compares a file that was read with its manifest.
func (b Bucket) agrees(raw *packed, f File, n int64, damaged func(string, ...any) error) error {
	if _, err := io.Copy(io.Discard, raw); err != nil { // what follows the packed data counts too
		return fmt.Errorf("%s cannot be read: %w", b.url(f.Key), err)
	}
	if got := base64.StdEncoding.EncodeToString(raw.sum.Sum(nil)); f.MD5 != "" && got != f.MD5 {
		return damaged("its MD5 is %s, and %s in the manifest", got, f.MD5)
	}
	if n != f.Items {
		return damaged("it holds %d items, and %d by the manifest", n, f.Items)
	}
	return nil
}
