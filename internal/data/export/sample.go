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
	take := func() (bool, error) {
		if n == 0 {
			return false, enough
		}
		i++
		if (i-1)%every != 0 {
			return false, nil
		}
		n--
		return true, nil
	}
	page := func(p load.Page) error {
		for _, text := range p.Puts {
			ok, err := take()
			var it item.Item
			if ok {
				it, err = item.Decode(text)
			}
			if ok && err == nil {
				err = see(it)
			}
			if err != nil {
				return err
			}
		}
		for _, w := range p.Writes {
			ok, err := take()
			if ok {
				err = see(w.PutRequest.Item)
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
