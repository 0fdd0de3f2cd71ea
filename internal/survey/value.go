package survey

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a Value is.
type Kind uint8

// The kinds of values.
const (
	Unknown Kind = iota // nothing is known but what it refers to: its one Part is a hole
	Null                // not written, or written as null
	String              // Parts, of which some may be holes
	Number              // Text is the number
	Bool                // Text is true or false
	List                // Elems without keys. A tuple or set, and the blocks of one type too
	Object              // Elems with keys. A map, and a block's body too
)

// Value is an attribute, a block or a part of one, evaluated as far as the code tells. Values are shared: treat them as read-only.
// All methods may be called on nil, which is Null.
type Value struct {
	Kind      Kind
	Block     bool   // Elems are blocks, rather than what an expression gave
	Sensitive bool   // a variable or output is declared so, or sensitive() was called
	Partial   bool   // a List or Object that may have more elements than Elems: some of them are not known
	Span      Span   // where the expression stands that gave the value, at the place of use
	Parts     []Part // of a String or Unknown: literals and holes in the order of the text
	Text      string // of a Number or Bool
	Elems     []Elem // of a List or Object, in the order of the text

	size int32 // leaves, counted as often as they are reached
}

// Elem is an element of a List or Object.
type Elem struct {
	Key   string // of an Object
	Value *Value
	At    Span // where the key stands; zero where there is none
}

// Part is a piece of a text: a literal, or a hole.
type Part struct {
	Text string // what is known; empty for a hole
	Ref  string // what the hole refers to, such as var.environment or module.x.aws_sqs_queue.y.arn; empty for a literal
	At   Span   // where this very piece is written, which may be a local, a default or another file; zero: made by a function
	Via  *Via   // how it came from there to here; nil: it is written in place
}

// Hole tells whether the piece is not known.
func (p Part) Hole() bool { return p.Ref != "" }

// Via is one link of the chain between where a literal is written and where it is used; the nearest to the use comes first.
type Via struct {
	Ref  string // local.region, var.region, module.x.name, or upper() for a function
	At   Span   // the declaration that was followed, or the function's call
	Next *Via
	From []Part // what a function made the piece from, where it cannot be told apart any more
}

// Known tells whether everything in the value is known.
func (v *Value) Known() bool {
	if v == nil {
		return true
	}
	if v.Kind == Unknown || v.Partial {
		return false
	}
	for _, p := range v.Parts {
		if p.Hole() {
			return false
		}
	}
	for _, e := range v.Elems {
		if !e.Value.Known() {
			return false
		}
	}
	return true
}

// IsNull tells whether nothing is written.
func (v *Value) IsNull() bool { return v == nil || v.Kind == Null }

// Str is a known text, number or truth value as text. It is "" and false for anything else.
func (v *Value) Str() (string, bool) {
	switch {
	case v == nil:
		return "", false
	case v.Kind == Number || v.Kind == Bool:
		return v.Text, true
	case v.Kind != String:
		return "", false
	case len(v.Parts) == 1 && !v.Parts[0].Hole():
		return v.Parts[0].Text, true
	}
	var b strings.Builder
	for _, p := range v.Parts {
		if p.Hole() {
			return "", false
		}
		b.WriteString(p.Text)
	}
	return b.String(), true
}

// Bool is the truth value, if it is known.
func (v *Value) Bool() (value, known bool) {
	s, ok := v.Str()
	b, err := strconv.ParseBool(s)
	return b, ok && err == nil
}

// Int is the whole number, if it is known.
func (v *Value) Int() (value int, known bool) {
	s, ok := v.Str()
	n, err := strconv.Atoi(s)
	return n, ok && err == nil
}

