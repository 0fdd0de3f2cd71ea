package survey

import (
	"cmp"
	"slices"
	"strings"
)

// connector finds who reads what of whom.
type connector struct {
	*surveyor
	byWord  map[string]map[string][]*made // by resource type, then by a word of the name
	byKey   map[string][]*made            // by the whole pattern, of any type
	outputs map[string][]*output
	states  map[string][]*Stack            // by the whole pattern of the backend's key
	edges   map[[2]string]map[string]*Edge // by from and to, then by how and maker
	needs   map[string]*Prerequisite
}

// made is a resource that a stack makes, with a name that others can find it by.
type made struct {
	stack *Stack
	r     *Resource
	by    string // attribute, or tag
	name  name
}

type output struct {
	stack *Stack
	o     *Output
}

func (s *surveyor) connect() {
	c := &connector{
		surveyor: s, byWord: map[string]map[string][]*made{}, byKey: map[string][]*made{},
		outputs: map[string][]*output{}, states: map[string][]*Stack{}, edges: map[[2]string]map[string]*Edge{}, needs: map[string]*Prerequisite{},
	}
	for _, st := range s.inv.Stacks {
		c.index(st)
	}
	for _, st := range s.inv.Stacks {
		for _, r := range st.Resources {
			switch {
			case r.Mode == Data && r.Type == "terraform_remote_state":
				c.remoteState(st, r)
			case r.Mode == Data:
				c.lookUp(st, r)
			}
			c.namesInTexts(st, r)
		}
		c.variables(st)
	}
	c.terragrunt()
	c.images()
	c.finish()
}

// index lists what a stack makes.
func (c *connector) index(st *Stack) {
	if st.Backend != nil {
		if key := stateKey(st.Backend.Body); patternOf(key, false) != nil {
			c.states[keyOf(key, false)] = append(c.states[keyOf(key, false)], st)
		}
	}
	for _, o := range st.Outputs {
		c.outputs[o.Name] = append(c.outputs[o.Name], &output{st, o})
	}
	for _, r := range st.Resources {
		if r.Mode != Managed {
			continue
		}
		for _, in := range r.Instances {
			by := identity(r.Type)
			name := in.Body.Get(by)
			for _, v := range append([]*Value{name}, instanced(st, name)...) {
				c.add(&made{st, r, by, nameOfValue(v)})
			}
			if tags := in.Body.Get("tags"); tags != nil && tags.Kind == Object {
				for _, e := range tags.Elems {
					c.add(&made{st, r, "tags." + e.Key, nameOfValue(e.Value)})
				}
			}
		}
	}
}

func (c *connector) add(m *made) {
	if m.name.closed == nil {
		return
	}
	t := m.r.Type
	if c.byWord[t] == nil {
		c.byWord[t] = map[string][]*made{}
	}
	for _, w := range m.name.words() {
		c.byWord[t][w] = append(c.byWord[t][w], m)
	}
	if strings.HasPrefix(m.by, "tags.") {
		return
	}
	for _, k := range m.name.keys() {
		c.byKey[k] = append(c.byKey[k], m)
	}
}

// distinctive is how many known letters tell a name from others.
const distinctive = 8

// maxCandidates bounds how many names one lookup is compared with.
const maxCandidates = 200

// candidates are lists of names of a type that share a word with a name, the rarest word first.
func (c *connector) candidates(typ string, n name) [][]*made {
	var lists [][]*made
	for _, w := range n.words() {
		if l := c.byWord[typ][w]; len(l) > 0 {
			lists = append(lists, l[:min(len(l), maxCandidates)])
		}
	}
	slices.SortStableFunc(lists, func(a, b []*made) int { return len(a) - len(b) })
	return lists[:min(3, len(lists))]
}

