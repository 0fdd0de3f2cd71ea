package survey

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// call evaluates a function call. What only rearranges its arguments keeps each piece with its place; texts with holes are worked on piece
// by piece where that is exact; everything else is computed when all is known.
func (s *scope) call(x *hclsyntax.FunctionCallExpr, f *frame, at Span) *Value {
	name := x.Name[strings.LastIndex(x.Name, ":")+1:] // core::upper
	if name == "try" || name == "can" {
		return s.try(name, x.Args, f, at)
	}
	args := make([]*Value, 0, len(x.Args))
	for i, a := range x.Args {
		v := s.eval(a, f)
		if x.ExpandFinal && i == len(x.Args)-1 {
			if v.Kind != List || v.Partial {
				return lost(name+"()", at, append(args, v)...)
			}
			args = append(args, v.All()...)
			continue
		}
		args = append(args, v)
	}
	if v := s.rearrange(name, args, at); v != nil {
		return v
	}
	if v := s.piecewise(name, args, at); v != nil {
		return v
	}
	if v := s.terragruntCall(name, args, at); v != nil {
		return v
	}
	if v := s.fromFile(name, args, at); v != nil {
		return v
	}
	fn, ok := s.functions[name]
	if !ok || riskyCall(name, args) {
		return lost(name+"()", at, args...)
	}
	return s.known(fn.Call, name+"()", at, args...)
}

// try gives the first argument that has a value. One that waits for something counts: it is what the author hopes for.
func (s *scope) try(name string, args []hclsyntax.Expression, f *frame, at Span) *Value {
	for i, a := range args {
		v := s.eval(a, f)
		broken := v.Kind == Unknown && len(v.Parts) > 0 && strings.HasPrefix(v.Parts[0].Ref, "(nothing)")
		switch {
		case name == "can":
			if v.Known() {
				return boolean(true, at)
			}
			return lost("can()", at, v)
		case !broken || i == len(args)-1:
			return v
		}
	}
	return hole(name+"()", at)
}

// rearrange does what moves values without changing them; nil: it is another function, or too little is known.
func (s *scope) rearrange(name string, args []*Value, at Span) *Value {
	if len(args) == 0 {
		return nil
	}
	first := args[0]
	switch name {
	case "tostring", "nonsensitive", "tonumber", "tobool", "ephemeralasnull", "type":
		return first
	case "tolist", "tomap":
		return first
	case "sensitive":
		v := *first
		v.Sensitive = true
		return &v
	case "toset", "distinct":
		return distinct(first, at)
	case "concat", "setunion":
		return concat(name, args, at)
	case "compact":
		return filter(first, at, func(v *Value) bool { t, known := v.Str(); return !v.IsNull() && (!known || t != "") })
	case "flatten":
		return flatten(first, at)
	case "merge":
		return mergeValues(args, at)
	case "keys", "values":
		return keysOrValues(name, first, at)
	case "coalesce", "coalescelist":
		return coalesce(args, at)
	case "lookup":
		return lookupValue(args, at)
	case "element":
		return element(args, at)
	case "one":
		if first.Kind == List && len(first.Elems) == 1 && !first.Partial {
			return first.Elems[0].Value
		}
	case "zipmap":
		return zipmap(args, at)
	}
	return nil
}

func distinct(v *Value, at Span) *Value {
	if v.Kind != List {
		return v
	}
	seen := map[string]bool{}
	return filter(v, at, func(e *Value) bool {
		t, known := e.Str()
		if !known {
			return true
		}
		again := seen[t]
		seen[t] = true
		return !again
	})
}

func filter(v *Value, at Span, keep func(*Value) bool) *Value {
	if v.Kind != List {
		return v
	}
	var elems []Elem
	for _, e := range v.Elems {
		if keep(e.Value) {
			elems = append(elems, e)
		}
	}
	out := list(at, elems)
	out.Partial = out.Partial || v.Partial
	return out
}

func concat(name string, args []*Value, at Span) *Value {
	var elems []Elem
	partial := false
	for _, a := range args {
		switch a.Kind {
		case List:
			elems, partial = append(elems, a.Elems...), partial || a.Partial
		case Null:
		default:
			elems, partial = append(elems, Elem{Value: at1(a, "*", "[*]", at)}), true
		}
	}
	out := list(at, elems)
	out.Partial = out.Partial || partial
	if name == "setunion" {
		return distinct(out, at)
	}
	return out
}

