package export

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lifeboat-dr/lifeboat/internal/data/load"
)

// Changes are what the incremental exports of a chain did to the full one, deletions too: written over it, they make it the chain.
type Changes struct{ chain *Chain }

var _ load.Source = Changes{}

// Changes gives the chain's changes, once Check was called.
func (c *Chain) Changes() Changes { return Changes{c} }

// Count is how many items were changed or deleted.
func (c Changes) Count() int64 { return int64(len(c.chain.keys)) }

// Segments is one.
func (Changes) Segments() int { return 1 }

// Read gives the last word about each item. A position is a number of items.
func (c Changes) Read(_ context.Context, _ int, from load.Position, yield func(load.Page) error) error {
	i, err := strconv.Atoi("0" + string(from))
	if err != nil {
		return fmt.Errorf("position %q: %w", from, err)
	}
	for keys := c.chain.keys; i < len(keys); {
		var p load.Page
		for ; i < len(keys) && len(p.Writes) < pageItems; i++ {
			p.Writes = append(p.Writes, *c.chain.later[keys[i]])
		}
		p.Next = load.Position(strconv.Itoa(i))
		if err := yield(p); err != nil {
			return err
		}
	}
	return nil
}
