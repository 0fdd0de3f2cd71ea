package check

import (
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// where is what kind of text a literal stands in.
type where uint8

const (
	inCode where = iota
	inDefault
	inValues // tfvars, inputs of Terragrunt
)

// placedToken is a token with where it is written and who uses it.
type placedToken struct {
	token
	where     where
	variable  string // whose default or value it is in
	at        survey.Span
	stack     string
	address   string
	principal bool // it is a principal of a policy
}

// literal is a text as it is written in one place, with holes for what comes from elsewhere.
type literal struct {
	text   string
	pieces []piece
}

// piece is a part of a literal, and where in its text it begins.
type piece struct {
	part survey.Part
	at   int
}

// walker gathers the tokens of everything that a stack says.
type walker struct {
	t     *tree
	stack *survey.Stack
	addr  string
	seen  map[seen]bool
	under string      // what the value that is looked through stands in
	path  survey.Path // where in it
	out   []placedToken
}

// seen is a literal that was looked through.
type seen struct {
	file  *survey.File
	start uint32
}

// findPlaces gives all tokens of the tree, once a stack.
func (t *tree) findPlaces() []placedToken {
	walkers := make([]*walker, len(t.inv.Stacks))
	sideBySide(len(walkers), func(i int) {
		walkers[i] = &walker{t: t, stack: t.inv.Stacks[i], seen: map[seen]bool{}}
		walkers[i].walk()
	})
	var out []placedToken
	for _, w := range walkers {
		out = append(out, w.out...)
	}
	return out
}

func (w *walker) walk() {
	s := w.stack
	w.variables() // first, so that what they name is said of them, whoever uses it
	for _, r := range s.Resources {
		if r.Mode == survey.Data && r.Type == "terraform_remote_state" {
			continue // LB202
		}
		w.addr = r.Address
		w.value(r.Body, "")
		if len(r.Instances) > 1 {
			for _, i := range r.Instances {
				w.value(i.Body, "")
			}
		}
	}
	for _, p := range s.Providers {
		w.addr = strings.TrimSuffix("provider."+p.Name+"."+p.Alias, ".")
		w.value(p.Body, "provider")
	}
	for _, c := range s.Calls {
		w.addr = c.Module
		w.value(c.Inputs, "")
	}
	for _, l := range s.Locals {
		w.addr = "local." + l.Name
		w.value(l.Value, l.Name)
	}
	for _, o := range s.Outputs {
		w.addr = "output." + o.Name
		w.value(o.Value, "")
	}
}

func (w *walker) variables() {
	for _, v := range w.stack.Variables {
		w.addr = "var." + v.Name
		w.value(v.Default, "")
		w.value(v.Value, "")
	}
	for _, i := range w.stack.Instances {
		for _, set := range i.Settings {
			w.addr = "var." + set.Variable
			w.value(set.Value, "")
		}
	}
}

// value looks through a value, except where a place does no harm.
func (w *walker) value(v *survey.Value, under string) {
	if people(under) {
		return
	}
	for p, leaf := range v.Leaves() {
		if harmless(under, p) {
			continue
		}
		w.under, w.path = under, p
		if n, ok := leaf.Str(); ok && leaf.Kind == survey.Number && isAccount(n) {
			w.scan(literal{n, []piece{{survey.Part{Text: n, At: leaf.Span}, 0}}})
		}
		w.parts(leaf.Parts)
	}
}

// harmless tells whether an attribute is for people only, or judged by a rule of its own.
func harmless(under string, p survey.Path) bool {
	switch first := p.First(); {
	case under == "provider" && len(p) == 1 && (first == "region" || first == "alias"): // LB101, LB111
		return true
	case under == "" && (len(p) == 1 && first == "provider" || first == "providers"): // a provider is often called after its region
		return true
	}
	return slices.ContainsFunc(p, func(s survey.Step) bool { return people(s.Key) })
}

// people tells whether a key is for people to read.
func people(key string) bool {
	switch strings.ToLower(key) {
	case "tags", "tags_all", "default_tags", "common_tags", "description", "comment", "labels", "alarm_description", "error_message":
		return true
	}
	return false
}

// parts splits a text by where its pieces are written, and looks through each of these literals. What a function mangled is looked through in
// the form that it had before.
func (w *walker) parts(parts []survey.Part) {
	var origins []survey.Span
	for _, x := range parts {
		for via := x.Via; via != nil && (x.Hole() || x.At.File == nil); via = via.Next {
			w.parts(via.From)
		}
		if x.Hole() || x.At.File == nil {
			continue
		}
		o, known := origin(x), false
		for _, have := range origins {
			known = known || have == o
		}
		if !known {
			origins = append(origins, o)
			if !w.seen[seen{x.At.File, x.At.Start}] {
				w.scan(gather(parts, o))
			}
		}
	}
}

// origin is the declaration in which a piece is written; zero: where it is used.
func origin(p survey.Part) survey.Span {
	var at survey.Span
	for via := p.Via; via != nil; via = via.Next {
		at = via.At
	}
	return at
}

// gather puts the pieces of one origin together: what is written elsewhere and stands inside of it is a hole, what it stands inside of is not
// part of it.
func gather(parts []survey.Part, from survey.Span) literal {
	if len(parts) == 1 {
		return literal{parts[0].Text, []piece{{parts[0], 0}}}
	}
	var l literal
	var b strings.Builder
	for i, x := range parts {
		switch {
		case origin(x) == from && !x.Hole() && x.At.File != nil:
			if i > 0 && origin(parts[i-1]) == from && apart(parts[i-1], x) {
				b.WriteByte('\n')
			}
			l.pieces = append(l.pieces, piece{x, b.Len()})
			b.WriteString(x.Text)
		case x.Hole() && origin(x) == from || within(x, from):
			b.WriteString(hole)
		default:
			b.WriteByte('\n') // tokens end here
		}
	}
	l.text = b.String()
	return l
}

// apart tells whether two pieces that follow each other are texts of their own, such as elements of a list: something else is written between them.
func apart(a, b survey.Part) bool {
	return !a.Hole() && a.At.File != nil && (a.At.File != b.At.File || b.At.Start < a.At.End || slices.Contains(a.At.File.Src[a.At.End:b.At.Start], '"'))
}

// within tells whether a piece came into its text through an origin, rather than the other way round.
func within(p survey.Part, from survey.Span) bool {
	if from.File == nil {
		return p.Via != nil && (p.Hole() || p.At.File != nil)
	}
	for via := p.Via; via != nil; via = via.Next {
		if via.At == from {
			return true
		}
	}
	return false
}

// ofKey tells whether what is looked through belongs to an encryption key, by what it is called.
func (w *walker) ofKey() bool {
	speaks := func(name string) bool { return strings.Contains(strings.ToLower(name), "kms") }
	return speaks(w.addr) || speaks(w.under) || slices.ContainsFunc(w.path, func(s survey.Step) bool { return speaks(s.Key) })
}

// isUUID tells of the form that ids of keys have, and much else.
func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' && strings.Count(s, "-") == 4 && strings.Trim(s, "0123456789abcdef-") == ""
}