func flatten(v *Value, at Span) *Value {
	if v.Kind != List {
		return v
	}
	var elems []Elem
	partial := v.Partial
	for _, e := range v.Elems {
		if e.Value == nil || e.Value.Kind != List {
			elems, partial = append(elems, e), partial || e.Value != nil && e.Value.Kind == Unknown
			continue
		}
		in := flatten(e.Value, at)
		elems, partial = append(elems, in.Elems...), partial || in.Partial
	}
	out := list(at, elems)
	out.Partial = out.Partial || partial
	return out
}

func mergeValues(args []*Value, at Span) *Value {
	var elems []Elem
	index := map[string]int{}
	partial := false
	for _, a := range args {
		if a.Kind != Object {
			partial = partial || a.Kind != Null
			continue
		}
		partial = partial || a.Partial
		for _, e := range a.Elems {
			if i, known := index[e.Key]; known {
				elems[i] = e
				continue
			}
			index[e.Key] = len(elems)
			elems = append(elems, e)
		}
	}
	if len(elems) == 0 && partial {
		return lost("merge()", at, args...)
	}
	out := object(at, elems...)
	out.Partial = out.Partial || partial
	return out
}

func keysOrValues(name string, v *Value, at Span) *Value {
	if v.Kind != Object {
		return nil
	}
	sorted := slices.Clone(v.Elems)
	slices.SortStableFunc(sorted, func(a, b Elem) int { return strings.Compare(a.Key, b.Key) })
	elems := make([]Elem, len(sorted))
	for i, e := range sorted {
		elems[i].Value = e.Value
		if name == "keys" {
			elems[i].Value = textOf(e.Key, e.At)
		}
	}
	out := list(at, elems)
	out.Partial = out.Partial || v.Partial
	return out
}

func coalesce(args []*Value, at Span) *Value {
	for _, a := range args {
		t, known := a.Str()
		switch {
		case a.Kind == Unknown:
			return lost("coalesce("+a.Show()+")", at, args...)
		case a.IsNull(), known && t == "", a.Kind == List && len(a.Elems) == 0 && !a.Partial:
			continue
		}
		return a
	}
	return null(at)
}

func lookupValue(args []*Value, at Span) *Value {
	if len(args) < 2 {
		return nil
	}
	key, known := args[1].Str()
	if !known || args[0].Kind != Object {
		return lost("lookup()", at, args...)
	}
	if v := args[0].field(key); v != nil {
		return v
	}
	if len(args) > 2 && !args[0].Partial {
		return args[2]
	}
	return lost("lookup()", at, args...)
}

func element(args []*Value, at Span) *Value {
	if len(args) != 2 || args[0].Kind != List || len(args[0].Elems) == 0 || args[0].Partial {
		return lost("element()", at, args...)
	}
	i, known := args[1].Int()
	if !known || i < 0 {
		return lost("element()", at, args...)
	}
	return args[0].Elems[i%len(args[0].Elems)].Value
}

func zipmap(args []*Value, at Span) *Value {
	if len(args) != 2 || args[0].Kind != List || args[1].Kind != List || len(args[0].Elems) != len(args[1].Elems) {
		return nil
	}
	elems := make([]Elem, len(args[0].Elems))
	for i, k := range args[0].Elems {
		name, known := k.Value.Str()
		if !known {
			return nil
		}
		elems[i] = Elem{Key: name, Value: args[1].Elems[i].Value, At: k.Value.Span}
	}
	return object(at, elems...)
}

// piecewise works on texts that may have holes; nil: it is another function, or the result depends on what is in a hole.
func (s *scope) piecewise(name string, args []*Value, at Span) *Value {
	switch {
	case name == "join" && len(args) >= 2:
		return join(args[0], concat("", args[1:], at), at)
	case name == "format" && len(args) >= 1:
		return format(args, at)
	case name == "jsonencode" && len(args) == 1:
		return encode(args[0], at)
	case len(args) == 0 || args[0] == nil || args[0].Kind != String || args[0].Known():
		return nil
	case name == "lower":
		return mapParts(args[0], strings.ToLower, at)
	case name == "upper":
		return mapParts(args[0], strings.ToUpper, at)
	case name == "trimspace" || name == "chomp":
		return args[0]
	case name == "replace" && len(args) == 3:
		return replaceParts(args, at)
	case name == "trimsuffix" && len(args) == 2:
		return trimSuffix(args, at)
	}
	return nil
}