// Show is the value as a person would write it, with holes as ${var.name}. Lists and objects are [...] and {...}.
func (v *Value) Show() string {
	if v == nil || v.Kind == Null {
		return "null"
	}
	if v.Kind == List {
		return "[...]"
	}
	if v.Kind == Object {
		return "{...}"
	}
	b := strings.Builder{}
	b.WriteString(v.Text)
	for _, p := range v.Parts {
		if p.Hole() {
			b.WriteString("${" + p.Ref + "}")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// Said is the value as its author wrote it where a function made a hole of it, and as Show has it otherwise.
func (v *Value) Said() string {
	shown := v.Show()
	if v == nil || v.Span.File == nil || !slices.ContainsFunc(v.Parts, func(p Part) bool { return strings.Contains(p.Ref, "(") }) {
		return shown
	}
	text := strings.Join(strings.Fields(v.Span.Text()), " ")
	if inner, quoted := strings.CutPrefix(text, `"`); quoted {
		return strings.TrimSuffix(inner, `"`)
	}
	return "${" + text + "}"
}

// Get descends by keys. A list on the way stands for its first element, unless the key is its index; so Get("lifecycle",
// "prevent_destroy") reads a nested block. It is nil where there is nothing.
func (v *Value) Get(path ...string) *Value {
	for _, key := range path {
		if v == nil {
			return nil
		}
		if v.Kind == List {
			if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v.Elems) {
				v = v.Elems[i].Value
				continue
			}
			if v = v.first(); v == nil {
				return nil
			}
		}
		v = v.field(key)
	}
	return v
}

// All are the elements of a list, of an object the object itself, and nothing otherwise: Get("statement").All() are the blocks of that type,
// in HCL or in JSON.
func (v *Value) All() []*Value {
	switch {
	case v == nil:
		return nil
	case v.Kind == Object:
		return []*Value{v}
	case v.Kind != List:
		return nil
	}
	out := make([]*Value, len(v.Elems))
	for i, e := range v.Elems {
		out[i] = e.Value
	}
	return out
}

// KeyAt is where the key of an object's field is written: the place to point at for an attribute as a whole.
func (v *Value) KeyAt(key string) Span {
	if v != nil && v.Kind == List {
		v = v.first()
	}
	if v != nil {
		for _, e := range v.Elems {
			if e.Key == key {
				return e.At
			}
		}
	}
	return Span{}
}

// Path is where a leaf stands inside of a value: the keys of objects and places in lists that lead to it.
type Path []Step

// Step is a key of an object, or where it is empty a place in a list.
type Step struct {
	Key   string
	Index int
}

// String is the path as people write it: statement.0.actions.1.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		if i > 0 {
			b.WriteByte('.')
		}
		if s.Key == "" {
			b.WriteString(strconv.Itoa(s.Index))
		} else {
			b.WriteString(s.Key)
		}
	}
	return b.String()
}

// First is the key that the path begins with.
func (p Path) First() string {
	if len(p) == 0 {
		return ""
	}
	return p[0].Key
}

// Last is the key that the path ends with; empty in a list.
func (p Path) Last() string {
	if len(p) == 0 {
		return ""
	}
	return p[len(p)-1].Key
}

// Leaves are all texts, numbers, truth values and unknowns inside the value, with the path to each, which is good until the next one.
func (v *Value) Leaves() iter.Seq2[Path, *Value] {
	return func(yield func(Path, *Value) bool) { v.leaves(make(Path, 0, 8), yield) }
}

func (v *Value) leaves(path Path, yield func(Path, *Value) bool) bool {
	if v == nil || v.Kind == Null {
		return true
	}
	if v.Kind != List && v.Kind != Object {
		return yield(path, v)
	}
	for i, e := range v.Elems {
		if !e.Value.leaves(append(path, Step{e.Key, i}), yield) {
			return false
		}
	}
	return true
}

// Written are the literals that the value was made from, each where it is written: those in place, those behind locals, defaults and files,
// and those that a function took in. A rule that looks for a region or an account looks through these.
func (v *Value) Written() iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for _, leaf := range v.Leaves() {
			for _, p := range leaf.Parts {
				if !written(p, yield) {
					return
				}
			}
		}
	}
}

func written(p Part, yield func(Part) bool) bool {
	if !p.Hole() && p.At.File != nil {
		return yield(p)
	}
	for w := p.Via; w != nil; w = w.Next {
		for _, from := range w.From {
			if !written(from, yield) {
				return false
			}
		}
	}
	return true
}

// Refs are what the value's holes refer to, each once.
func (v *Value) Refs() []string {
	var out []string
	seen := map[string]bool{}
	for _, leaf := range v.Leaves() {
		for _, p := range leaf.Parts {
			if p.Hole() && !seen[p.Ref] {
				seen[p.Ref] = true
				out = append(out, p.Ref)
			}
		}
	}
	return out
}

func (v *Value) first() *Value {
	if len(v.Elems) == 0 {
		return nil
	}
	return v.Elems[0].Value
}

func (v *Value) field(key string) *Value {
	for _, e := range v.Elems {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}
