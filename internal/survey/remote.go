package survey

import (
	"path"
	"strings"
)

// remoteState finds whose state a terraform_remote_state reads.
func (c *connector) remoteState(st *Stack, r *Resource) {
	for _, in := range r.Instances {
		backend, _ := in.Body.Get("backend").Str()
		config := in.Body.Get("config")
		to, confidence, why := c.stateOf(st, backend, config)
		at := r.At
		if key := stateKey(config); key != nil {
			at = key.Span
		}
		switch {
		case to == nil:
			c.needs = append(c.needs, need{"state " + st.Name + " " + r.Address + in.Key, &Prerequisite{Kind: "state", Type: r.Type, Name: stateKey(config), By: "key", Stacks: []string{st.Name}, Reads: []Read{{st.Name, r.Address, at}}, Probe: "s3:GetObject", Who: "whoever applies the stack that it belongs to"}})
		case to != st:
			e := &Edge{From: st.Name, To: to.Name, How: ByRemoteState, Reader: r.Address, At: at, Confidence: confidence, Why: why}
			if to.Backend != nil {
				e.Made = to.Backend.At
			}
			c.edge(e)
		}
	}
}

func stateKey(config *Value) *Value {
	for _, k := range []string{"key", "path", "prefix", "workspaces"} {
		if v := config.Get(k); !v.IsNull() {
			if k == "workspaces" {
				return v.Get("name")
			}
			return v
		}
	}
	return nil
}

// stateOf finds the stack whose backend is the one that a remote state names.
func (c *connector) stateOf(st *Stack, backend string, config *Value) (*Stack, Confidence, string) {
	if backend == "local" {
		p, _ := config.Get("path").Str()
		dir := path.Join(st.Dir, path.Dir(p))
		if strings.HasPrefix(p, st.Dir+"/") || st.Dir != "." && strings.HasPrefix(p, strings.Split(st.Dir, "/")[0]+"/") {
			dir = path.Dir(path.Clean(p)) // behind path.module
		}
		for _, other := range c.inv.Stacks {
			if other.Dir == dir {
				return other, High, "the remote state is the file of " + other.Name
			}
		}
		return nil, "", ""
	}
	key := stateKey(config)
	var to *Stack
	var top fit
	mine := nameOfValue(key)
	list := c.inv.Stacks
	if mine.closed != nil && len(c.states[keyOf(key, false)]) > 0 {
		list = c.states[keyOf(key, false)]
	}
	for _, other := range list {
		if other.Backend == nil {
			continue
		}
		f, ok := best(mine, nameOfValue(stateKey(other.Backend.Body)))
		if !ok || f.literal < 3 || f.literal <= f.eaten || !sameBucket(config, other.Backend.Body) {
			continue
		}
		if to == nil || f.score() > top.score() || f.score() == top.score() && shared(st.Dir, other.Dir) > shared(st.Dir, to.Dir) {
			to, top = other, f
		}
	}
	if to != nil {
		if top.sure() {
			return to, High, "the remote state's key " + key.Show() + " is that of " + to.Name
		}
		return to, Medium, "the remote state's key " + key.Show() + " fits that of " + to.Name
	}
	return c.stateByFolder(st, key)
}

// sameBucket tells whether nothing speaks against two states being in one bucket.
func sameBucket(a, b *Value) bool {
	x, y := a.Get("bucket"), b.Get("bucket")
	if patternOf(x, false) == nil || patternOf(y, false) == nil {
		return true
	}
	_, ok := best(nameOfValue(x), nameOfValue(y))
	return ok
}

// stateByFolder finds the stack whose folder is named in a key, where the backend's own key is only given when terraform runs.
func (c *connector) stateByFolder(st *Stack, key *Value) (*Stack, Confidence, string) {
	if key == nil {
		return nil, "", ""
	}
	words := map[string]bool{}
	for _, p := range key.Parts {
		for w := range strings.FieldsFuncSeq(p.Text, func(r rune) bool { return r == '/' || r == '.' }) {
			words[w] = true
		}
	}
	var to *Stack
	for _, other := range c.inv.Stacks {
		if other == st || other.Backend != nil && stateKey(other.Backend.Body) != nil || !words[path.Base(other.Dir)] {
			continue
		}
		if to == nil || shared(st.Dir, other.Dir) > shared(st.Dir, to.Dir) {
			to = other
		}
	}
	if to == nil {
		return nil, "", ""
	}
	return to, Medium, "the remote state's key " + key.Show() + " has the name of the folder of " + to.Name
}
