package protect

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
)

// Dropped is a chain that retention no longer needs.
type Dropped struct {
	From    time.Time `json:"from"`  // its full export
	Until   time.Time `json:"until"` // its last one
	Exports int       `json:"exports"`
	Bytes   int64     `json:"bytes"`
	Deleted bool      `json:"deleted"` // else it was only shown
}

// retain drops the chains that no instant from since on needs: a later one begins at since or before. That one is read first, and must be whole. What
// is dropped is told before anything is deleted; it leaves the catalogue first, so that nobody recovers from a chain that is half there.
func (c Config) retain(ctx context.Context, cat *export.Catalogue, since time.Time) ([]Dropped, error) {
	out, err := c.expired(ctx, cat, since)
	if err != nil || !c.Delete {
		return out, err
	}
	if len(out) > 0 {
		if err := c.keep(ctx, cat); err != nil {
			return nil, err
		}
	}
	if len(cat.Dropping) == 0 {
		return nil, nil
	}
	if err := c.erase(ctx, cat); err != nil {
		return nil, err
	}
	cat.Dropping = nil
	for i := range out {
		out[i].Deleted = true
	}
	return out, c.keep(ctx, cat)
}

// expired finds the chains to drop. If they are to be deleted it moves their exports out of the catalogue's list.
func (c Config) expired(ctx context.Context, cat *export.Catalogue, since time.Time) (out []Dropped, err error) {
	chains := export.Chains(cat.Exports)
	first := 0 // the first chain that stays
	for i, chain := range chains {
		if !chain[0].To.After(since) {
			first = i
		}
	}
	if first == 0 {
		return nil, nil
	}
	if first < len(chains)-1 { // the last was read by Run
		if _, err := c.Vault.Check(ctx, chains[first], cat.Keys); err != nil {
			return nil, fmt.Errorf("no older export is dropped: %w", c.unread(err))
		}
	}
	word := "would be dropped: add --yes to delete it"
	if c.Delete {
		word = "is dropped, and its objects deleted"
	}
	for _, chain := range chains[:first] {
		d := Dropped{From: chain[0].To, Until: chain[len(chain)-1].To, Exports: len(chain)}
		for _, e := range chain {
			d.Bytes += e.Bytes
		}
		c.Tell(fmt.Sprintf("table %s: the chain of %s to %s, %d exports, %s: %s", c.Table, d.From.UTC().Format(time.DateTime), d.Until.UTC().Format(time.DateTime), d.Exports, Size(d.Bytes), word))
		out = append(out, d)
	}
	if c.Delete {
		cat.Exports = slices.DeleteFunc(cat.Exports, func(e export.Export) bool {
			old := !e.To.After(chains[first][0].To) && !slices.ContainsFunc(chains[first:], func(chain []export.Export) bool { return slices.Contains(chain, e) })
			if old {
				cat.Dropping = append(cat.Dropping, e)
			}
			return old
		})
	}
	return out, nil
}

// erase deletes the objects of the exports that are being dropped: those that their manifests name, and the manifests; nothing else, nothing outside of
// the table's place, and nothing that an export that stays needs.
func (c Config) erase(ctx context.Context, cat *export.Catalogue) error {
	needed := map[string]bool{}
	for _, e := range cat.Exports {
		_, files, err := c.Vault.Open(ctx, e.Prefix)
		if err != nil {
			return c.unread(err)
		}
		for _, f := range files {
			needed[f.Key] = true
		}
	}
	for _, e := range cat.Dropping {
		_, files, err := c.Vault.Open(ctx, e.Prefix)
		if damaged, ok := errors.AsType[*export.DamagedError](err); ok { // nobody knows its files
			c.Tell(fmt.Sprintf("table %s: %v; what is left of that export stays in the bucket", c.Table, damaged))
		} else if err != nil {
			return c.unread(err)
		}
		var keys []string
		for _, f := range files {
			if !needed[f.Key] {
				keys = append(keys, f.Key)
			}
		}
		for _, name := range manifests() {
			keys = append(keys, path.Join(e.Prefix, name))
		}
		for _, key := range keys {
			if path.Clean(key) != key || !strings.HasPrefix(key, c.Place+"/AWSDynamoDB/") {
				return fmt.Errorf("the catalogue of table %s names s3://%s/%s, which no export of this table made: it is not deleted", c.Table, c.Vault.Name, key)
			}
			if _, err := c.Writer.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &c.Vault.Name, Key: &key}); err != nil {
				return c.unread(fmt.Errorf("s3://%s/%s cannot be deleted: %w", c.Vault.Name, key, err))
			}
		}
	}
	return nil
}

// Size writes a number of bytes for people.
func Size(bytes int64) string {
	switch {
	case bytes < 1e3:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1e6:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	case bytes < 1e9:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