func mapParts(v *Value, f func(string) string, at Span) *Value {
	out := *v
	out.Span = at
	out.Parts = make([]Part, len(v.Parts))
	for i, p := range v.Parts {
		p.Text = f(p.Text)
		out.Parts[i] = p
	}
	return &out
}

func replaceParts(args []*Value, at Span) *Value {
	search, ok1 := args[1].Str()
	with, ok2 := args[2].Str()
	if !ok1 || !ok2 || search == "" || len(search)+len(with) > 4096 {
		return nil
	}
	if len(search) > 1 && strings.HasPrefix(search, "/") && strings.HasSuffix(search, "/") {
		re, err := regexp.Compile(search[1 : len(search)-1])
		if err != nil {
			return nil
		}
		return mapParts(args[0], func(t string) string { return re.ReplaceAllString(t, with) }, at)
	}
	return mapParts(args[0], func(t string) string { return strings.ReplaceAll(t, search, with) }, at)
}

func trimSuffix(args []*Value, at Span) *Value {
	suffix, ok := args[1].Str()
	last := args[0].Parts[len(args[0].Parts)-1]
	if !ok || last.Hole() || !strings.HasSuffix(last.Text, suffix) {
		return args[0]
	}
	out := *args[0]
	out.Span = at
	out.Parts = slices.Clone(args[0].Parts)
	out.Parts[len(out.Parts)-1].Text = strings.TrimSuffix(last.Text, suffix)
	return &out
}

// join is a list's texts with a separator between them.
func join(sep, v *Value, at Span) *Value {
	if v.Kind != List || v.Partial || sep != nil && sep.Kind != String {
		return lost("join()", at, v)
	}
	var parts []Part
	for i, e := range v.Elems {
		if i > 0 && sep != nil {
			parts = append(parts, sep.Parts...)
		}
		parts = append(parts, textParts(e.Value)...)
		if len(parts) > maxParts {
			break
		}
	}
	return template(parts, at)
}

// format does %s, %v, %d without widths; nil: the text asks for more, which is computed when all is known.
func format(args []*Value, at Span) *Value {
	text, known := args[0].Str()
	if !known {
		return lost("format()", at, args...)
	}
	var parts []Part
	next, from := 1, 0
	piece := func(to int) {
		if to > from {
			parts = append(parts, Part{Text: text[from:to], At: args[0].Span.Sub(text, from, to)})
		}
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			continue
		}
		piece(i)
		if i+1 >= len(text) {
			return nil
		}
		switch text[i+1] {
		case '%':
			parts = append(parts, Part{Text: "%", At: args[0].Span})
		case 's', 'v', 'd':
			if next >= len(args) || args[next].Kind == List || args[next].Kind == Object {
				return nil
			}
			parts = append(parts, textParts(args[next])...)
			next++
		default:
			return nil
		}
		i++
		from = i + 1
	}
	piece(len(text))
	return template(parts, at)
}

// encode is jsonencode, with every piece keeping its place.
func encode(v *Value, at Span) *Value {
	e := &encoder{}
	e.value(v)
	return template(e.parts, at)
}

type encoder struct{ parts []Part }

func (e *encoder) raw(s string) {
	if n := len(e.parts); n > 0 && !e.parts[n-1].Hole() && e.parts[n-1].At.File == nil && e.parts[n-1].Via == nil {
		e.parts[n-1].Text += s
		return
	}
	e.parts = append(e.parts, Part{Text: s})
}

func (e *encoder) value(v *Value) {
	if len(e.parts) > maxParts {
		return
	}
	switch {
	case v.IsNull():
		e.raw("null")
	case v.Kind == String:
		e.raw(`"`)
		for _, p := range v.Parts {
			q := strconv.Quote(p.Text)
			p.Text = q[1 : len(q)-1]
			e.parts = append(e.parts, p)
		}
		e.raw(`"`)
	case v.Kind == List:
		e.raw("[")
		for i, el := range v.Elems {
			if i > 0 {
				e.raw(",")
			}
			e.value(el.Value)
		}
		e.raw("]")
	case v.Kind == Object:
		e.raw("{")
		for i, el := range v.Elems {
			if i > 0 {
				e.raw(",")
			}
			e.raw(strconv.Quote(el.Key) + ":")
			e.value(el.Value)
		}
		e.raw("}")
	default:
		e.parts = append(e.parts, textParts(v)...)
	}
}
