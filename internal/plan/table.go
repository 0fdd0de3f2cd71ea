package plan

import "github.com/lifeboat-dr/lifeboat/internal/diag"

// TableName is the name by which a table goes: the one that the plan gives, or, once a run has put a restored table in its place, that one's.
// It is what table.NAME.name says in a plan.
type TableName struct{ *Table }

// Refs are those of the name that the plan gives.
func (n TableName) Refs() []Ref { return n.Table.Table.Refs() }

// Resolve gives the name.
func (n TableName) Resolve(s Scope) (Value, error) {
	if s.Table != nil {
		if now := s.Table(n.Name); now != "" {
			return Of(now), nil
		}
	}
	return n.Table.Table.Resolve(s)
}

// Range is where the plan gives the name.
func (n TableName) Range() diag.Range { return n.Table.Table.Range() }

var _ Expr = TableName{}
