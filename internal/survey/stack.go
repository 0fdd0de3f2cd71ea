package survey

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// stack evaluates one stack with all the modules that it calls.
func (s *surveyor) stack(st *Stack) {
	e := &evaluation{surveyor: s, stack: st, root: st.Dir, manifest: s.manifests[st.Dir], byAddress: map[string]*Resource{}}
	var fo *folder
	if len(st.Overlays) > 0 {
		fo = s.open(st.Dir, true, st.Overlays...)
	} else {
		fo = s.take(st.Dir)
	}
	sc := e.scope(fo)
	e.readValues(sc)
	for _, b := range fo.terraform {
		sc.terraformBlock(b)
	}
	e.backendFiles()
	sc.declarations()
	sc.contents()
	e.applyUnit(st)
	e.lockFile()
	st.Images = images(st)
	s.report(e.diags...)
}

// terraformBlock reads what a terraform block says of versions and of the backend.
func (s *scope) terraformBlock(b *hclsyntax.Block) {
	if a := b.Body.Attributes["required_version"]; a != nil && s.path == "" {
		s.stack.Terraform = append(s.stack.Terraform, s.eval(a.Expr, nil))
	}
	for _, n := range b.Body.Blocks {
		switch {
		case n.Type == "required_providers":
			s.requirements(n)
		case n.Type == "backend" && len(n.Labels) == 1 && s.path == "":
			s.stack.Backend = &Backend{Type: n.Labels[0], Body: s.body(n.Body, nil, false), At: s.header(n)}
		case n.Type == "cloud" && s.path == "":
			s.stack.Backend = &Backend{Type: "cloud", Body: s.body(n.Body, nil, false), At: s.header(n)}
		}
	}
}

func (s *scope) requirements(b *hclsyntax.Block) {
	for _, a := range inOrder(b.Body.Attributes) {
		r := &Requirement{Name: a.Name, Module: s.path, At: s.span(a.NameRange), Source: "hashicorp/" + a.Name}
		v := s.eval(a.Expr, nil)
		if v.Kind == String {
			r.Version = v // as before Terraform 0.13
		} else {
			if src, ok := v.Get("source").Str(); ok {
				r.Source = src
			}
			r.Version = v.Get("version")
		}
		s.stack.Requires = append(s.stack.Requires, r)
	}
}

// header is where a block's type and labels stand.
func (s *scope) header(b *hclsyntax.Block) Span {
	at := s.span(b.TypeRange)
	if n := len(b.LabelRanges); n > 0 {
		at.End = max(at.End, s.span(b.LabelRanges[n-1]).End)
	}
	return at
}

// declarations are the stack's own variables, locals and outputs.
func (s *scope) declarations() {
	for _, name := range s.folder.order.variables {
		s.stack.Variables = append(s.stack.Variables, s.declare(name))
	}
	for _, name := range s.folder.order.locals {
		a := s.folder.locals[name]
		s.stack.Locals = append(s.stack.Locals, &Local{Name: name, Value: s.local(name, s.span(a.Expr.Range())), At: s.span(a.NameRange)})
	}
	for _, name := range s.folder.order.outputs {
		b := s.folder.outputs[name]
		o := &Output{Name: name, Value: s.output(name, s.header(b)), At: s.header(b)}
		o.Sensitive = s.flag(b, "sensitive")
		s.stack.Outputs = append(s.stack.Outputs, o)
	}
}

func (s *scope) flag(b *hclsyntax.Block, name string) bool {
	a := b.Body.Attributes[name]
	if a == nil {
		return false
	}
	is, _ := s.eval(a.Expr, nil).Bool()
	return is
}

func (s *scope) declare(name string) *Variable {
	b := s.folder.variables[name]
	v := &Variable{Name: name, At: s.header(b), Sensitive: s.flag(b, "sensitive"), Overlay: slices.Contains(s.stack.Overlays, b.TypeRange.Filename)}
	if a := b.Body.Attributes["type"]; a != nil {
		v.Type = s.span(a.Expr.Range()).Text()
	}
	if a := b.Body.Attributes["default"]; a != nil {
		v.Default = s.eval(a.Expr, nil)
		v.Value, v.From = v.Default, s.span(a.Expr.Range())
	}
	if given := s.values[name]; given != nil {
		v.Value, v.From = given, given.Span
	}
	for _, n := range b.Body.Blocks {
		if a := n.Body.Attributes["condition"]; n.Type == "validation" && a != nil {
			v.Allowed = append(v.Allowed, s.allowed(a.Expr, name)...)
		}
	}
	return v
}

