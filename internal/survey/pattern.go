package survey

import (
	"strings"
	"unicode"
)

// pattern is a name as it can be compared: literal runes, and holes with what they stand for.
type pattern []symbol

type symbol struct {
	r   rune
	ref string // of a hole
}

// maxPattern bounds the names that are compared; AWS allows none that is longer, but paths of states may be.
const maxPattern = 512

// patternOf is the pattern of a text. With open, what comes from a variable's default is a hole, because the default need not be what is used.
// It is nil for what is no text, or nothing but holes.
func patternOf(v *Value, open bool) pattern {
	if v == nil || v.Kind != String {
		return nil
	}
	var out pattern
	literal := false
	for _, p := range v.Parts {
		ref := p.Ref
		if ref == "" && open {
			ref = defaulted(p)
		}
		if ref != "" {
			out = append(out, symbol{ref: canonical(ref)})
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

// key is the pattern as a text: equal keys are equal patterns.
func (p pattern) key() string {
	var b strings.Builder
	for _, s := range p {
		if s.ref != "" {
			b.WriteString("${" + s.ref + "}")
		} else {
			b.WriteRune(s.r)
		}
	}
	return b.String()
}

// literals is how many letters and digits of the pattern are known.
func (p pattern) literals() int {
	n := 0
	for _, s := range p {
		if s.ref == "" && (unicode.IsLetter(s.r) || unicode.IsDigit(s.r)) {
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
		letter := s.ref == "" && (unicode.IsLetter(s.r) || unicode.IsDigit(s.r))
		switch {
		case letter:
			word = append(word, s.r)
		case s.ref != "" && i > 0 && len(word) > 0: // the word goes on in the hole: it is not known whole
			word = word[:0]
		default:
			flush()
		}
		if s.ref != "" { // likewise what follows it directly
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

func (f fit) score() int { return 10*f.literal + 20*f.tied - 8*f.loose - 6*f.eaten }

// match finds the best way in which two patterns can be the same name.
func match(a, b pattern) (fit, bool) {
	if len(a) == 0 || len(b) == 0 {
		return fit{}, false
	}
	m := &matcher{a: a, b: b, memo: make([]cell, (len(a)+1)*(len(b)+1))}
	c := m.from(0, 0)
	return c.fit, c.ok
}

type cell struct {
	fit
	ok, done bool
}

type matcher struct {
	a, b pattern
	memo []cell
}

// from is the best match of the rests of both. Holes stand for one symbol of the other side or more, never for nothing.
func (m *matcher) from(i, j int) cell {
	at := i*(len(m.b)+1) + j
	if m.memo[at].done {
		return m.memo[at]
	}
	c := cell{done: true}
	switch {
	case i == len(m.a) && j == len(m.b):
		c.ok = true
	case i < len(m.a) && j < len(m.b):
		c = m.step(i, j)
		c.done = true
	}
	m.memo[at] = c
	return c
}

func (m *matcher) step(i, j int) cell {
	x, y := m.a[i], m.b[j]
	best := cell{}
	try := func(c cell, add fit) {
		if !c.ok {
			return
		}
		c.literal += add.literal
		c.tied += add.tied
		c.loose += add.loose
		c.eaten += add.eaten
		if !best.ok || c.score() > best.score() {
			best = c
		}
	}
	switch {
	case x.ref == "" && y.ref == "":
		if x.r != y.r {
			return best
		}
		n := 0
		if unicode.IsLetter(x.r) || unicode.IsDigit(x.r) {
			n = 1
		}
		try(m.from(i+1, j+1), fit{literal: n})
	case x.ref != "" && y.ref != "":
		if x.ref == y.ref {
			try(m.from(i+1, j+1), fit{tied: 1})
		} else {
			try(m.from(i+1, j+1), fit{loose: 1})
		}
	case x.ref != "":
		try(m.from(i+1, j+1), fit{eaten: 1, loose: 1})
		try(m.from(i, j+1), fit{eaten: 1})
	default:
		try(m.from(i+1, j+1), fit{eaten: 1, loose: 1})
		try(m.from(i+1, j), fit{eaten: 1})
	}
	return best
}

// best tries two texts as they are, and with defaults taken as open.
func best(a, b *Value) (fit, bool) {
	var out fit
	found := false
	for _, open := range []bool{false, true} {
		f, ok := match(patternOf(a, open), patternOf(b, open))
		if ok && (!found || f.score() > out.score()) {
			out, found = f, true
		}
	}
	return out, found
}
