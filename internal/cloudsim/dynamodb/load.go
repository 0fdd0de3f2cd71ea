package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// ReadState replaces the whole state by what WriteState wrote. When it fails, the state is as it was.
func (s *Service) ReadState(r io.Reader) error {
	l := loader{service: s, loaded: &sim.Regional[region]{}}
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return fmt.Errorf("load DynamoDB: the state is not a list: %w", err)
	}
	for n := 0; d.More(); n++ {
		var v section
		err := d.Decode(&v)
		if err == nil {
			err = l.section(&v)
		}
		if err != nil {
			return fmt.Errorf("load DynamoDB: section %d: %w", n, err)
		}
	}
	s.jobs.clear()
	s.regions.Store(l.loaded)
	l.loaded.Each(s.resume)
	return nil
}

// resume goes on with the exports and imports that were under way when the state was saved.
func (s *Service) resume(_ sim.Scope, r *region) {
	byID := map[string]*table{}
	for _, t := range r.all() {
		byID[t.id] = t
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.exports {
		if e.Status != "IN_PROGRESS" {
			continue
		}
		if t := byID[e.TableID]; t != nil && t.journal != nil {
			e.take(t)
			s.beginExport(r, e)
			continue
		}
		e.fail(sim.Errorf("InternalServerError", "the drill cloud was stopped while it wrote this export, and its table is gone"), s.world.Now())
	}
	for _, one := range r.imports {
		t := byID[one.TableID]
		switch {
		case !one.EndedAt.IsZero():
		case t == nil:
			one.EndedAt = s.world.Now()
			one.Code, one.Message = failure(sim.Errorf("InternalServerError", "the drill cloud was stopped during this import, and its table is gone"))
		default:
			t.def.Loading = true
			go s.runImport(r, one, t)
		}
	}
}

// loader reads a saved state.
type loader struct {
	service *Service
	loaded  *sim.Regional[region]
	at      *table // the one that the next items and changes belong to
}

func (l *loader) section(v *section) error {
	scope := sim.Scope{Account: v.Account, Region: v.Region}
	switch {
	case v.Item != nil && l.at == nil:
		return errors.New("an item without a table")
	case v.Item != nil:
		return l.item(string(v.Item))
	case v.Change != nil && (l.at == nil || l.at.journal == nil):
		return errors.New("a change without a table that has point-in-time recovery")
	case v.Change != nil:
		return l.change(v.Change)
	case v.Table != nil:
		return l.table(scope, v)
	case v.Record != nil:
		return l.record(v.Record)
	default:
		l.region(l.loaded.In(scope), v)
	}
	return nil
}

func (l *loader) region(r *region, v *section) {
	r.policies, r.exports, r.imports = v.Policies, map[string]*export{}, map[string]*load{}
	for i := range v.Exports {
		r.exports[v.Exports[i].ARN] = &v.Exports[i]
	}
	for i := range v.Imports {
		r.imports[v.Imports[i].ARN] = &v.Imports[i]
	}
}

// table begins a table, or the one that a backup keeps.
func (l *loader) table(scope sim.Scope, v *section) error {
	def := v.Table
	if len(def.KeySchema) == 0 {
		return fmt.Errorf("the table %q has no key", def.Name)
	}
	l.at = l.service.newTable(scope, *def)
	r := l.loaded.In(scope)
	if v.Backup != nil {
		l.at.indexes = nil
		r.addBackup(&backup{*v.Backup, l.at})
		return nil
	}
	if def.Recovery.Enabled {
		l.at.journal = l.service.newJournal(&def.Recovery)
	}
	if v.Streams != nil {
		l.at.streams = nil // those that are saved, not a new one
	}
	for _, s := range v.Streams {
		l.at.streams = append(l.at.streams, &stream{streamDefinition: s})
	}
	r.add(l.at)
	return nil
}

func (l *loader) record(v *savedRecord) error {
	if l.at == nil || v.Stream < 0 || v.Stream >= len(l.at.streams) {
		return errors.New("a record without a stream")
	}
	r := record{seq: v.Seq, at: v.At, expired: v.Expired}
	var err error
	if r.old, err = l.image(v.Old); err == nil {
		r.now, err = l.image(v.Now)
	}
	l.at.streams[v.Stream].push(r)
	return err
}

// image reads an item of a history; nothing is no item.
func (l *loader) image(text json.RawMessage) (item.Item, error) {
	if text == nil {
		return "", nil
	}
	attrs, err := l.at.parse(string(text))
	return item.New(attrs), err
}

func (l *loader) item(text string) error {
	attrs, err := l.at.parse(text)
	if err == nil {
		l.at.store(l.at.place(attrs), "", attrs)
	}
	return err
}

// parse reads an item of this table in DynamoDB JSON.
func (t *table) parse(text string) (item.Attrs, error) {
	r := wire.NewReader(text)
	attrs := item.ReadAttrs(r)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return attrs, t.keys.check(attrs)
}

func (l *loader) change(v *savedChange) error {
	old, err := l.image(v.Old)
	if err == nil {
		l.at.journal.push(change{v.At, string(v.Place), old})
	}
	return err
}
