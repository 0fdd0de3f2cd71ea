package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// Chain is a full export and the incremental ones that follow it without a gap: a table as it was at Until.
type Chain struct {
	Full  Export // that it begins with
	Until time.Time
	Sum   item.Sum // of all items, once Check was called
	Bytes int64

	bucket Bucket
	schema []string
	files  []File                            // of the full export
	later  map[item.Hash]*types.WriteRequest // by key: what became of an item after the full export
	keys   []item.Hash                       // of later, in one order
}

// Choose gives the exports of the chain that reaches closest to an instant, and not past it; zero is the latest. There is none when the
// first full export is younger.
func Choose(all []Export, at time.Time) []Export {
	if !at.IsZero() {
		all = slices.DeleteFunc(slices.Clone(all), func(e Export) bool { return e.To.After(at) })
	}
	var best []Export
	for _, chain := range Chains(all) {
		if best == nil || !chain[len(chain)-1].To.Before(best[len(best)-1].To) {
			best = chain
		}
	}
	return best
}

// Chains gives every full export with those that follow it without a gap, the oldest first.
func Chains(all []Export) [][]Export {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Export) int { return a.To.Compare(b.To) })
	var chains [][]Export
	for i, full := range all {
		if !full.Full {
			continue
		}
		chain := []Export{full}
		for _, e := range all[i+1:] {
			if end := chain[len(chain)-1].To; !e.Full && !e.From.After(end) && e.To.After(end) {
				chain = append(chain, e)
			}
		}
		chains = append(chains, chain)
	}
	return chains
}

// Check reads every file of the exports of a chain to the end, and gives the chain only if all of them are whole.
func (b Bucket) Check(ctx context.Context, exports []Export, schema []string) (*Chain, error) {
	c := &Chain{bucket: b, schema: schema, later: map[item.Hash]*types.WriteRequest{}}
	for i, e := range exports {
		got, files, err := b.Open(ctx, e.Prefix)
		if err != nil {
			return nil, err
		}
		c.Until, c.Bytes = got.To, c.Bytes+got.Bytes
		if i == 0 {
			c.Full, c.files = got, files
			continue
		}
		for _, f := range files {
			if err := c.changes(ctx, f); err != nil {
				return nil, err
			}
		}
	}
	var mu sync.Mutex
	err := each(ctx, c.files, func(f File) error {
		sum, err := c.sum(ctx, f)
		mu.Lock()
		defer mu.Unlock()
		c.Sum.Merge(sum)
		return err
	})
	if err != nil {
		return nil, err
	}
	for k, w := range c.later {
		c.keys = append(c.keys, k)
		if w.PutRequest == nil {
			continue
		}
		text, err := item.Append(nil, w.PutRequest.Item)
		if err != nil {
			return nil, err
		}
		c.Sum.Add(item.HashOf(text))
	}
	slices.SortFunc(c.keys, func(a, b item.Hash) int {
		return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
	})
	return c, nil
}

// readers is how many files are read at once.
const readers = 4

func each(ctx context.Context, files []File, do func(File) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan File)
	var group sync.WaitGroup
	for range min(readers, len(files)) {
		group.Go(func() {
			for f := range next {
				if err := do(f); err != nil {
					stop(err)
				}
			}
		})
	}
	for _, f := range files {
		select {
		case next <- f:
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
	return context.Cause(ctx)
}

// changes takes an incremental export's file: the last word about each key.
func (c *Chain) changes(ctx context.Context, f File) error {
	return c.bucket.lines(ctx, f, func(line []byte, n int64) error {
		key, w, err := c.change(f, line, n)
		if err == nil {
			c.later[item.HashOf(key)] = w
		}
		return err
	})
}

// change reads a line of an incremental export: an item's key, and the last word about it.
func (c *Chain) change(f File, line []byte, n int64) (key []byte, w *types.WriteRequest, err error) {
	got, err := item.Fields(line, "Keys", "NewImage")
	if err == nil {
		key, err = item.Key(nil, got["Keys"], c.schema)
	}
	if err != nil {
		return nil, nil, c.wrong(f, n, err)
	}
	if now, there := got["NewImage"]; there {
		return key, &types.WriteRequest{PutRequest: &types.PutRequest{Item: now}}, nil
	}
	return key, &types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: got["Keys"]}}, nil
}

