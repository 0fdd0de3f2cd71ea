// Package expr is DynamoDB's expression language: condition, filter, key condition, projection and update.
//
// Promise: an expression is parsed and checked as Amazon DynamoDB checks it, with its wording, before any item is
// read; a parsed expression is immutable and evaluating it never fails, save for an update whose paths or types
// do not fit the item. The grammar is that of "Using expressions in DynamoDB" in the developer guide.
package expr

import (
	"maps"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// maxLength bounds an expression ("Quotas in Amazon DynamoDB": 4 KB).
const maxLength = 4096

// Scope holds the placeholders of one request and remembers which of them its expressions used.
type Scope struct {
	Names  map[string]string // ExpressionAttributeNames; nil when the request has none
	Values item.Attrs        // ExpressionAttributeValues; nil when the request has none

	used map[string]bool
}

func (s *Scope) name(placeholder string) (string, bool) {
	s.use(placeholder)
	n, ok := s.Names[placeholder]
	return n, ok
}

func (s *Scope) value(placeholder string) (item.Value, bool) {
	s.use(placeholder)
	return s.Values.Get(placeholder)
}

func (s *Scope) use(placeholder string) {
	if s.used == nil {
		s.used = map[string]bool{}
	}
	s.used[placeholder] = true
}

// Check refuses placeholders that are empty or ill-named. Values that are given only with expressions are the
// caller's to check.
func (s *Scope) Check() error {
	if s.Names != nil && len(s.Names) == 0 {
		return item.Refuse("ExpressionAttributeNames must not be empty")
	}
	if s.Values != nil && len(s.Values) == 0 {
		return item.Refuse("ExpressionAttributeValues must not be empty")
	}
	for _, k := range slices.Sorted(maps.Keys(s.Names)) {
		if !placeholder(k, '#') {
			return item.Refuse("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", k)
		}
	}
	for _, a := range s.Values {
		if !placeholder(a.Name, ':') {
			return item.Refuse("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", a.Name)
		}
	}
	return nil
}

func placeholder(s string, sigil byte) bool {
	if len(s) < 2 || s[0] != sigil {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !identifierPart(s[i]) {
			return false
		}
	}
	return true
}

// Unused refuses placeholders that no expression used.
func (s *Scope) Unused() error {
	var names, values []string
	for _, k := range slices.Sorted(maps.Keys(s.Names)) {
		if !s.used[k] {
			names = append(names, k)
		}
	}
	for _, a := range s.Values {
		if !s.used[a.Name] {
			values = append(values, a.Name)
		}
	}
	switch {
	case len(names) > 0:
		return item.Refuse("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", strings.Join(names, ", "))
	case len(values) > 0:
		return item.Refuse("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(values, ", "))
	}
	return nil
}
