package survey

import (
	"math/big"

	"github.com/zclconf/go-cty/cty"
)

// Bounds of what a function is given: a few of them make much out of little.
const (
	maxArgText = 256 << 10
	maxArgSize = 10_000
	maxArgNum  = 10_000
)

// known calls a function whose arguments are all known; otherwise the result is a hole that keeps their literals.
func (e *evaluation) known(f func([]cty.Value) (cty.Value, error), name string, at Span, args ...*Value) *Value {
	in := make([]cty.Value, len(args))
	textSize, size := 0, 0
	for i, a := range args {
		if !a.Known() {
			return lost(name, at, args...)
		}
		size += int(a.size)
		if size <= maxArgSize {
			in[i] = toCty(a, &textSize)
		}
	}
	if size > maxArgSize || textSize > maxArgText || large(args) {
		return lost(name, at, args...)
	}
	v, ok := safely(f, in)
	if !ok {
		return lost(name, at, args...)
	}
	out := fromCty(v, at)
	if out.size > maxSize {
		return lost(name, at, args...)
	}
	if from := partsOf(args); len(from) > 0 {
		credit(out, &Via{Ref: name, At: at, From: from})
	}
	for _, a := range args {
		out.Sensitive = out.Sensitive || a.Sensitive
	}
	return out
}

// safely calls a function of a library, of which no failure may end the survey.
func safely(f func([]cty.Value) (cty.Value, error), in []cty.Value) (v cty.Value, ok bool) {
	defer func() {
		if recover() != nil {
			v, ok = cty.NilVal, false
		}
	}()
	v, err := f(in)
	return v, err == nil && v != cty.NilVal && v.IsWhollyKnown()
}

// large tells whether a number is given that makes much out of little, as in format("%9999999d") or range(1e9).
func large(args []*Value) bool {
	for _, a := range args {
		if a == nil || a.Kind != Number {
			continue
		}
		if n, _, err := big.ParseFloat(a.Text, 10, 64, big.ToZero); err == nil && n.Cmp(big.NewFloat(1e18)) > 0 {
			return true
		}
	}
	return false
}

// credit says of all texts in a new value what they were made from.
func credit(v *Value, via *Via) {
	for i := range v.Parts {
		v.Parts[i].Via = via
	}
	for _, e := range v.Elems {
		credit(e.Value, via)
	}
}

func toCty(v *Value, size *int) cty.Value {
	switch {
	case v.IsNull():
		return cty.NullVal(cty.DynamicPseudoType)
	case v.Kind == String:
		s, _ := v.Str()
		*size += len(s)
		return cty.StringVal(s)
	case v.Kind == Number:
		n, err := cty.ParseNumberVal(v.Text)
		if err != nil {
			return cty.DynamicVal
		}
		return n
	case v.Kind == Bool:
		return cty.BoolVal(v.Text == "true")
	case v.Kind == List:
		elems := make([]cty.Value, len(v.Elems))
		for i, e := range v.Elems {
			elems[i] = toCty(e.Value, size)
		}
		return cty.TupleVal(elems)
	case v.Kind == Object:
		attrs := make(map[string]cty.Value, len(v.Elems))
		for _, e := range v.Elems {
			attrs[e.Key] = toCty(e.Value, size)
		}
		return cty.ObjectVal(attrs)
	}
	return cty.DynamicVal
}

func fromCty(c cty.Value, at Span) *Value {
	c, _ = c.Unmark()
	t := c.Type()
	switch {
	case c.IsNull():
		return null(at)
	case !c.IsKnown():
		return hole("(unknown)", at)
	case t == cty.String:
		s := c.AsString()
		if len(s) > maxText {
			return hole("(too large)", at)
		}
		return &Value{Kind: String, Span: at, size: 1, Parts: []Part{{Text: s}}}
	case t == cty.Number:
		return numeral(c.AsBigFloat(), at)
	case t == cty.Bool:
		return boolean(c.True(), at)
	case t.IsObjectType() || t.IsMapType():
		var elems []Elem
		for it := c.ElementIterator(); it.Next(); {
			k, e := it.Element()
			elems = append(elems, Elem{Key: k.AsString(), Value: fromCty(e, at)})
		}
		return object(at, elems...)
	case c.CanIterateElements():
		var elems []Elem
		for it := c.ElementIterator(); it.Next(); {
			_, e := it.Element()
			elems = append(elems, Elem{Value: fromCty(e, at)})
		}
		return list(at, elems)
	}
	return hole("(unreadable)", at)
}
