package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lifeboat-dr/lifeboat/internal/data/export"
	"github.com/lifeboat-dr/lifeboat/internal/proc"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// pinned is the file in the step's folder that says which exports the step loads. They are chosen once: what is exported while a load is killed would
// make another chain, whose positions are not those of the load.
const pinned = "chain.json"

// pin is what the file holds.
type pin struct {
	Point   string          `json:"point"` // that the plan asked for
	Keys    []string        `json:"keys"`
	Exports []export.Export `json:"exports"`
}

const maxPin = 16 << 20

// chain finds the vault's exports that reach to the instant, and reads all of them.
func (u *turn) chain(ctx context.Context) (*export.Chain, export.Catalogue, error) {
	var cat export.Catalogue
	site := u.Plan.Site(u.cfg.Vault.Site)
	b, err := u.vault(ctx)
	if err != nil {
		return nil, cat, err
	}
	p, err := u.pin()
	if err == nil && p == nil {
		p, err = u.choose(ctx, b)
	}
	if err != nil {
		return nil, cat, err
	}
	cat.Keys, cat.Exports = p.Keys, p.Exports
	u.call.Tell(step.Progress{Message: fmt.Sprintf("reading %d exports of table %s to see that they are whole", len(p.Exports), u.name)})
	chain, err := b.Check(ctx, p.Exports, p.Keys)
	if damaged, ok := errors.AsType[*export.DamagedError](err); ok {
		e := &step.Error{Class: step.Permanent, Site: site.Name, What: damaged.Error(), Why: "nothing was loaded", Next: "Give the table an earlier point, so that another export is taken, or bring the file back from the bucket's versions"}
		if u.begun(positions) {
			e.Why, e.Next = "The load had begun from this export", "Bring the file back from the bucket's versions; or "+u.anew()
		}
		return nil, cat, e
	}
	if err != nil {
		return nil, cat, b.Explain(err, "the vault's export of table "+u.cfg.Table.Name+" cannot be read", site)
	}
	return chain, cat, u.keep(p)
}

// anew is what people do to begin a load again from another export.
func (u *turn) anew() string {
	return fmt.Sprintf("empty the table, remove %s and %s, and resume: the load then begins again", filepath.Join(u.call.Dir, positions), filepath.Join(u.call.Dir, pinned))
}

// choose gives the chain of the catalogue that the plan asks for.
func (u *turn) choose(ctx context.Context, b export.Bucket) (*pin, error) {
	site, name := u.Plan.Site(u.cfg.Vault.Site), u.cfg.Table.Name
	when, err := u.instant()
	if err != nil {
		return nil, err
	}
	cat, err := b.Catalogue(ctx, u.place())
	if err != nil {
		return nil, b.Explain(err, "the vault's catalogue of table "+name+" cannot be read", site)
	}
	exports := export.Choose(cat.Exports, when)
	if len(exports) > 0 {
		return &pin{u.cfg.Table.Point, cat.Keys, exports}, nil
	}
	e := &step.Error{Class: step.Permanent, Site: site.Name, What: fmt.Sprintf("the vault has no export of table %q", name), Next: "Run `lifeboat protect` before the next disaster; to go on without the data, remove the vault from the plan and accept the change"}
	if len(cat.Exports) > 0 {
		e.What = fmt.Sprintf("the vault has no export of table %q from %s or before; its first is of %s", name, when.Format("2006-01-02 15:04:05"), cat.Exports[0].To.Format("2006-01-02 15:04:05"))
		e.Next = "Give the table a later point"
	}
	return nil, e
}

// pin is the chain that an earlier turn chose; nil when there is none, or when the plan's point was changed before anything was written.
func (u *turn) pin() (*pin, error) {
	raw, err := proc.ReadFile(filepath.Join(u.call.Dir, pinned), maxPin)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no chain is an answer
	}
	p := &pin{}
	if err == nil {
		err = json.Unmarshal(raw, p)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("read which exports step %s loads: %w", u.call.Step, err)
	case p.Point == u.cfg.Table.Point:
		return p, nil
	case !u.begun(positions):
		return nil, nil //nolint:nilnil // as above
	}
	return nil, &step.Error{
		Class: step.Permanent, Site: u.call.Site.Name, What: fmt.Sprintf("table %s is being loaded as of %q, and the plan now asks for %q", u.name, p.Point, u.cfg.Table.Point),
		Why: "Items of two instants would be mixed", Next: "Put the point back; or " + u.anew(),
	}
}

func (u *turn) keep(p *pin) error {
	raw, err := json.Marshal(p)
	if err == nil {
		err = proc.WriteFile(filepath.Join(u.call.Dir, pinned), raw, 0o600)
	}
	return err
}

// beginAnew forgets how far the step was, and from which exports.
func (u *turn) beginAnew() error {
	var all []error
	for _, file := range []string{positions, changed, pinned} {
		if err := os.Remove(filepath.Join(u.call.Dir, file)); !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
