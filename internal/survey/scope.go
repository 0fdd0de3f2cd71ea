package survey

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// Bounds of one stack's evaluation. They end what would never end; no code that people write comes near.
const (
	minSteps     = 500_000 // expressions that are evaluated, whatever the size of the code
	stepsPerByte = 4       // and so many more for its size: people's code takes one for every eight bytes
	maxEvalDepth = 400     // references and expressions inside each other
	maxInstances = 32      // of one block
	maxModules   = 16      // module calls inside each other
	maxScopes    = 2_000   // instances of modules
)

// evaluation is that of one stack with all the modules that it calls. It belongs to one goroutine.
type evaluation struct {
	*surveyor
	stack     *Stack
	root      string            // the stack's folder
	manifest  map[string]string // folder of each fetched module, by its key in modules.json
	grunt     *unitContext      // nil: it is no file of Terragrunt's
	applied   *Application      // nil: what is known of every application
	byAddress map[string]*Resource
	steps     int // that are left
	scopes    int
	depth     int
	texts     map[string]string
	tired     bool
	diags     diag.List
	last      *File // of the last span: most stand in the same file as the one before
}

// scope is a module inside an evaluation: what its names mean.
type scope struct {
	*evaluation
	folder    *folder
	path      string // module.a.module.b; empty for the stack itself
	key       string // a.b, as modules.json has it
	address   string // like path, with the keys of instances
	parent    *scope
	inputs    map[string]*Value // arguments of the call; nil for the stack itself
	values    map[string]*Value // of the stack's variables, from files of values
	providers map[string]string // what the caller hands over, by local name
	memo      map[string]*Value
	busy      map[string]bool
	children  map[string]*scope
	frames    map[*hclsyntax.Block][]instanceFrame
	again     bool // a further instance of a module call whose blocks are known already
}

func (e *evaluation) scope(fo *folder) *scope {
	e.scopes++
	e.steps += minSteps + stepsPerByte*fo.size
	return &scope{evaluation: e, folder: fo, memo: map[string]*Value{}, busy: map[string]bool{}, children: map[string]*scope{}, frames: map[*hclsyntax.Block][]instanceFrame{}, values: map[string]*Value{}}
}

// frame is a name that is known inside an expression only: of a for expression, each, count.
type frame struct {
	name string
	anon *hclsyntax.AnonSymbolExpr
	v    *Value
	up   *frame
}

func (f *frame) with(name string, v *Value) *frame { return &frame{name: name, v: v, up: f} }

func (f *frame) find(name string) *Value {
	for ; f != nil; f = f.up {
		if f.name == name && f.anon == nil {
			return f.v
		}
	}
	return nil
}

// span is a range of HCL as ours.
func (e *evaluation) span(r hcl.Range) Span {
	if e.last == nil || e.last.Path != r.Filename {
		f := e.read(r.Filename)
		if f == nil {
			return Span{}
		}
		e.last = f
	}
	size := len(e.last.Src)
	start := max(0, min(r.Start.Byte, size))
	return Span{File: e.last, Start: uint32(start), End: uint32(max(start, min(r.End.Byte, size)))} //nolint:gosec // files have at most maxFile bytes; of broken code, the parser's ranges may end before they begin
}

// once evaluates what has a name, at most once, and breaks circles.
func (s *scope) once(name string, at Span, f func() *Value) *Value {
	if v, known := s.memo[name]; known {
		return v
	}
	if s.busy[name] {
		return hole(s.prefix(name), at)
	}
	s.busy[name] = true
	v := f()
	delete(s.busy, name)
	s.memo[name] = v
	return v
}

// prefix is a reference as the stack would write it.
func (s *scope) prefix(ref string) string {
	if s.path == "" {
		return ref
	}
	return s.path + "." + ref
}

// traverse gives what a reference means.
func (s *scope) traverse(t hcl.Traversal, f *frame, at Span) *Value {
	root := t.RootName()
	if v := f.find(root); v != nil {
		return s.descend(v, t[1:], at)
	}
	ref := text(t)
	if len(t) < 2 {
		return hole(s.prefix(ref), at)
	}
	second := stepName(t[1])
	switch root {
	case "var":
		return s.descend(s.variable(second, at), t[2:], at)
	case "local":
		return s.descend(s.local(second, at), t[2:], at)
	case "path":
		return s.pathOf(second, at)
	case "each", "count", "self":
		return hole(ref, at)
	case "terraform", "tofu":
		if second == "workspace" {
			return s.workspace(at)
		}
		return hole("terraform."+second, at)
	case "module":
		return s.module(second, t[2:], at)
	case "include":
		if v := s.include(t, at); v != nil {
			return v
		}
	case "data":
		if len(t) < 4 {
			return hole(s.prefix(ref), at)
		}
		return s.resource("data."+second+"."+stepName(t[2]), t[3:], at)
	}
	return s.resource(root+"."+second, t[2:], at)
}

