package expr

import (
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// Apply gives the attributes of an item after the update. It reads every value from the item as it was before, as
// DynamoDB does. Errors are in AWS's words; attrs is not to be used after one, nor otherwise afterwards.
func (u *Update) Apply(old item.Item) (attrs item.Attrs, err error) {
	sets, err := u.values(old)
	if err != nil {
		return nil, err
	}
	root := item.Value{Kind: item.M, Map: old.Attrs()}
	// Removed elements leave gaps until the end, so that all indexes mean the list as it was.
	for _, path := range u.removes {
		if err := edit(&root, path, func(parent *item.Value, s Step) { s.clear(parent) }); err != nil {
			return nil, err
		}
	}
	for _, c := range sets {
		if err := edit(&root, c.path, func(parent *item.Value, s Step) { s.assign(parent, c.value) }); err != nil {
			return nil, err
		}
	}
	for _, path := range u.paths {
		closeGaps(&root, path)
	}
	return root.Map, nil
}

// values evaluates all that the update assigns; an assignment without a value (Kind None) removes.
func (u *Update) values(old item.Item) ([]change, error) {
	var out []change
	for _, s := range u.sets {
		v, err := s.value.from(old)
		if err != nil {
			return nil, err
		}
		out = append(out, change{s.path, v})
	}
	for _, c := range u.adds {
		v, err := added(old, c)
		if err != nil {
			return nil, err
		}
		out = append(out, change{c.path, v})
	}
	for _, c := range u.deletes {
		was, ok := c.path.find(old)
		switch {
		case !ok: // nothing to delete from, but its parent must be there
			out = append(out, change{c.path, item.Value{}})
			continue
		case was.Kind != c.value.Kind:
			return nil, errType
		}
		rest := item.Minus(was, c.value)
		if len(rest.Set) == 0 {
			rest = item.Value{}
		}
		out = append(out, change{c.path, rest})
	}
	// What is set beyond the end of a list is appended in the order of the indexes.
	slices.SortStableFunc(out, func(a, b change) int {
		return a.path[len(a.path)-1].Index - b.path[len(b.path)-1].Index
	})
	return out, nil
}

func added(old item.Item, c change) (item.Value, error) {
	was, ok := c.path.find(old)
	switch {
	case !ok:
		return c.value, nil
	case was.Kind != c.value.Kind:
		return was, errType
	case was.Kind == item.N:
		text, err := item.AddNumbers(was.Text, c.value.Text, 1)
		return item.Value{Kind: item.N, Text: text}, err
	default:
		return item.Union(was, c.value), nil
	}
}

// edit calls change with the parent of the path's last step, which must be there and of its kind.
func edit(at *item.Value, path Path, change func(parent *item.Value, last Step)) error {
	s := path[0]
	if want := s.parentKind(); at.Kind != want {
		return errPath
	}
	if len(path) == 1 {
		change(at, s)
		return nil
	}
	child, ok := s.in(*at)
	if !ok || child.Kind == item.None {
		return errPath
	}
	if err := edit(&child, path[1:], change); err != nil {
		return err
	}
	s.assign(at, child)
	return nil
}

func (s Step) parentKind() item.Kind {
	if s.IsIndex {
		return item.L
	}
	return item.M
}

// assign sets a child; no value removes it. The parent is decoded or copied, never shared.
func (s Step) assign(parent *item.Value, v item.Value) {
	switch {
	case v.Kind == item.None:
		s.clear(parent)
	case !s.IsIndex:
		parent.Map = parent.Map.Put(s.Name, v)
	case s.Index < len(parent.List):
		parent.List[s.Index] = v
	default:
		parent.List = append(parent.List, v)
	}
}

// clear removes a child of a map, and leaves a gap in a list.
func (s Step) clear(parent *item.Value) {
	switch {
	case !s.IsIndex:
		parent.Map = parent.Map.Drop(s.Name)
	case s.Index < len(parent.List):
		parent.List[s.Index] = item.Value{}
	}
}

// closeGaps removes the gaps from the list that the path's last step points into.
func closeGaps(at *item.Value, path Path) {
	s := path[0]
	if len(path) > 1 {
		if child, ok := s.in(*at); ok {
			closeGaps(&child, path[1:])
			s.assign(at, child)
		}
		return
	}
	if s.IsIndex && at.Kind == item.L {
		at.List = slices.DeleteFunc(at.List, func(v item.Value) bool { return v.Kind == item.None })
	}
}
