package expr

import (
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// Step is one step of a path: an attribute's name, or an index into a list.
type Step struct {
	Name    string
	Index   int
	IsIndex bool
}

// Path leads to a value inside a document. Its first step is a name.
type Path []Step

// String is the path as AWS prints it in messages: [a, b, [2]]
func (p Path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		parts[i] = s.Name
		if s.IsIndex {
			parts[i] = "[" + strconv.Itoa(s.Index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Document is what expressions are evaluated on: an item, or attributes.
type Document interface {
	// Get finds a top-level attribute.
	Get(name string) (item.Value, bool)
}

// find follows the path.
func (p Path) find(doc Document) (item.Value, bool) {
	v, ok := doc.Get(p[0].Name)
	for _, s := range p[1:] {
		if !ok {
			break
		}
		v, ok = s.in(v)
	}
	return v, ok
}

func (s Step) in(v item.Value) (item.Value, bool) {
	switch {
	case !s.IsIndex && v.Kind == item.M:
		return v.Map.Get(s.Name)
	case s.IsIndex && v.Kind == item.L && s.Index < len(v.List):
		return v.List[s.Index], true
	default:
		return item.Value{}, false
	}
}

// checkPaths reports the first two paths that overlap (one leads to or through the other) or conflict (one takes a
// list for what the other takes for a map).
func (p *parser) checkPaths(paths []Path) {
	for i, b := range paths {
		for _, a := range paths[:i] {
			p.checkPair(a, b)
		}
	}
}

func (p *parser) checkPair(a, b Path) {
	const format = "Two document paths %s with each other; must remove or rewrite one of these paths; path one: %s, path two: %s"
	for i := range min(len(a), len(b)) {
		if a[i].IsIndex != b[i].IsIndex {
			p.problem(rankConflict, format, "conflict", a, b)
			return
		}
		if a[i] != b[i] {
			return
		}
	}
	p.problem(rankOverlap, format, "overlap", a, b)
}
