package survey

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// pattern is a name as it can be compared: literal runes, and holes with what they stand for.
type pattern []symbol

// symbol is small because there are many.
type symbol struct {
	r   rune
	ref uint32 // of a hole: a hash of what it refers to; 0 for a rune
}

// refOf is the hash of a reference.
func refOf(ref string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(ref))
	return max(1, h.Sum32())
}

// maxPattern bounds the names that are compared; AWS allows none that is longer, but paths of states may be.
const maxPattern = 512

// patternOf is the pattern of a text. With open, what comes from a variable's default is a hole, because the default need not be what is used.
// It is nil for what is no text, or nothing but holes.
func patternOf(v *Value, open bool) pattern {
	if v == nil || v.Kind != String {
		return nil
	}
	size := len(v.Parts)
	for _, p := range v.Parts {
		size += len(p.Text)
	}
	out := make(pattern, 0, min(size, maxPattern))
	literal := false
	for _, p := range v.Parts {
		ref := p.Ref
		if ref == "" && open {
			ref = defaulted(p)
		}
		if ref != "" {
			out = append(out, symbol{ref: refOf(canonical(ref))})
			continue
		}
		for _, r := range p.Text {
			out = append(out, symbol{r: unicode.ToLower(r)})
			literal = true
		}
	}
	if !literal || len(out) > maxPattern {
		return nil
	}
	return out
}

// defaulted is the stack's own variable whose default or file a piece comes from; empty if it is written in the code.
func defaulted(p Part) string {
	for w := p.Via; w != nil; w = w.Next {
		if strings.HasPrefix(w.Ref, "var.") {
			return w.Ref
		}
	}
	return ""
}

// canonical names alike what means the same in every stack.
func canonical(ref string) string {
	switch low := strings.ToLower(ref); {
	case strings.HasPrefix(low, "data.aws_region."), low == "var.region", low == "var.aws_region":
		return "(region)"
	case strings.HasPrefix(low, "data.aws_caller_identity.") && strings.HasSuffix(low, ".account_id"), low == "var.account_id", low == "var.aws_account_id", low == "var.account":
		return "(account)"
	case strings.HasPrefix(low, "data.aws_partition."):
		return "(partition)"
	}
	return ref
}

// keyOf is a text that is equal for equal patterns. Most texts of a tree are compared by it, and match nothing.
func keyOf(v *Value, open bool) string {
	if len(v.Parts) == 1 && !v.Parts[0].Hole() && (!open || defaulted(v.Parts[0]) == "") {
		return strings.ToLower(v.Parts[0].Text)
	}
	var b strings.Builder
	for _, p := range v.Parts {
		ref := p.Ref
		if ref == "" && open {
			ref = defaulted(p)
		}
		if ref != "" {
			b.WriteString("${" + canonical(ref) + "}")
		} else {
			b.WriteString(strings.ToLower(p.Text))
		}
	}
	return b.String()
}

// literals is how many letters and digits of the pattern are known.
func (p pattern) literals() int {
	n := 0
	for _, s := range p {
		if s.ref == 0 && (unicode.IsLetter(s.r) || unicode.IsDigit(s.r)) {
			n++
		}
	}
	return n
}

// words are the known words of the pattern by which it can be found.
func (p pattern) words() []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) >= 2 {
			out = append(out, string(word))
		}
		word = word[:0]
	}
	for i, s := range p {
		letter := s.ref == 0 && (unicode.IsLetter(s.r) || unicode.IsDigit(s.r))
		switch {
		case letter:
			word = append(word, s.r)
		case s.ref != 0 && i > 0 && len(word) > 0: // the word goes on in the hole: it is not known whole
			word = word[:0]
		default:
			flush()
		}
		if s.ref != 0 { // likewise what follows it directly
			word = append(word[:0], 0)
		}
	}
	flush()
	keep := out[:0]
	for _, w := range out {
		if !strings.ContainsRune(w, 0) {
			keep = append(keep, w)
		}
	}
	return keep
}

// fit is how two patterns can be the same name.
type fit struct {
	literal int // letters and digits that stand in both
	tied    int // holes that mean the same in both
	loose   int // holes that stand for different things
	eaten   int // literals that a hole of the other side must stand for
}

// sure tells whether every known piece of one side is known to the other.
func (f fit) sure() bool { return f.eaten == 0 }