func (c *Chain) wrong(f File, n int64, err error) error {
	return &DamagedError{c.bucket.url(f.Key), fmt.Sprintf("line %d: %v", n, err)}
}

// current reads an item of the full export, and tells whether it still was the same at the chain's end.
func (c *Chain) current(f File, line []byte, n int64, b []byte) (item.Item, []byte, bool, error) {
	got, err := item.Fields(line, "Item")
	it, there := got["Item"]
	if err == nil && !there {
		err = errors.New("it holds no item")
	}
	if err == nil {
		b, err = item.Key(b[:0], it, c.schema)
	}
	if err != nil {
		return nil, b, false, c.wrong(f, n, err)
	}
	_, changed := c.later[item.HashOf(b)]
	return it, b, !changed, nil
}

func (c *Chain) sum(ctx context.Context, f File) (item.Sum, error) {
	var sum item.Sum
	var b []byte
	err := c.bucket.lines(ctx, f, func(line []byte, n int64) error {
		it, buf, same, err := c.current(f, line, n, b)
		if b = buf; err != nil || !same {
			return err
		}
		if b, err = item.Append(b[:0], it); err != nil {
			return c.wrong(f, n, err)
		}
		sum.Add(item.HashOf(b))
		return nil
	})
	return sum, err
}

var _ load.Source = (*Chain)(nil)

// pageItems is how many items a page holds.
const pageItems = 500

// Segments is one for each file of the full export, and one for what changed after it.
func (c *Chain) Segments() int { return len(c.files) + 1 }

// Read gives the items of a segment as puts. A position is a number of lines, or of changed items.
func (c *Chain) Read(ctx context.Context, segment int, from load.Position, yield func(load.Page) error) error {
	skip, err := strconv.ParseInt("0"+string(from), 10, 64)
	if err != nil {
		return fmt.Errorf("position %q: %w", from, err)
	}
	if segment == len(c.files) {
		return c.changed(int(skip), yield)
	}
	var p load.Page
	var b, room []byte // room holds the items of a page
	f := c.files[segment]
	err = c.bucket.lines(ctx, f, func(line []byte, n int64) error {
		if n <= skip {
			return nil
		}
		text, buf, same, err := c.raw(f, line, n, b)
		b = buf
		if err != nil {
			return err
		}
		if same {
			from := len(room)
			room = append(room, text...)
			p.Puts = append(p.Puts, room[from:])
		}
		p.Next = load.Position(strconv.FormatInt(n, 10))
		if len(p.Puts) < pageItems {
			return nil
		}
		full := p
		p, room = load.Page{Puts: make([][]byte, 0, pageItems)}, make([]byte, 0, len(room)+len(room)/8)
		return yield(full)
	})
	if err == nil && p.Next != "" {
		err = yield(p)
	}
	return err
}

// raw gives the text of an item of the full export, which Check has read as a whole, and tells whether it still was the same at the chain's end.
func (c *Chain) raw(f File, line []byte, n int64, b []byte) (text, buffer []byte, same bool, err error) {
	var schema []string
	if len(c.later) > 0 { // else nothing depends on the key
		schema = c.schema
	}
	text, key, err := item.Raw(line, "Item", schema)
	if err == nil && text == nil {
		err = errors.New("it holds no item")
	}
	if err == nil {
		b, err = item.Key(b[:0], key, schema)
	}
	if err != nil {
		return nil, b, false, c.wrong(f, n, err)
	}
	_, changed := c.later[item.HashOf(b)]
	return text, b, !changed, nil
}

// changed gives the items that changed after the full export, and are there at the end.
func (c *Chain) changed(from int, yield func(load.Page) error) error {
	for i := min(from, len(c.keys)); i < len(c.keys); {
		var p load.Page
		for ; i < len(c.keys) && len(p.Writes) < pageItems; i++ {
			if w := c.later[c.keys[i]]; w.PutRequest != nil {
				p.Writes = append(p.Writes, *w)
			}
		}
		p.Next = load.Position(strconv.Itoa(i))
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}