// allowed are the values of a condition contains([...], var.name).
func (s *scope) allowed(x hclsyntax.Expression, name string) []string {
	c, ok := x.(*hclsyntax.FunctionCallExpr)
	if !ok || c.Name != "contains" || len(c.Args) != 2 {
		return nil
	}
	if t, ok := c.Args[1].(*hclsyntax.ScopeTraversalExpr); !ok || text(t.Traversal) != "var."+name {
		return nil
	}
	var out []string
	for _, v := range s.eval(c.Args[0], nil).All() {
		if t, ok := v.Str(); ok {
			out = append(out, t)
		}
	}
	return out
}

// contents are a module's providers, resources and calls, and those of the modules that it calls.
func (s *scope) contents() {
	if !s.again {
		s.onceOnly()
	}
	for _, addr := range s.folder.order.resources {
		s.addResource(addr, s.folder.resources[addr])
	}
	for _, name := range s.folder.order.calls {
		s.addCall(name, s.folder.calls[name])
	}
}

// onceOnly is what further instances of a module call do not add to.
func (s *scope) onceOnly() {
	for _, b := range s.folder.providers {
		p := &Provider{Name: b.Labels[0], Module: s.path, Body: s.body(b.Body, nil, false), At: s.header(b)}
		p.Alias, _ = p.Body.Get("alias").Str()
		p.Region = p.Body.Get("region")
		s.stack.Providers = append(s.stack.Providers, p)
	}
	for _, b := range s.folder.moves {
		s.move(b)
	}
}

func (s *scope) move(b *hclsyntax.Block) {
	m := &Move{Kind: b.Type, At: s.header(b)}
	if a := b.Body.Attributes["from"]; a != nil {
		m.From, _ = s.static(a.Expr).Str()
	}
	if a := b.Body.Attributes["to"]; a != nil {
		m.To, _ = s.static(a.Expr).Str()
	}
	if a := b.Body.Attributes["id"]; a != nil {
		m.ID = s.eval(a.Expr, nil)
	}
	s.stack.Moved = append(s.stack.Moved, m)
}

func (s *scope) addResource(addr string, b *hclsyntax.Block) {
	r := &Resource{Type: b.Labels[0], Name: b.Labels[1], Module: s.path, Address: s.prefix(addr), At: s.header(b), End: s.span(b.CloseBraceRange)}
	if b.Type == "data" {
		r.Mode = Data
	}
	for _, a := range []string{"for_each", "count"} {
		if attr := b.Body.Attributes[a]; attr != nil {
			r.ForEach = s.repeat(b, attr)
		}
	}
	for _, in := range s.instances(b) {
		r.Instances = append(r.Instances, ResourceInstance{Key: in.key, Address: s.at(addr, b, in.key), Body: s.body(b.Body, in.frame, false)})
	}
	if len(r.Instances) > 0 {
		r.Body = r.Instances[0].Body
	} else {
		r.Body = s.body(b.Body, nil, false)
	}
	s.provide(r, b)
	if s.again {
		if old := s.byAddress[r.Address]; old != nil {
			old.Instances = append(old.Instances, r.Instances...)
			return
		}
	}
	s.byAddress[r.Address] = r
	s.stack.Resources = append(s.stack.Resources, r)
}

// at is the address of one instance of a block.
func (s *scope) at(addr string, b *hclsyntax.Block, key string) string {
	if s.address != "" {
		addr = s.address + "." + addr
	}
	switch {
	case b.Body.Attributes["for_each"] == nil && b.Body.Attributes["count"] == nil:
		return addr
	case key == "*" || b.Body.Attributes["for_each"] == nil:
		return addr + "[" + key + "]"
	}
	return addr + "[" + strconv.Quote(key) + "]"
}

// provide finds a resource's provider and region.
func (s *scope) provide(r *Resource, b *hclsyntax.Block) {
	r.Provider = s.providerOf(b)
	for _, p := range s.stack.Providers {
		name := p.Name
		if p.Alias != "" {
			name += "." + p.Alias
		}
		if p.Module != "" {
			name = p.Module + "." + name
		}
		if name == r.Provider {
			r.Region = p.Region
		}
	}
	if own := r.Body.Get("region"); !own.IsNull() && strings.HasPrefix(r.Type, "aws_") {
		r.Region = own
	}
}

// providerOf is the provider of a resource or data block, as the stack calls it.
func (s *scope) providerOf(b *hclsyntax.Block) string {
	local, _, _ := strings.Cut(b.Labels[0], "_")
	if a := b.Body.Attributes["provider"]; a != nil {
		if t, diags := hcl.AbsTraversalForExpr(a.Expr); !diags.HasErrors() {
			local = text(t)
		}
	}
	return s.providerName(local)
}