// strong tells whether more of the names is known to be equal than has to be taken for equal.
func (f fit) strong() bool {
	return f.literal >= 3 && f.literal > f.eaten || f.literal >= 2 && f.tied > 0 && f.loose == 0 && f.eaten == 0
}

func (f fit) score() int { return 10*f.literal + 20*f.tied - 8*f.loose - 6*f.eaten }

// match finds the best way in which two patterns can be the same name. What both begin and end with needs no search.
func match(a, b pattern) (fit, bool) {
	if len(a) == 0 || len(b) == 0 {
		return fit{}, false
	}
	var f fit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		f.same(a[0])
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		f.same(a[len(a)-1])
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 && len(b) == 0:
		return f, true
	case len(a) == 0 || len(b) == 0, apart(a[0], b[0]), apart(a[len(a)-1], b[len(b)-1]):
		return f, false
	}
	rest, ok := search(a, b)
	return fit{f.literal + rest.literal, f.tied + rest.tied, f.loose + rest.loose, f.eaten + rest.eaten}, ok
}

// same counts a symbol that stands in both.
func (f *fit) same(s symbol) {
	switch {
	case s.ref != 0:
		f.tied++
	case unicode.IsLetter(s.r) || unicode.IsDigit(s.r):
		f.literal++
	}
}

// apart tells whether two symbols cannot be the same.
func apart(x, y symbol) bool { return x.ref == 0 && y.ref == 0 && x.r != y.r }

type cell struct {
	fit
	ok bool
}

// search fills, from the end, a table of the best match of every rest of a with every rest of b; two rows of it at a time. A hole stands for
// one symbol of the other side or more, never for nothing.
func search(a, b pattern) (fit, bool) {
	next, row := make([]cell, len(b)+1), make([]cell, len(b)+1)
	next[len(b)].ok = true
	for _, x := range slices.Backward(a) {
		row[len(b)] = cell{}
		for j := len(b) - 1; j >= 0; j-- {
			row[j] = step(x, b[j], next[j+1], next[j], row[j+1])
		}
		next, row = row, next
	}
	return next[0].fit, next[0].ok
}

// step is the best match where x and y come next: both used up, only x, or only y.
func step(x, y symbol, both, onlyX, onlyY cell) cell {
	switch {
	case x.ref == 0 && y.ref == 0:
		if x.r != y.r || !both.ok {
			return cell{}
		}
		both.same(x)
		return both
	case x.ref != 0 && y.ref != 0:
		if x.ref == y.ref {
			both.tied++
		} else {
			both.loose++
		}
		return both
	case x.ref == 0:
		onlyY = onlyX
	}
	both.eaten, both.loose = both.eaten+1, both.loose+1
	onlyY.eaten++
	if onlyY.ok && (!both.ok || onlyY.score() > both.score()) {
		return onlyY
	}
	return both
}

// name is a text with its patterns: as it is, and with defaults taken as open.
type name struct {
	text         *Value
	closed, open pattern
}

func nameOfValue(v *Value) name {
	v = undotted(v)
	n := name{text: v, closed: patternOf(v, false)}
	n.open = n.closed
	if v != nil {
		for _, p := range v.Parts {
			if !p.Hole() && defaulted(p) != "" {
				n.open = patternOf(v, true)
				break
			}
		}
	}
	return n
}

// undotted is a domain's name without the dot at its end, which says nothing.
func undotted(v *Value) *Value {
	if v == nil || v.Kind != String || len(v.Parts) < 2 || v.Parts[len(v.Parts)-1].Text != "." {
		return v
	}
	out := *v
	out.Parts = v.Parts[:len(v.Parts)-1]
	return &out
}

// best tries two names as they are, and with defaults taken as open.
func best(a, b name) (fit, bool) {
	out, found := match(a.closed, b.closed)
	if found && out.sure() && out.loose == 0 {
		return out, true
	}
	f, ok := match(a.open, b.open)
	if ok && (!found || f.score() > out.score()) {
		return f, true
	}
	return out, found
}

// words are those of both patterns, each once.
func (n name) words() []string {
	out := n.closed.words()
	if len(n.open) != len(n.closed) {
		out = append(out, n.open.words()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// keys are the texts by which equal names are found, of names that are no coincidence.
func (n name) keys() []string {
	var out []string
	if n.closed.literals() >= distinctive {
		out = append(out, keyOf(n.text, false))
	}
	if len(n.open) != len(n.closed) && n.open.literals() >= distinctive {
		out = append(out, keyOf(n.text, true))
	}
	return out
}
