package export

import (
	"context"
	"errors"

	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// Sample gives about n items of the chain, as far apart as its order allows; all of them when there are no more. Check must have read the chain.
func (c *Chain) Sample(ctx context.Context, n int, see func(item.Item) error) error {
	every, i := max(1, c.Sum.Count/int64(max(1, n))), int64(0)
	enough := errors.New("enough")
	page := func(p load.Page) error {
		for k := range len(p.Puts) + len(p.Writes) {
			if n == 0 {
				return enough
			}
			if i++; (i-1)%every != 0 {
				continue
			}
			n--
			it, err := put(p, k)
			if err == nil {
				err = see(it)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	for segment := range c.Segments() {
		if err := c.Read(ctx, segment, "", page); errors.Is(err, enough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// put gives the kth item of a chain's page, which only puts.
func put(p load.Page, k int) (item.Item, error) {
	if k < len(p.Puts) {
		return item.Decode(p.Puts[k])
	}
	return p.Writes[k-len(p.Puts)].PutRequest.Item, nil
}
