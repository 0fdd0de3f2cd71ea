package survey

import (
	"strconv"
)

// Bounds of one value. A value beyond them becomes a hole: text that doubles itself would fill any memory.
const (
	maxParts = 4096
	maxText  = 1 << 20
	maxSize  = 50_000 // leaves
)

// single is a value of one part. There are so many that each is made in one piece.
func single(kind Kind, at Span, p Part) *Value {
	v := &struct {
		Value
		part [1]Part
	}{Value: Value{Kind: kind, Span: at, size: 1}, part: [1]Part{p}}
	v.Parts = v.part[:]
	return &v.Value
}

func hole(ref string, at Span) *Value { return single(Unknown, at, Part{Ref: ref, At: at}) }

// lost is what a function or operator gives whose result is not known, made from values whose literals are kept.
func lost(ref string, at Span, from ...*Value) *Value {
	v := hole(ref, at)
	if parts := partsOf(from); len(parts) > 0 {
		v.Parts[0].Via = &Via{Ref: ref, At: at, From: parts}
	}
	return v
}

// partsOf are the parts of all leaves that tell something, as many as are worth keeping.
func partsOf(values []*Value) []Part {
	var out []Part
	for _, v := range values {
		for _, leaf := range v.Leaves() {
			for _, p := range leaf.Parts {
				if p.Hole() && p.Via == nil {
					continue
				}
				if out = append(out, p); len(out) >= maxParts {
					return out
				}
			}
		}
	}
	return out
}

func textOf(s string, at Span) *Value {
	return single(String, at, Part{Text: s, At: at})
}

func number(n int, at Span) *Value {
	return &Value{Kind: Number, Span: at, size: 1, Text: strconv.Itoa(n)}
}

func boolean(b bool, at Span) *Value {
	return &Value{Kind: Bool, Span: at, size: 1, Text: strconv.FormatBool(b)}
}

func null(at Span) *Value { return &Value{Kind: Null, Span: at, size: 1} }

func object(at Span, elems ...Elem) *Value { return collection(Object, at, elems) }

func list(at Span, elems []Elem) *Value { return collection(List, at, elems) }

func collection(kind Kind, at Span, elems []Elem) *Value {
	v := &Value{Kind: kind, Span: at, size: 1, Elems: elems}
	for _, e := range elems {
		if e.Value != nil {
			v.size += e.Value.size
		}
		if v.size > maxSize {
			return hole("(too large)", at)
		}
	}
	return v
}

// template is a text of parts; Unknown if it is nothing but one hole that may be anything.
func template(parts []Part, at Span) *Value {
	size := 0
	for _, p := range parts {
		size += len(p.Text)
	}
	if len(parts) > maxParts || size > maxText {
		return hole("(too large)", at)
	}
	if len(parts) == 0 {
		parts = []Part{{At: at}}
	}
	return &Value{Kind: String, Span: at, size: 1, Parts: parts}
}

// through is a value as it is seen where a reference uses it: it keeps the place where it was written, and how it got here.
func through(v *Value, ref string, decl, use Span) *Value {
	if v == nil {
		return null(use)
	}
	w := *v
	w.Span = use
	if v.size > 500 { // such values are looked into, not used as a whole; their parts still know where they are written
		return &w
	}
	w.Parts = make([]Part, len(v.Parts))
	var via *Via // pieces that came the same way share it
	for i, p := range v.Parts {
		if p.Ref != ref { // a variable without a value does not come from anywhere
			if via == nil || via.Next != p.Via {
				via = &Via{Ref: ref, At: decl, Next: p.Via}
			}
			p.Via = via
		}
		w.Parts[i] = p
	}
	if len(v.Elems) > 0 {
		w.Elems = make([]Elem, len(v.Elems))
		for i, e := range v.Elems {
			w.Elems[i] = Elem{Key: e.Key, At: e.At, Value: through(e.Value, ref, decl, use)}
		}
	}
	return &w
}
