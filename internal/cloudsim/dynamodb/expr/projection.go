package expr

import (
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// Projection picks parts of a document.
type Projection struct {
	root  branch
	heads []string
}

// branch is a tree of steps. A branch without children picks all that is there.
type branch struct {
	steps    []Step
	children []*branch
}

// ParseProjection parses a ProjectionExpression.
func ParseProjection(src string, scope *Scope) (*Projection, error) {
	return parse("ProjectionExpression", src, scope, func(p *parser) *Projection {
		var paths []Path
		p.list(func() { paths = append(paths, p.path()) })
		p.checkPaths(paths)
		return project(paths)
	})
}

// project makes a projection of paths that do not overlap.
func project(paths []Path) *Projection {
	out := &Projection{}
	for _, path := range paths {
		out.heads = append(out.heads, path[0].Name)
		at := &out.root
		for _, s := range path {
			i := slices.Index(at.steps, s)
			if i < 0 {
				i = len(at.steps)
				at.steps = append(at.steps, s)
				at.children = append(at.children, &branch{})
			}
			at = at.children[i]
		}
	}
	return out
}

// Names are the top-level attributes of which the projection picks something.
func (p *Projection) Names() []string { return p.heads }

// Pick gives the picked parts of a document. What is not there is left out; picked elements of a list move
// together, in order.
func (p *Projection) Pick(doc Document) item.Attrs {
	out := item.Attrs{}
	for i, s := range p.root.steps {
		if v, ok := doc.Get(s.Name); ok {
			if v, ok = p.root.children[i].pick(v); ok {
				out = out.Put(s.Name, v)
			}
		}
	}
	return out
}

func (b *branch) pick(v item.Value) (item.Value, bool) {
	if len(b.steps) == 0 {
		return v, true
	}
	out := item.Value{Kind: v.Kind}
	type element struct {
		index int
		value item.Value
	}
	var elements []element
	for i, s := range b.steps {
		child, ok := s.in(v)
		if ok {
			child, ok = b.children[i].pick(child)
		}
		switch {
		case !ok:
		case s.IsIndex:
			elements = append(elements, element{s.Index, child})
		default:
			out.Map = out.Map.Put(s.Name, child)
		}
	}
	slices.SortFunc(elements, func(a, b element) int { return a.index - b.index })
	for _, e := range elements {
		out.List = append(out.List, e.value)
	}
	return out, len(out.Map) > 0 || len(out.List) > 0
}