// providerName is a provider as the stack calls it.
func (s *scope) providerName(local string) string {
	if s.parent == nil {
		return local
	}
	if given, ok := s.providers[local]; ok {
		return s.parent.providerName(given)
	}
	name, _, _ := strings.Cut(local, ".")
	for _, p := range s.folder.providers {
		if p.Labels[0] == name {
			return s.path + "." + local
		}
	}
	return s.parent.providerName(local)
}

func (s *scope) addCall(name string, b *hclsyntax.Block) {
	c := &Call{Module: s.prefix("module." + name), Source: sourceOf(b), At: s.header(b)}
	if a := b.Body.Attributes["source"]; a != nil {
		c.SourceAt = s.span(a.Expr.Range())
	}
	list := s.instances(b)
	var frame *frame
	if len(list) > 0 {
		frame = list[0].frame
	}
	c.Inputs = s.body(b.Body, frame, false)
	if v := c.Inputs.Get("version"); !v.IsNull() {
		c.Version = v
	}
	c.Dir, c.Kind = s.locate(name, b)
	if !s.again {
		s.stack.Calls = append(s.stack.Calls, c)
		if c.Kind == MissingModule {
			s.diags = append(s.diags, diag.Diagnostic{
				Severity: diag.Warning, Summary: "A module cannot be read", Subject: c.SourceAt.Range(),
				Detail: "Its source " + c.Source + " leads to no folder with code inside the tree, or in a circle.", Hint: "survey a folder that holds both, or correct the source",
			})
		}
	}
	for i, in := range list {
		child := s.child(name, in.key)
		if child == nil {
			continue
		}
		if child.again = s.again || i > 0; !child.again {
			for _, t := range child.folder.terraform {
				child.terraformBlock(t)
			}
		}
		child.contents()
	}
}

// locate finds the folder of a module call.
func (s *scope) locate(name string, b *hclsyntax.Block) (string, CallKind) {
	source := sourceOf(b)
	if dir, ok := localSource(s.folder.dir, source); ok {
		if dir == ".." || strings.HasPrefix(dir, "../") || !s.hasCode(dir) || s.circle(dir) {
			return "", MissingModule
		}
		return dir, LocalModule
	}
	key := name
	if s.key != "" {
		key = s.key + "." + name
	}
	if dir := s.manifest[key]; dir != "" && s.hasCode(dir) && !s.circle(dir) {
		return dir, VendoredModule
	}
	return "", RemoteModule
}

func (s *scope) circle(dir string) bool {
	depth := 0
	for up := s; up != nil; up = up.parent {
		if depth++; up.folder.dir == dir || depth > maxModules {
			return true
		}
	}
	return false
}

// child is the scope of a called module; nil if its code is not in the tree.
func (s *scope) child(name, key string) *scope {
	b := s.folder.calls[name]
	if b == nil {
		return nil
	}
	list := s.instances(b)
	at := slices.IndexFunc(list, func(in instanceFrame) bool { return in.key == key })
	if at < 0 {
		if at = 0; len(list) == 0 {
			return nil
		}
	}
	id := name + "[" + list[at].key + "]"
	if c, known := s.children[id]; known {
		return c
	}
	dir, _ := s.locate(name, b)
	if s.scopes > maxScopes {
		s.exhausted(b.TypeRange)
		dir = ""
	}
	if dir == "" {
		s.children[id] = nil
		return nil
	}
	c := s.scope(s.evaluation.folder(dir))
	c.parent, c.path, c.key, c.address = s, s.prefix("module."+name), strings.TrimPrefix(s.key+"."+name, "."), s.at("module."+name, b, list[at].key)
	c.inputs, c.providers = map[string]*Value{}, map[string]string{}
	s.children[id] = c
	for _, a := range inOrder(b.Body.Attributes) {
		switch a.Name {
		case "source", "version", "count", "for_each", "depends_on":
		case "providers":
			for _, e := range s.static(a.Expr).Elems {
				c.providers[e.Key], _ = e.Value.Str()
			}
		default:
			c.inputs[a.Name] = s.eval(a.Expr, list[at].frame)
		}
	}
	return c
}

// lockFile adds the versions that the lock file chose.
func (e *evaluation) lockFile() {
	l := e.folders[e.root]
	if l == nil || l.lock == "" {
		return
	}
	f := e.read(l.lock)
	if f == nil {
		return
	}
	body, _ := parse(f)
	if body == nil {
		return
	}
	for _, b := range body.Blocks {
		a := b.Body.Attributes["version"]
		if b.Type != "provider" || len(b.Labels) != 1 || a == nil {
			continue
		}
		for _, r := range e.stack.Requires {
			if strings.HasSuffix(b.Labels[0], "/"+r.Source) || b.Labels[0] == r.Source {
				r.Locked = constant(a.Expr)
			}
		}
	}
}
