package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb/item"
)

// rank orders the problems of one expression: AWS reports the first kind that it finds, whatever its place.
type rank uint8

const (
	rankSyntax rank = iota
	rankParens
	rankFunction
	rankMisuse
	rankReserved
	rankSection
	rankPlaceholder
	rankOverlap
	rankConflict
	rankOperands
	rankDistinct
	rankType
	noProblem
)

// parser is a recursive descent over the tokens. It keeps the most important problem and goes on, except after a
// syntax error.
type parser struct {
	src    string
	tokens []token
	at     int
	scope  *Scope
	rank   rank
	text   string
}

func newParser(src string, scope *Scope) *parser {
	return &parser{src: src, tokens: lex(src), scope: scope, rank: noProblem}
}

// parse runs a rule over the whole of an expression. What names the request's member in messages.
func parse[T any](what, src string, scope *Scope, rule func(p *parser) T) (T, error) {
	var none T
	switch {
	case strings.TrimSpace(src) == "":
		return none, item.Refuse("Invalid %s: The expression can not be empty;", what)
	case len(src) > maxLength:
		return none, item.Refuse("Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %d", what, len(src))
	}
	p := newParser(src, scope)
	out := rule(p)
	if p.peek().kind != end {
		p.unexpected()
	}
	if p.rank != noProblem {
		return none, item.Refuse("Invalid %s: %s", what, p.text)
	}
	return out, nil
}

func (p *parser) problem(r rank, format string, args ...any) {
	if r < p.rank {
		p.rank, p.text = r, fmt.Sprintf(format, args...)
	}
}

func (p *parser) failed() bool { return p.rank == rankSyntax }

// unexpected reports the next token as a syntax error, with its neighbours, and stops the parser.
func (p *parser) unexpected() {
	from, to := max(p.at-1, 0), min(p.at+1, len(p.tokens)-1)
	p.problem(rankSyntax, `Syntax error; token: "%s", near: "%s"`,
		p.tokens[p.at].text, p.src[p.tokens[from].start:p.tokens[to].end])
	p.at = len(p.tokens) - 1
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// accept takes a symbol or a keyword, if it is next. Keywords have no case.
func (p *parser) accept(text string) bool {
	t := p.peek()
	if (t.kind == symbol && t.text == text) || (t.kind == word && strings.EqualFold(t.text, text)) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.failed() && !p.accept(text) {
		p.unexpected()
	}
}

// list parses one or more elements with commas between them.
func (p *parser) list(element func()) {
	element()
	for !p.failed() && p.accept(",") {
		element()
	}
}

// path parses a document path: a.b[2].#c
func (p *parser) path() Path {
	out := Path{p.pathName()}
	for !p.failed() {
		switch {
		case p.accept("."):
			out = append(out, p.pathName())
		case p.accept("["):
			t := p.next()
			index, err := strconv.Atoi(t.text)
			if t.kind != number || err != nil {
				p.at--
				p.unexpected()
				return out
			}
			p.expect("]")
			out = append(out, Step{Index: index, IsIndex: true})
		default:
			return out
		}
	}
	return out
}

func (p *parser) pathName() Step {
	switch t := p.peek(); t.kind {
	case nameRef:
		p.at++
		name, ok := p.scope.name(t.text)
		if !ok {
			p.problem(rankPlaceholder, "An expression attribute name used in the document path is not defined; attribute name: %s", t.text)
		}
		return Step{Name: name}
	case word:
		p.at++
		if reserved(t.text) {
			p.problem(rankReserved, "Attribute name is a reserved keyword; reserved keyword: %s", t.text)
		}
		return Step{Name: t.text}
	default:
		p.unexpected()
		return Step{}
	}
}

// literal parses a :value.
func (p *parser) literal() item.Value {
	t := p.peek()
	if t.kind != valueRef {
		p.unexpected()
		return item.Value{}
	}
	p.at++
	v, ok := p.scope.value(t.text)
	if !ok {
		p.problem(rankPlaceholder, "An expression attribute value used in expression is not defined; attribute value: %s", t.text)
	}
	return v
}
