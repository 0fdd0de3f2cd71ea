package survey

import (
	"context"
	"slices"
	"strings"
)

// index is everything that the stacks make, by how others can name it.
type index struct {
	*surveyor
	byWord  map[string]map[string][]*made // by resource type, then by a word of the name
	byKey   map[string][]*made            // by the whole pattern, of any type
	outputs map[string][]*output
	states  map[string][]*Stack // by the whole pattern of the backend's key
}

// made is a resource that a stack makes, with a name that others can find it by.
type made struct {
	stack *Stack
	r     *Resource
	by    string // attribute, or tag
	name  name
	words []string
	keys  []string
}

type output struct {
	stack *Stack
	o     *Output
}

func (s *surveyor) index(ctx context.Context) (*index, error) {
	x := &index{surveyor: s, byWord: map[string]map[string][]*made{}, byKey: map[string][]*made{}, outputs: map[string][]*output{}, states: map[string][]*Stack{}}
	makes := make([][]*made, len(s.inv.Stacks))
	if err := s.eachStack(ctx, func(i int, st *Stack) { makes[i] = makesOf(st) }); err != nil {
		return nil, err
	}
	for i, st := range s.inv.Stacks {
		if st.Backend != nil {
			if key := stateKey(st.Backend.Body); patternOf(key, false) != nil {
				x.states[keyOf(key, false)] = append(x.states[keyOf(key, false)], st)
			}
		}
		for _, o := range st.Outputs {
			x.outputs[o.Name] = append(x.outputs[o.Name], &output{st, o})
		}
		for _, m := range makes[i] {
			x.add(m)
		}
		makes[i] = nil
	}
	return x, nil
}

// makesOf lists what a stack makes that has a name of which something is known.
func makesOf(st *Stack) []*made {
	var out []*made
	add := func(r *Resource, by string, v *Value) {
		if n := nameOfValue(v); n.closed != nil {
			m := &made{stack: st, r: r, by: by, name: n, words: n.words()}
			if !strings.HasPrefix(by, "tags.") {
				m.keys = n.keys()
			}
			out = append(out, m)
		}
	}
	for _, r := range st.Resources {
		if r.Mode != Managed {
			continue
		}
		for _, in := range r.Instances {
			by := identity(r.Type)
			name := in.Body.Get(by)
			add(r, by, name)
			for _, v := range instanced(st, name) {
				add(r, by, v)
			}
			if tags := in.Body.Get("tags"); tags != nil && tags.Kind == Object {
				for _, e := range tags.Elems {
					add(r, "tags."+e.Key, e.Value)
				}
			}
		}
	}
	return out
}

func (x *index) add(m *made) {
	words := x.byWord[m.r.Type]
	if words == nil {
		words = map[string][]*made{}
		x.byWord[m.r.Type] = words
	}
	for _, w := range m.words {
		words[w] = append(words[w], m)
	}
	for _, k := range m.keys {
		x.byKey[k] = append(x.byKey[k], m)
	}
	m.words, m.keys = nil, nil // a large tree has very many
}

// distinctive is how many known letters tell a name from others.
const distinctive = 8

// maxCandidates bounds how many names one lookup is compared with.
const maxCandidates = 200

// candidates are lists of names of a type that share a word with a name, the rarest word first.
func (x *index) candidates(typ string, n name) [][]*made {
	var lists [][]*made
	for _, w := range n.words() {
		if l := x.byWord[typ][w]; len(l) > 0 {
			lists = append(lists, l[:min(len(l), maxCandidates)])
		}
	}
	slices.SortStableFunc(lists, func(a, b []*made) int { return len(a) - len(b) })
	return lists[:min(3, len(lists))]
}

// mayMean are the names of a type that a name may be, from the rarest word that gives any. Where little is known of the names it is what fits at
// all, if that is one resource only.
func (x *index) mayMean(typ string, n name, tag string) []found {
	var weak []found
	for _, l := range x.candidates(typ, n) {
		var out []found
		for _, m := range l {
			if tag == "" && strings.HasPrefix(m.by, "tags.") || tag != "" && m.by != "tags."+tag {
				continue
			}
			switch f, ok := best(n, m.name); {
			case ok && f.strong():
				out = append(out, found{made: m, fit: f})
			case ok && f.literal >= 4:
				weak = append(weak, found{made: m, fit: f})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if slices.ContainsFunc(weak, func(f found) bool { return f.r != weak[0].r }) {
		return nil
	}
	return weak
}

// found is a resource that a lookup may mean.
type found struct {
	*made
	fit
	near int // folders that it shares with the reader
}
