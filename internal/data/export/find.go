package export

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
)

// Version is what an export has of one item.
type Version struct {
	At       time.Time // of an incremental one: when it was written last; zero where the export does not tell
	New, Old item.Item // nil: none
}

var errFound = errors.New("found")

// Find looks for an item in an export, by its key. Nil: the export does not have it, and all of it was read. The file that has it was read to its
// end and found whole; the others need not have been.
func (b Bucket) Find(ctx context.Context, prefix string, schema []string, key item.Item) (Export, *Version, error) {
	want, err := item.Key(nil, key, schema)
	if err != nil {
		return Export{}, nil, err
	}
	e, files, err := b.Open(ctx, prefix)
	if err != nil {
		return e, nil, err
	}
	var mu sync.Mutex
	var found *Version
	err = each(ctx, files, func(f File) error {
		v, err := b.findIn(ctx, f, schema, want, hint(key))
		if err != nil || v == nil {
			return err
		}
		mu.Lock()
		found = v
		mu.Unlock()
		return errFound
	})
	mu.Lock()
	defer mu.Unlock()
	if found != nil && (err == nil || errors.Is(err, errFound)) {
		return e, found, nil
	}
	return e, nil, err
}

// hint is a text that every line of the item holds, so that most lines need not be taken apart. It is empty where a text could be written in
// several ways.
func hint(key item.Item) []byte {
	for _, v := range key {
		s, ok := v.(*types.AttributeValueMemberS)
		if !ok || len(s.Value) == 0 {
			continue
		}
		plain := true
		for _, c := range []byte(s.Value) {
			plain = plain && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '#')
		}
		if plain {
			return []byte(`"` + s.Value + `"`)
		}
	}
	return nil
}

func (b Bucket) findIn(ctx context.Context, f File, schema []string, want, hint []byte) (*Version, error) {
	var found *Version
	err := b.lines(ctx, f, func(line []byte, n int64) error {
		if found != nil || !bytes.Contains(line, hint) {
			return nil
		}
		got, err := item.Fields(line, "Item", "Keys", "NewImage", "OldImage", "Metadata")
		if err != nil {
			return &DamagedError{b.url(f.Key), "line " + strconv.FormatInt(n, 10) + ": " + err.Error()}
		}
		key := got["Keys"]
		if whole, full := got["Item"]; full {
			key, got["NewImage"] = whole, whole
		}
		k, err := item.Key(nil, key, schema)
		if err != nil {
			return &DamagedError{b.url(f.Key), "line " + strconv.FormatInt(n, 10) + ": " + err.Error()}
		}
		if bytes.Equal(k, want) {
			found = &Version{At: written(got["Metadata"]), New: got["NewImage"], Old: got["OldImage"]}
		}
		return nil
	})
	return found, err
}

// written is the time of the last write in a line's metadata.
func written(meta item.Item) time.Time {
	n, ok := meta["WriteTimestampMicros"].(*types.AttributeValueMemberN)
	if !ok {
		return time.Time{}
	}
	micros, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