func (s *scope) pathOf(which string, at Span) *Value {
	switch which {
	case "module":
		return textOf(s.folder.dir, at)
	case "root":
		return textOf(s.root, at)
	}
	return hole("path."+which, at)
}

// variable is the value of a variable, or a hole in its name.
func (s *scope) variable(name string, at Span) *Value {
	key := "var." + name
	v := s.once(key, at, func() *Value {
		b := s.folder.variables[name]
		given, ok := s.inputs[name]
		if !ok {
			given, ok = s.values[name]
		}
		switch {
		case ok && given != nil:
			return given
		case b == nil:
			return hole(s.prefix(key), at)
		}
		if d := b.Body.Attributes["default"]; d != nil {
			return s.eval(d.Expr, nil)
		}
		return hole(s.prefix(key), at)
	})
	decl := at
	if b := s.folder.variables[name]; b != nil {
		decl = s.span(b.TypeRange)
	}
	return s.through(v, s.prefix(key), decl, at)
}

func (s *scope) local(name string, at Span) *Value {
	key := "local." + name
	a := s.folder.locals[name]
	if a == nil {
		return hole(s.prefix(key), at)
	}
	v := s.once(key, at, func() *Value { return s.eval(a.Expr, nil) })
	return s.through(v, s.prefix(key), s.span(a.NameRange), at)
}

// module is an output of a called module.
func (s *scope) module(name string, rest hcl.Traversal, at Span) *Value {
	ref, key := "module."+name, ""
	if len(rest) > 0 {
		if i, ok := rest[0].(hcl.TraverseIndex); ok {
			key, rest = keyText(i.Key), rest[1:]
		}
	}
	child := s.child(name, key)
	if child == nil || len(rest) == 0 {
		return hole(s.prefix(ref)+text(rest), at)
	}
	out := stepName(rest[0])
	b := child.folder.outputs[out]
	if b == nil {
		return hole(s.prefix(ref)+text(rest), at)
	}
	v := child.output(out, at)
	return s.descend(s.through(v, s.prefix(ref+"."+out), s.span(b.TypeRange), at), rest[1:], at)
}

func (s *scope) output(name string, at Span) *Value {
	b := s.folder.outputs[name]
	if b == nil || b.Body.Attributes["value"] == nil {
		return hole(s.prefix("output."+name), at)
	}
	return s.once("output."+name, at, func() *Value { return s.eval(b.Body.Attributes["value"].Expr, nil) })
}

// resource is an attribute of a resource: what the code writes, or a hole.
func (s *scope) resource(addr string, rest hcl.Traversal, at Span) *Value {
	b := s.folder.resources[addr]
	ref := s.prefix(addr) + text(rest)
	key := ""
	if len(rest) > 0 {
		if i, ok := rest[0].(hcl.TraverseIndex); ok {
			key, rest = keyText(i.Key), rest[1:]
		}
	}
	if b == nil || len(rest) == 0 {
		return hole(ref, at)
	}
	attr := stepName(rest[0])
	name := written0(b, attr)
	if name == "" {
		if v := s.fact(b, attr, at); v != nil {
			return v
		}
		return hole(ref, at)
	}
	v := s.once(addr+"["+key+"]."+name, at, func() *Value {
		in := s.instance(b, key)
		if a := b.Body.Attributes[name]; a != nil {
			return s.eval(a.Expr, in)
		}
		return s.blocks(b.Body, name, in)
	})
	if v.IsNull() {
		return hole(ref, at)
	}
	return s.descend(s.through(v, s.prefix(addr)+"."+attr, s.span(b.TypeRange), at), rest[1:], at)
}

// written0 is the attribute or block of a resource that says what an attribute of it is; empty if only AWS knows.
func written0(b *hclsyntax.Block, attr string) string {
	if same := nameOf(b.Labels[0], attr); same != "" {
		attr = same
	}
	if b.Body.Attributes[attr] != nil {
		return attr
	}
	for _, n := range b.Body.Blocks {
		if n.Type == attr {
			return attr
		}
	}
	return ""
}

// nameOf tells of an attribute that AWS sets from another one.
func nameOf(typ, attr string) string {
	switch {
	case attr != "id":
		return ""
	case typ == "aws_s3_bucket":
		return "bucket"
	case typ == "aws_dynamodb_table", typ == "aws_iam_role", typ == "aws_cloudwatch_log_group", typ == "aws_ecr_repository", typ == "aws_ssm_parameter":
		return "name"
	case typ == "aws_lambda_function":
		return "function_name"
	}
	return ""
}

// instance is the frame of one instance of a block; of the first, if the key is empty or unknown.
func (s *scope) instance(b *hclsyntax.Block, key string) *frame {
	list := s.instances(b)
	for _, in := range list {
		if in.key == key {
			return in.frame
		}
	}
	if len(list) > 0 {
		return list[0].frame
	}
	return nil
}

