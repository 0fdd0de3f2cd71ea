// Package history shows one item of a table over time.
//
// Promise: a state is said to have held only between instants for which sources prove it, and the sources are named; what nobody can see is said to be
// unknown, with the reason. Sources are read cheapest first: the item as it is, the vault's exports, the table's stream; a point-in-time restore
// is made only for the instants that a person named. A source that cannot be read is listed with its error, and proves nothing.
package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
	"github.com/lifeboat-dr/lifeboat/internal/data/beside"
	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/data/item"
	"github.com/lifeboat-dr/lifeboat/internal/data/protect"
)

// API is what reading an item's history calls. *dynamodb.Client has it.
type API interface {
	beside.API
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Config is an item and where its history may be found.
type Config struct {
	beside.Config
	API     API
	Streams Streams
	Vault   export.Bucket // nil Store: the plan has no vault
	Place   string        // of the table's exports in the vault
	Key     string        // as a person writes it, see Key
	Since   time.Time     // zero: as far back as anything is known
	Restore []time.Time   // instants to restore
	Clock   clock.Clock
}

// State is what was so between two instants.
type State struct {
	From, To time.Time
	Known    bool
	Item     item.Item // nil: it was not there, if Known
	Sources  []string  // that prove it
	Unless   string    // what an absence may hide
	Why      string    // why it is unknown
	Changed  bool      // of an unknown one: it was not the same at both ends

	digest string
	before string
}

// Source is a place that was looked into.
type Source struct {
	Name   string `json:"name"`
	Said   string `json:"said"`
	Failed bool   `json:"failed"`
}

// Result is an item's history.
type Result struct {
	Key     item.Item
	Now     time.Time
	States  []State
	Sources []Source
}

// History is ready to be looked at. It must be closed.
type History struct {
	Config
	Shelf *beside.Shelf
	Keys  []string // the table's key attributes

	key   item.Item
	facts []fact
	still []silence
	read  []streamed
	seen  []Source
}

// Prepare makes ready what costs nothing: it reads the key, and looks whether the instants to restore can be reached.
func Prepare(ctx context.Context, c Config) (h *History, err error) {
	c.Config.API = c.API
	h = &History{Config: c}
	if h.Shelf, err = beside.Open(ctx, c.Config); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	h.Keys = protect.Keys(h.Shelf.Source.KeySchema)
	if h.key, err = Key(c.Key, h.Shelf.Source); err != nil {
		return h, err
	}
	if len(c.Restore) == 0 {
		return h, nil
	}
	w, err := h.Shelf.Window(ctx)
	for _, at := range c.Restore {
		if err == nil {
			err = h.Shelf.Check(w, at)
		}
	}
	return h, err
}

// Close lets other processes look at the table's past.
func (h *History) Close() error { return h.Shelf.Close() }

// Clear deletes the restored copies that are left.
func (h *History) Clear(ctx context.Context) error { return h.Shelf.Clear(ctx) }

// Look reads the sources. The table is read first, because without it nothing is worth the rest, and last, because what it says then is the present.
func (h *History) Look(ctx context.Context) (Result, error) {
	const name = "the table"
	_, said, err := h.get(ctx, h.Table)
	if err == nil {
		h.saw(name, said)
		h.vault(ctx)
		for _, at := range h.Restore {
			if err := h.restored(ctx, at); err != nil {
				return Result{}, err
			}
		}
		h.stream(ctx)
		err = ctx.Err()
	}
	var now item.Item
	if err == nil {
		now, _, err = h.get(ctx, h.Table)
	}
	if err != nil {
		return Result{}, awscloud.Explain(err, "the item cannot be read from table "+h.Table, h.Site)
	}
	end := h.present()
	for _, s := range h.read {
		h.streamed(s, end, digest(now))
	}
	h.facts = append(h.facts, fact{from: end, to: end, item: now, source: name})
	return Result{Key: h.key, Now: end, States: timeline(h.facts, h.still, h.Since, end), Sources: h.seen}, nil
}

// present is now, by our clock or, where sources are ahead of it as a drill cloud's may be, just after them.
func (h *History) present() time.Time {
	now, seen := h.Clock.Now().UTC(), time.Time{}
	for _, f := range h.facts {
		seen = later(seen, f.to)
	}
	for _, q := range h.still {
		seen = later(seen, q.to)
	}
	if seen.After(now) {
		now = seen.Add(2 * time.Second) // by how much it is ahead, nobody knows
	}
	for _, s := range h.read {
		now = later(now, s.last.Add(time.Second))
	}
	return now
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (h *History) get(ctx context.Context, table string) (it item.Item, said string, err error) {
	out, err := h.API.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: h.key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, "", err
	}
	if len(out.Item) == 0 {
		return nil, "the item is not there", nil
	}
	return out.Item, "the item is there", nil
}

// restored looks into the table as it was at an instant.
func (h *History) restored(ctx context.Context, at time.Time) error {
	h.Tell(fmt.Sprintf("restoring the table as of %s; AWS takes at least %s", stamp(at), clock.Brief(beside.Shortest)))
	c, err := h.Shelf.Restore(ctx, at)
	if err != nil {
		return err
	}
	it, said, err := h.get(ctx, c.Name)
	if err != nil {
		return awscloud.Explain(err, "the item cannot be read from the table as of "+stamp(at), h.Site)
	}
	name := "the restore of " + stamp(at)
	h.saw(name, said)
	h.facts = append(h.facts, fact{from: at, to: at, item: it, source: name})
	return h.Shelf.Delete(ctx, c)
}

func (h *History) saw(name, said string) { h.seen = append(h.seen, Source{Name: name, Said: said}) }

func (h *History) failed(name string, err error) {
	h.seen = append(h.seen, Source{Name: name, Said: err.Error(), Failed: true})
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
