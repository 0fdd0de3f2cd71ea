package protect

import (
	"context"
	"errors"
	"fmt"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

// Verified is what was found when the vault's copies of a table were read again.
type Verified struct {
	Table   string   `json:"table"`
	Chains  int      `json:"chains"`
	Whole   int      `json:"whole"` // chains that a recovery can use
	Exports int      `json:"exports"`
	Bytes   int64    `json:"bytes"`
	Damaged []string `json:"damaged"` // what is wrong, with the file's name
}

// Verify reads every file of every chain in a table's catalogue, and makes no export. Damage is in the result; an error is a vault that does not answer.
func Verify(ctx context.Context, c Config) (Verified, error) {
	v := Verified{Table: c.Table, Damaged: []string{}}
	cat, err := c.catalogue(ctx)
	if err != nil {
		return v, err
	}
	v.Exports = len(cat.Exports)
	for _, e := range cat.Exports {
		v.Bytes += e.Bytes
	}
	for _, chain := range export.Chains(cat.Exports) {
		v.Chains++
		c.Tell(fmt.Sprintf("table %s: reading %d exports from %s on", c.Table, len(chain), chain[0].To.UTC().Format("2006-01-02 15:04:05 MST")))
		_, err := c.Vault.Check(ctx, chain, cat.Keys)
		if damaged, ok := errors.AsType[*export.DamagedError](err); ok {
			v.Damaged = append(v.Damaged, damaged.Error())
			continue
		}
		if err != nil {
			return v, c.unread(err)
		}
		v.Whole++
	}
	return v, nil
}
