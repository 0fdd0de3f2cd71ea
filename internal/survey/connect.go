package survey

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// connector finds what one stack reads of others.
type connector struct {
	*index
	edges []*Edge
	needs []need
}

// need is what a stack reads and nobody makes; two with one id are the same thing.
type need struct {
	id string
	*Prerequisite
}

func (s *surveyor) connect(ctx context.Context) error {
	x, err := s.index(ctx)
	if err != nil {
		return err
	}
	list := make([]*connector, len(s.inv.Stacks), len(s.inv.Stacks)+1)
	err = s.eachStack(ctx, func(i int, st *Stack) {
		list[i] = &connector{index: x}
		list[i].reads(st)
	})
	if err != nil {
		return err
	}
	grunt := &connector{index: x}
	grunt.terragrunt()
	s.join(append(list, grunt))
	return nil
}

// reads finds everything that the stack reads.
func (c *connector) reads(st *Stack) {
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
	c.images(st)
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

func (c *connector) edge(e *Edge) {
	if e.From != e.To {
		c.edges = append(c.edges, e)
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
	c.needs = append(c.needs, need{id, &Prerequisite{
		Kind: kind, Type: r.Type, Name: k.v, By: k.by, Probe: probe, Who: who, Plural: plural, Stacks: []string{st.Name}, Reads: []Read{{Stack: st.Name, Address: r.Address, At: k.at}},
	}})
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
