package dynamodb

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The saved state is a JSON list of sections. Each is one object: a table, whose items and changes follow it as sections of
// their own with DynamoDB JSON, or what a region has beside its tables. So neither side ever holds more than one section.
type section struct {
	Account  string             `json:"account,omitempty"`
	Region   string             `json:"region,omitempty"`
	Policies map[string]policy  `json:"policies,omitempty"`
	Exports  []export           `json:"exports,omitempty"`
	Imports  []load             `json:"imports,omitempty"`
	Backup   *backupDefinition  `json:"backup,omitempty"` // of the table that this section has too
	Table    *definition        `json:"table,omitempty"`
	Item     json.RawMessage    `json:"item,omitempty"`
	Change   *savedChange       `json:"change,omitempty"`
	Streams  []streamDefinition `json:"streams,omitempty"` // of the table
	Record   *savedRecord       `json:"record,omitempty"`
}

// savedRecord is a record of one of the table's streams.
type savedRecord struct {
	Stream  int             `json:"stream"` // which one
	Seq     int64           `json:"seq"`
	At      int64           `json:"at"` // nanoseconds since 1970
	Old     json.RawMessage `json:"old,omitempty"`
	Now     json.RawMessage `json:"now,omitempty"`
	Expired bool            `json:"expired,omitempty"`
}

// savedChange is a change of a table's journal.
type savedChange struct {
	At    int64           `json:"at"` // nanoseconds since 1970
	Place []byte          `json:"place,omitempty"`
	Old   json.RawMessage `json:"old,omitempty"`
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
	s.buryAll()
	s.writeBackups(out)
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

// buryAll forgets every table that is gone.
func (s *Service) buryAll() {
	s.regions.Load().Each(func(scope sim.Scope, _ *region) { s.names(&sim.Call{Scope: scope}) })
}

func (s *Service) writeBackups(out *stateWriter) {
	var all []*backup
	s.regions.Load().Each(func(scope sim.Scope, _ *region) { all = append(all, s.backups(&sim.Call{Scope: scope})...) })
	slices.SortFunc(all, func(a, b *backup) int { return strings.Compare(a.ARN, b.ARN) })
	for _, b := range all {
		out.section(section{Account: b.table.scope.Account, Region: b.table.scope.Region, Backup: &b.backupDefinition, Table: &b.table.def})
		out.items(b.table.items)
	}
}

// lockAll writes what regions have beside their tables, and locks all tables for reading, in the order of transactions.
func (s *Service) lockAll(out *stateWriter) []*table {
	var tables []*table
	var regions []section
	s.regions.Load().Each(func(scope sim.Scope, r *region) {
		r.mu.RLock()
		defer r.mu.RUnlock()
		if len(r.policies)+len(r.exports)+len(r.imports) > 0 {
			regions = append(regions, r.section(scope))
		}
		tables = slices.AppendSeq(tables, maps.Values(r.tables))
	})
	slices.SortFunc(regions, func(a, b section) int { return strings.Compare(a.Account+a.Region, b.Account+b.Region) })
	for _, r := range regions {
		out.section(r)
	}
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.id, b.id) })
	for _, t := range tables {
		t.mu.RLock()
	}
	return tables
}

// section is what the region has beside its tables and backups. The caller holds its lock.
func (r *region) section(scope sim.Scope) section {
	out := section{Account: scope.Account, Region: scope.Region, Policies: maps.Clone(r.policies)}
	for _, arn := range slices.Sorted(maps.Keys(r.exports)) {
		out.Exports = append(out.Exports, *r.exports[arn])
	}
	for _, arn := range slices.Sorted(maps.Keys(r.imports)) {
		out.Imports = append(out.Imports, *r.imports[arn])
	}
	return out
}
