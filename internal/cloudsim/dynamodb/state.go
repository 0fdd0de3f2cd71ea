package dynamodb

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/wire"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The saved state is a JSON list of sections. Each is one object: a table, whose items follow it as sections of
// their own in DynamoDB JSON, or the policies of a region. So neither side ever holds more than one section.
type section struct {
	Account  string            `json:"account,omitempty"`
	Region   string            `json:"region,omitempty"`
	Policies map[string]policy `json:"policies,omitempty"`
	Table    *definition       `json:"table,omitempty"`
	Item     json.RawMessage   `json:"item,omitempty"`
}

// Save gives the whole state.
func (s *Service) Save() (json.RawMessage, error) {
	var b bytes.Buffer
	err := s.WriteState(&b)
	return b.Bytes(), err
}

// Load replaces the whole state by one that Save or WriteState gave.
func (s *Service) Load(state json.RawMessage) error { return s.ReadState(bytes.NewReader(state)) }

// WriteState writes what Save gives, piece by piece, so that large tables need no memory. All tables are written as
// they are at one instant.
func (s *Service) WriteState(w io.Writer) error {
	out := &stateWriter{w: bufio.NewWriterSize(w, 1<<16)}
	tables := s.lockAll(out)
	defer func() {
		for _, t := range tables {
			t.mu.RUnlock()
		}
	}()
	for _, t := range tables {
		if _, gone := t.status(s.world.Now()); !gone {
			out.table(t)
		}
	}
	return out.end()
}

// lockAll writes the policies and locks all tables for reading, in the order of transactions.
func (s *Service) lockAll(out *stateWriter) []*table {
	var tables []*table
	var policies []section
	s.regions.Load().Each(func(scope sim.Scope, r *region) {
		r.mu.RLock()
		defer r.mu.RUnlock()
		if len(r.policies) > 0 {
			policies = append(policies, section{Account: scope.Account, Region: scope.Region, Policies: maps.Clone(r.policies)})
		}
		tables = slices.AppendSeq(tables, maps.Values(r.tables))
	})
	slices.SortFunc(policies, func(a, b section) int { return strings.Compare(a.Account+a.Region, b.Account+b.Region) })
	for _, p := range policies {
		out.section(p)
	}
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.id, b.id) })
	for _, t := range tables {
		t.mu.RLock()
	}
	return tables
}

type stateWriter struct {
	w     *bufio.Writer
	buf   []byte
	begun bool
	err   error
}

func (w *stateWriter) section(v section) {
	b, err := json.Marshal(v)
	if w.err == nil {
		w.err = err
	}
	w.write(b)
}

func (w *stateWriter) write(b []byte) {
	separator := ",\n"
	if !w.begun {
		separator = "["
	}
	w.begun = true
	_, _ = w.w.WriteString(separator) // the writer keeps its first error for Flush
	_, _ = w.w.Write(b)
}

func (w *stateWriter) table(t *table) {
	w.section(section{Account: t.scope.Account, Region: t.scope.Region, Table: &t.def})
	for _, i := range t.items.From("") {
		w.buf = append(w.buf[:0], `{"item":`...)
		w.buf = i.AppendJSON(w.buf)
		w.buf = append(w.buf, '}')
		w.write(w.buf)
	}
}

func (w *stateWriter) end() error {
	if !w.begun {
		_, _ = w.w.WriteString("[")
	}
	_, _ = w.w.WriteString("]\n")
	if err := w.w.Flush(); err != nil {
		return fmt.Errorf("save DynamoDB: %w", err)
	}
	return w.err
}

// ReadState replaces the whole state by what WriteState wrote. When it fails, the state is as it was.
func (s *Service) ReadState(r io.Reader) error {
	var loaded sim.Regional[region]
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return fmt.Errorf("load DynamoDB: the state is not a list: %w", err)
	}
	var at *table // the table that the next items belong to
	for n := 0; d.More(); n++ {
		var v section
		err := d.Decode(&v)
		if err == nil {
			at, err = loadSection(&loaded, at, &v)
		}
		if err != nil {
			return fmt.Errorf("load DynamoDB: section %d: %w", n, err)
		}
	}
	s.regions.Store(&loaded)
	return nil
}

// loadSection takes one section; it gives the table that items now belong to.
func loadSection(loaded *sim.Regional[region], at *table, v *section) (*table, error) {
	scope := sim.Scope{Account: v.Account, Region: v.Region}
	switch {
	case v.Item != nil && at == nil:
		return nil, fmt.Errorf("an item without a table")
	case v.Item != nil:
		return at, at.load(string(v.Item))
	case v.Table != nil:
		if len(v.Table.KeySchema) == 0 {
			return nil, fmt.Errorf("the table %q has no key", v.Table.Name)
		}
		at = newTable(scope, *v.Table)
		r := loaded.In(scope)
		if r.tables == nil {
			r.tables = map[string]*table{}
		}
		r.tables[at.name] = at
	default:
		loaded.In(scope).policies = v.Policies
	}
	return at, nil
}

func (t *table) load(text string) error {
	r := wire.NewReader(text)
	attrs := item.ReadAttrs(r)
	if err := r.Err(); err != nil {
		return err
	}
	if err := t.keys.check(attrs); err != nil {
		return err
	}
	t.replace(t.place(attrs), "", attrs)
	return nil
}