// scan looks through a literal, once a stack.
func (w *walker) scan(l literal) {
	if len(l.pieces) == 0 {
		return
	}
	first := l.pieces[0].part.At
	key := seen{first.File, first.Start}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	found := scan(l.text)
	if isUUID(l.text) && w.ofKey() {
		found = append(found, token{kind: idToken, end: len(l.text), text: l.text, account: true, region: true})
	}
	for _, k := range found {
		line, _ := lineOf([]byte(l.text), k.start)
		at, ok := l.span(k)
		if !ok || comment(line) {
			continue
		}
		p := placedToken{token: k, at: at, stack: w.stack.Name, address: w.addr, principal: principal(at)}
		p.where, p.variable = w.t.where(at)
		w.out = append(w.out, p)
	}
}

// span is where a token is written: its first written piece.
func (l literal) span(k token) (survey.Span, bool) {
	for _, x := range l.pieces {
		from, to := max(k.start, x.at), min(k.end, x.at+len(x.part.Text))
		if from < to {
			return x.part.At.Sub(x.part.Text, from-x.at, to-x.at), true
		}
	}
	return survey.Span{}, false
}

// where tells what kind of text a place is in, and which variable it gives a value to.
func (t *tree) where(at survey.Span) (in where, variable string) {
	name := at.File.Path
	head, _ := t.block(at.File, int(at.Start))
	switch {
	case strings.HasSuffix(name, ".tfvars"):
		variable, _, _ = strings.Cut(head, "=")
		return inValues, strings.TrimSpace(variable)
	case strings.HasSuffix(name, ".tfvars.json"):
		return inValues, ""
	case path.Ext(name) == ".hcl":
		if strings.HasPrefix(head, "inputs") {
			return inValues, ""
		}
		return inCode, ""
	case strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tofu"):
		if rest, ok := strings.CutPrefix(head, "variable"); ok {
			return inDefault, strings.Trim(rest, " \t\"{")
		}
		return inCode, ""
	}
	for _, s := range t.inv.Stacks {
		for _, v := range s.Variables {
			if d := v.Default; d != nil && d.Span.File == at.File && d.Span.Start <= at.Start && at.Start < d.Span.End {
				return inDefault, v.Name
			}
		}
	}
	return inCode, ""
}

// principal tells whether what is written there is a principal of a policy: the nearest key of the policy language before it says so. That works for
// policy documents, jsonencode, heredocs and JSON files alike.
func principal(at survey.Span) bool {
	src := at.File.Src[max(0, int(at.Start)-maxPolicyKey):at.Start]
	end := len(src)
	for i, c := range slices.Backward(src) {
		if letter(c) {
			continue
		}
		switch string(src[i+1 : end]) {
		case "Principal", "principals", "NotPrincipal", "not_principals", "identifiers", "AWS", "Service", "Federated":
			if !quotedValue(src, end) {
				return true
			}
		case "Resource", "resources", "NotResource", "Action", "actions", "Condition", "condition", "Statement", "statement", "Effect", "effect", "value", "resource", "data", "variables", "Sid":
			return false
		}
		end = i
	}
	return false
}

// maxPolicyKey is how far before a principal its key may stand: a long list of principals.
const maxPolicyKey = 4000

// quotedValue tells whether a word is followed by neither = nor : nor {, so that it is a value such as type = "AWS" rather than a key.
func quotedValue(src []byte, end int) bool {
	rest := strings.TrimLeft(string(src[end:min(len(src), end+8)]), "\" \t)")
	return rest == "" || !strings.ContainsRune("=:{", rune(rest[0]))
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
