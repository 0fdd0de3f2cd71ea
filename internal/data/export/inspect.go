package export

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
)

// Inspect reads every file of an export to the end, and gives the files that its manifests name with what is wrong with them. An error is a
// bucket that does not answer.
func (b Bucket) Inspect(ctx context.Context, prefix string, schema []string) (files []File, damaged []*DamagedError, err error) {
	e, files, err := b.Open(ctx, prefix)
	if d, ok := errors.AsType[*DamagedError](err); ok {
		return nil, []*DamagedError{d}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	c := &Chain{bucket: b, schema: schema}
	read := func(f File) error {
		if e.Full {
			_, err := c.sum(ctx, f)
			return err
		}
		return b.lines(ctx, f, func(line []byte, n int64) error {
			_, _, err := c.change(f, line, n)
			return err
		})
	}
	var mu sync.Mutex
	err = each(ctx, files, func(f File) error {
		err := read(f)
		d, ok := errors.AsType[*DamagedError](err)
		if !ok {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		damaged = append(damaged, d)
		return nil
	})
	slices.SortFunc(damaged, func(x, y *DamagedError) int { return cmp.Compare(x.File, y.File) })
	return files, damaged, err
}