// mayMean are the names of a type that a name may be, from the rarest word that gives any. Where little is known of the names it is what fits at
// all, if that is one resource only.
func (c *connector) mayMean(typ string, n name, tag string) []found {
	var weak []found
	for _, l := range c.candidates(typ, n) {
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

// lookUp finds who makes what a data source reads.
func (c *connector) lookUp(st *Stack, r *Resource) {
	l, ok := lookupOf(r.Type)
	if !ok {
		return
	}
	for _, in := range r.Instances {
		keys := keysOf(in.Body, l)
		if c.lookUpKeys(st, r, l, keys) {
			continue
		}
		k := lookupKey{by: "", at: r.At}
		if len(keys) > 0 {
			k = keys[0]
		}
		if !c.answered(st, k.v) {
			c.need(st, r, k, l.plural)
		}
	}
}

// lookUpKeys tries the most telling of a lookup's keys, with what is known of them, and then with what each instance of the stack gives.
func (c *connector) lookUpKeys(st *Stack, r *Resource, l lookup, keys []lookupKey) bool {
	for _, k := range keys {
		if rank(k.by) > rank(keys[0].by) {
			break
		}
		for _, v := range append([]*Value{k.v}, instanced(st, k.v)...) {
			n := nameOfValue(stripARN(v))
			var list []found
			for _, typ := range l.types {
				list = append(list, c.mayMean(typ, n, k.tag())...)
			}
			for i := range list {
				list[i].near = shared(st.Dir, list[i].stack.Dir)
			}
			if len(list) > 0 {
				k.v = v
				c.choose(st, r, k, list)
				return true
			}
		}
	}
	return false
}

// choose makes an edge to the best of those that a lookup may mean. What the stack makes itself comes first, and gives none.
func (c *connector) choose(st *Stack, r *Resource, k lookupKey, list []found) {
	slices.SortStableFunc(list, func(a, b found) int {
		if d := b.score() - a.score(); d != 0 {
			return d
		}
		if d := self(b.stack, st) - self(a.stack, st); d != 0 {
			return d
		}
		return cmp.Or(b.near-a.near, strings.Compare(a.stack.Dir, b.stack.Dir))
	})
	first := list[0]
	if first.stack == st {
		return
	}
	confidence, why := judge(first, k)
	for _, other := range list[1:] {
		if other.stack != first.stack && other.score() == first.score() {
			confidence, why = Medium, why+"; "+other.stack.Name+" makes one of the same name, and is farther away"
			break
		}
	}
	c.edge(&Edge{
		From: st.Name, To: first.stack.Name, How: ByLookup, Reader: r.Address, Maker: first.r.Address, At: k.at, Made: first.name.text.Span, Confidence: confidence, Why: why,
	})
}

func self(a, b *Stack) int {
	if a == b {
		return 1
	}
	return 0
}

// judge says how sure it is that two names are one.
func judge(f found, k lookupKey) (Confidence, string) {
	names := k.v.Show() + " is looked up by " + k.by
	made := f.stack.Name + " makes " + f.name.text.Show()
	switch {
	case f.sure() && f.loose == 0 && f.literal >= 4:
		return High, names + ", and " + made
	case f.sure() && f.literal >= distinctive:
		return High, names + ", and " + made + ": the known parts are equal"
	case f.strong() && f.literal >= 4:
		return Medium, names + ", and " + made + ": they fit, if what is open is the same"
	}
	return Low, names + ", and " + made + ": little of the names is known"
}

// shared is how many folders two paths have in common.
func shared(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// answered tells whether a name comes from something that is known to be made: a resource of the stack itself, or another stack's output.
func (c *connector) answered(st *Stack, v *Value) bool {
	if t := v.Show(); strings.Contains(t, ":iam::aws:") || strings.HasPrefix(t, "/aws/service/") { // AWS keeps these itself, in every account and region
		return true
	}
	for _, ref := range v.Refs() {
		if strings.HasPrefix(ref, "data.terraform_remote_state.") || strings.HasPrefix(ref, "dependency.") {
			return true
		}
		if name, ok := strings.CutPrefix(ref, "var."); ok {
			name, _, _ = strings.Cut(name, ".")
			if v := st.Variable(name); v != nil && v.Value == nil && len(c.outputs[name]) > 0 {
				return true
			}
			continue
		}
		if strings.Contains(ref, "aws_") && !strings.HasPrefix(ref, "data.") && !strings.Contains(ref, ".data.") {
			return true
		}
	}
	return false
}

// stripARN is the name inside of an ARN or a URL; other texts are as they are.
func stripARN(v *Value) *Value {
	if v == nil || v.Kind != String || len(v.Parts) == 0 || !strings.HasPrefix(v.Parts[0].Text, "arn:") {
		return v
	}
	colons := 0
	out := *v
	for i, p := range v.Parts {
		for j, r := range p.Text {
			if r != ':' {
				continue
			}
			if colons++; colons == 5 {
				p.Text, p.At = p.Text[j+1:], p.At.Sub(p.Text, j+1, len(p.Text))
				out.Parts = append([]Part{p}, v.Parts[i+1:]...)
				return afterKind(&out)
			}
		}
	}
	return v
}

// afterKind drops the kind of resource that begins an ARN's last part: table/x, secret:x, function:x.
func afterKind(v *Value) *Value {
	first := v.Parts[0].Text
	for _, kind := range []string{"table/", "secret:", "function:", "key/", "role/", "policy/", "repository/", "log-group:", "parameter", "cluster/", "stateMachine:", "event-bus/"} {
		if rest, ok := strings.CutPrefix(first, kind); ok {
			out := *v
			out.Parts = slices.Clone(v.Parts)
			out.Parts[0].Text = rest
			out.Parts[0].At = v.Parts[0].At.Sub(first, len(kind), len(first))
			if rest == "" && len(out.Parts) > 1 {
				out.Parts = out.Parts[1:]
			}
			return &out
		}
	}
	return v
}

// namesInTexts finds resources of other stacks that a resource names in a text: an ARN in a policy, a name in an environment variable.
func (c *connector) namesInTexts(st *Stack, r *Resource) {
	if r.Mode == Data && r.Type != "aws_iam_policy_document" {
		return
	}
	own := identity(r.Type)
	for _, in := range r.Instances {
		for p, v := range in.Body.Leaves() {
			switch first := p.First(); {
			case v.Kind != String, len(p) == 1 && first == own, strings.HasPrefix(first, "tags"), first == "depends_on", p.Last() == "description":
				continue
			}
			c.nameInText(st, r, p, stripARN(v), v)
		}
	}
}

func (c *connector) nameInText(st *Stack, r *Resource, at Path, v, whole *Value) {
	list := c.byKey[keyOf(v, false)]
	if len(list) == 0 && slices.ContainsFunc(v.Parts, func(p Part) bool { return !p.Hole() && defaulted(p) != "" }) {
		list = c.byKey[keyOf(v, true)]
	}
	var to *made
	for _, m := range list {
		if m.stack == st || referenced(v) || identityOnly(m, v) {
			return
		}
		if to == nil || shared(st.Dir, m.stack.Dir) > shared(st.Dir, to.stack.Dir) {
			to = m
		}
	}
	if to == nil {
		return
	}
	confidence := Medium
	if v != whole { // an ARN is no coincidence
		confidence = High
	}
	c.edge(&Edge{
		From: st.Name, To: to.stack.Name, How: ByName, Reader: r.Address, Maker: to.r.Address, At: whole.Span, Made: to.name.text.Span, Confidence: confidence,
		Why: whole.Show() + " is written in " + at.String() + ", and " + to.stack.Name + " makes " + to.name.text.Show(),
	})
}

// referenced tells whether a text came through a lookup: that one is the edge then.
func referenced(v *Value) bool {
	for _, p := range v.Parts {
		for w := p.Via; w != nil; w = w.Next {
			if strings.Contains(w.Ref, "data.") {
				return true
			}
		}
	}
	return false
}

// identityOnly tells of names without any mark of a name, such as a single common word.
func identityOnly(_ *made, v *Value) bool {
	t := v.Show()
	return !strings.ContainsAny(t, "-_/.$") && len(t) < 12
}

// edge keeps an edge, the surest of those with the same ends, way and thing.
func (c *connector) edge(e *Edge) {
	if e.From == e.To {
		return
	}
	ends := [2]string{e.From, e.To}
	if c.edges[ends] == nil {
		c.edges[ends] = map[string]*Edge{}
	}
	key := string(e.How) + " " + e.Maker
	if old := c.edges[ends][key]; old == nil || degree(e.Confidence) > degree(old.Confidence) {
		c.edges[ends][key] = e
	}
}

func degree(c Confidence) int {
	switch c {
	case High:
		return 3
	case Medium:
		return 2
	case Low:
		return 1
	}
	return 0
}

// need notes what is read and made by nobody.
func (c *connector) need(st *Stack, r *Resource, k lookupKey, plural bool) {
	kind, probe, who := prerequisiteKind(r.Type)
	id := kind + "\x00" + k.by + "\x00" + k.v.Show()
	if k.v == nil || !strings.HasPrefix(r.Type, "aws_") {
		id += st.Name + r.Address
	}
	p := c.needs[id]
	if p == nil {
		p = &Prerequisite{Kind: kind, Type: r.Type, Name: k.v, By: k.by, Probe: probe, Who: who, Plural: plural}
		c.needs[id] = p
	}
	if !slices.Contains(p.Stacks, st.Name) {
		p.Stacks = append(p.Stacks, st.Name)
	}
	for _, read := range p.Reads {
		if read.Stack == st.Name && read.Address == r.Address {
			return
		}
	}
	p.Reads = append(p.Reads, Read{Stack: st.Name, Address: r.Address, At: k.at})
}

// variables finds variables without a value that are called as another stack's output.
func (c *connector) variables(st *Stack) {
	for _, v := range st.Variables {
		if v.Value != nil || v.Overlay || !telling(v.Name) {
			continue
		}
		var to *output
		same := 0
		for _, o := range c.outputs[v.Name] {
			if o.stack == st {
				continue
			}
			if same++; to == nil || shared(st.Dir, o.stack.Dir) > shared(st.Dir, to.stack.Dir) {
				to = o
			}
		}
		if to == nil {
			continue
		}
		why := "the variable " + v.Name + " has no value, and an output of " + to.stack.Name + " is called the same"
		if same > 1 {
			why += "; other stacks have such an output too"
		}
		c.edge(&Edge{From: st.Name, To: to.stack.Name, How: ByVariable, Reader: "var." + v.Name, Maker: "output." + v.Name, At: v.At, Made: to.o.At, Confidence: Low, Why: why})
	}
}

// telling tells whether a name says more than what every stack has.
func telling(name string) bool {
	switch name {
	case "name", "id", "arn", "region", "aws_region", "environment", "env", "tags", "project", "account_id", "stage", "namespace", "prefix":
		return false
	}
	return strings.Contains(name, "_")
}

// finish puts everything in order.
func (c *connector) finish() {
	for _, list := range c.edges {
		for _, e := range list {
			c.inv.Edges = append(c.inv.Edges, e)
		}
	}
	slices.SortFunc(c.inv.Edges, func(a, b *Edge) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), degree(b.Confidence)-degree(a.Confidence),
			strings.Compare(string(a.How), string(b.How)), strings.Compare(a.Maker, b.Maker), strings.Compare(a.Reader, b.Reader))
	})
	for _, p := range c.needs {
		c.inv.Prerequisites = append(c.inv.Prerequisites, p)
	}
	slices.SortFunc(c.inv.Prerequisites, func(a, b *Prerequisite) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name.Show(), b.Name.Show()), strings.Compare(a.Reads[0].Stack+a.Reads[0].Address, b.Reads[0].Stack+b.Reads[0].Address))
	})
}
