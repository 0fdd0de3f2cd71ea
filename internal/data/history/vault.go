package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// vault reads the exports that the catalogue has.
func (h *History) vault(ctx context.Context) {
	const name = "the vault"
	if h.Vault.Store == nil {
		h.saw(name, "the plan has none")
		return
	}
	cat, err := h.Vault.Catalogue(ctx, h.Place)
	switch {
	case err != nil:
		h.failed(name, err)
		return
	case len(cat.Exports) == 0:
		h.saw(name, "it has no export of the table")
		return
	case cat.ARN != "" && cat.ARN != aws.ToString(h.Shelf.Source.TableArn):
		h.failed(name, fmt.Errorf("its exports are of %s, not of this table", cat.ARN))
		return
	}
	read, had := 0, 0
	for _, e := range relevant(cat.Exports, h.Since) {
		h.Tell(fmt.Sprintf("reading the export of %s", stamp(e.To)))
		_, v, err := h.Vault.Find(ctx, e.Prefix, h.Keys, h.key)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return
			}
			h.failed(name, err)
			continue
		}
		read++
		if v != nil {
			had++
		}
		h.export(e, v)
	}
	h.saw(name, fmt.Sprintf("%s read, %d of which have the item", diag.Count(read, "export"), had))
}

// relevant gives the exports that tell something from an instant on, the oldest first: the last full one before it, and those after it. A full
// export, which is read whole, is left out where incremental ones tell the same.
func relevant(all []export.Export, since time.Time) []export.Export {
	all = slices.SortedFunc(slices.Values(all), func(a, b export.Export) int { return a.To.Compare(b.To) })
	first := 0
	for i, e := range all {
		if e.Full && !e.To.After(since) {
			first = i
		}
	}
	var out []export.Export
	var known time.Time // up to here without a gap
	for _, e := range all[first:] {
		covered := slices.ContainsFunc(all[first:], func(i export.Export) bool {
			return !i.Full && !known.IsZero() && !i.From.After(known) && i.From.Before(e.To) && !i.To.Before(e.To)
		})
		if e.Full && (covered || !known.IsZero() && e.To.Equal(known)) {
			continue
		}
		if e.Full || !known.IsZero() && !e.From.After(known) {
			known = e.To
		}
		out = append(out, e)
	}
	return out
}

// export takes what an export says. It has what was written before its end, and an incremental one only the last change of each item.
func (h *History) export(e export.Export, v *export.Version) {
	end := e.To.Add(-tick)
	if e.Full {
		f := fact{from: end, to: end, source: "the vault's full export of " + stamp(e.To)}
		if v != nil {
			f.item = v.New
		}
		h.facts = append(h.facts, f)
		return
	}
	source := "the vault's incremental export of " + stamp(e.To)
	start := e.From.Add(-tick)
	if v == nil {
		h.still = append(h.still, silence{from: start, to: end, source: source, blind: true})
		return
	}
	f := fact{
		from: v.At, to: end, item: v.New, source: source,
		before: fmt.Sprintf("an incremental export shows only the last change of its window, here from %s to %s", stamp(e.From), stamp(e.To)),
	}
	if v.At.IsZero() || v.At.After(end) {
		f.from = end
	}
	h.facts = append(h.facts, f)
	if v.Old != nil {
		h.facts = append(h.facts, fact{from: start, to: start, item: v.Old, source: source})
	}
}