type instanceFrame struct {
	key   string
	frame *frame
}

// instances are those of a block with for_each or count, see Resource.Instances.
func (s *scope) instances(b *hclsyntax.Block) []instanceFrame {
	each, count := b.Body.Attributes["for_each"], b.Body.Attributes["count"]
	if each == nil && count == nil {
		return []instanceFrame{{}}
	}
	if list, known := s.frames[b]; known {
		return list
	}
	var list []instanceFrame
	if each != nil {
		list = repeated(s.repeat(b, each), s.most(), s.span(each.Expr.Range()))
	} else {
		list = counted(s.repeat(b, count), s.most(), s.span(count.Expr.Range()))
	}
	s.frames[b] = list
	return list
}

func (s *scope) repeat(b *hclsyntax.Block, a *hclsyntax.Attribute) *Value {
	return s.once(b.Type+"."+strings.Join(b.Labels, ".")+" for_each", s.span(a.Expr.Range()), func() *Value { return s.eval(a.Expr, nil) })
}

func counted(v *Value, most int, at Span) []instanceFrame {
	n, known := v.Int()
	if !known {
		return []instanceFrame{{"*", (*frame)(nil).with("count", object(at, Elem{Key: "index", Value: hole("count.index", at)}))}}
	}
	var out []instanceFrame
	for i := range min(n, most) {
		out = append(out, instanceFrame{strconv.Itoa(i), (*frame)(nil).with("count", object(at, Elem{Key: "index", Value: number(i, at)}))})
	}
	return out
}

func repeated(v *Value, most int, at Span) []instanceFrame {
	if v.IsNull() || v.Kind != List && v.Kind != Object || v.Partial && len(v.Elems) == 0 {
		return []instanceFrame{{"*", each(hole("each.key", at), hole("each.value", at), at)}}
	}
	var out []instanceFrame
	for _, el := range v.Elems[:min(len(v.Elems), most)] {
		key := textOf(el.Key, el.At)
		if v.Kind == List {
			key = el.Value
		}
		name, known := key.Str()
		if !known || v.Partial {
			name = "*"
		}
		out = append(out, instanceFrame{name, each(key, el.Value, at)})
	}
	return out
}

func each(key, value *Value, at Span) *frame {
	return (*frame)(nil).with("each", object(at, Elem{Key: "key", Value: key}, Elem{Key: "value", Value: value}))
}

// descend follows attributes and indices into a value.
func (s *scope) descend(v *Value, rest hcl.Traversal, at Span) *Value {
	for _, step := range rest {
		key := stepName(step)
		v = into(v, key, step, at)
	}
	return v
}

func into(v *Value, key string, step hcl.Traverser, at Span) *Value {
	suffix := "." + key
	if _, ok := step.(hcl.TraverseIndex); ok {
		suffix = "[" + key + "]"
	}
	if _, ok := step.(hcl.TraverseSplat); ok {
		suffix = "[*]"
	}
	return at1(v, key, suffix, at)
}

// at1 is an element of a value; a hole where it is not known.
func at1(v *Value, key, suffix string, at Span) *Value {
	switch {
	case v == nil:
	case v.Kind == Unknown && len(v.Parts) > 0:
		out := hole(v.Parts[0].Ref+suffix, at)
		out.Parts[0].Via = v.Parts[0].Via
		return out
	case v.Kind == List:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v.Elems) {
			return v.Elems[i].Value
		}
	case v.Kind == Object:
		if el := v.field(key); el != nil {
			return el
		}
	}
	return hole("(nothing)"+suffix, at)
}

func stepName(t hcl.Traverser) string {
	switch t := t.(type) {
	case hcl.TraverseRoot:
		return t.Name
	case hcl.TraverseAttr:
		return t.Name
	case hcl.TraverseIndex:
		return keyText(t.Key)
	}
	return "*"
}

func keyText(k cty.Value) string {
	switch {
	case k.IsNull() || !k.IsKnown():
	case k.Type() == cty.String:
		return k.AsString()
	case k.Type() == cty.Number:
		return k.AsBigFloat().Text('f', 0)
	}
	return "*"
}

// text is a traversal as it is written.
func text(t hcl.Traversal) string {
	var b strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			b.WriteString("[" + keyText(step.Key) + "]")
		default:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// through is like the function of that name, and counts what it copies.
func (s *scope) through(v *Value, ref string, decl, use Span) *Value {
	if v != nil {
		s.steps -= min(500, int(v.size)) + len(v.Parts)/8
	}
	return through(v, s.same(ref), decl, use)
}

// same is one copy of a text that is needed often.
func (e *evaluation) same(text string) string {
	if known, ok := e.texts[text]; ok {
		return known
	}
	if e.texts == nil {
		e.texts = map[string]string{}
	}
	e.texts[text] = text
	return text
}
