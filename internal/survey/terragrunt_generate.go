package survey

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// generated reads the providers and the backend in the text of a generate block, as far as they are constants.
func (s *surveyor) generated(u *unit, sc *scope, b *hclsyntax.Block) {
	a := b.Body.Attributes["contents"]
	if a == nil {
		return
	}
	g := generation{sc.eval(a.Expr, nil)}
	body, _ := parse(&File{Path: "generated.tf", Src: []byte(g.Show())})
	if body == nil {
		return
	}
	var providers []*Provider
	for _, n := range body.Blocks {
		switch {
		case n.Type == "provider" && slices.Equal(n.Labels, []string{"aws"}):
			p := &Provider{Name: "aws", Alias: constantOf(n.Body, "alias"), At: g.at(n.TypeRange.Start.Byte, n.OpenBraceRange.Start.Byte), Body: g.body(n.Body)}
			p.Region = p.Body.Get("region")
			providers = append(providers, p)
		case n.Type == "terraform" && u.backend == nil:
			for _, in := range n.Body.Blocks {
				if in.Type == "backend" && len(in.Labels) == 1 {
					u.backend = &Backend{Type: in.Labels[0], Body: g.body(in.Body), At: g.at(in.TypeRange.Start.Byte, in.OpenBraceRange.Start.Byte)}
				}
			}
		}
	}
	if len(u.provide) == 0 {
		u.provide = providers
	}
}

func constantOf(body *hclsyntax.Body, name string) string {
	if a := body.Attributes[name]; a != nil {
		return constant(a.Expr)
	}
	return ""
}

// generation is the text that a generate block writes.
type generation struct{ *Value }

// body are the attributes of a block in the text that are constants, or lists of constants.
func (g generation) body(b *hclsyntax.Body) *Value {
	var out []Elem
	for _, a := range inOrder(b.Attributes) {
		if v := g.value(a.Expr); v != nil {
			out = append(out, Elem{Key: a.Name, Value: v, At: g.at(a.NameRange.Start.Byte, a.NameRange.End.Byte)})
		}
	}
	return object(g.Span, out...)
}

// value is a constant; nil: it is something else.
func (g generation) value(x hclsyntax.Expression) *Value {
	if list, ok := x.(*hclsyntax.TupleConsExpr); ok {
		var elems []Elem
		for _, e := range list.Exprs {
			if v := g.value(e); v != nil {
				elems = append(elems, Elem{Value: v})
			}
		}
		return g.list(elems)
	}
	text := constant(x)
	if text == "" {
		return nil
	}
	start := x.Range().Start.Byte + 1 // after its quote
	part := Part{Text: text, At: g.at(start, start+len(text)), Via: g.via(start)}
	return single(String, part.At, part)
}

func (g generation) list(elems []Elem) *Value { return list(g.Span, elems) }

// at is where a piece of the text is written.
func (g generation) at(start, end int) Span {
	p, begin := g.part(start)
	if p == nil || p.At.File == nil || end-begin > len(p.Text) {
		return g.Span
	}
	return p.At.Sub(p.Text, start-begin, end-begin)
}

// via is how a piece came into the text, if it is not written in it.
func (g generation) via(start int) *Via {
	if p, _ := g.part(start); p != nil && p.Via != nil && p.Via.Ref != "file()" {
		return p.Via
	}
	return nil
}

// part is the known piece of the text at an offset, and where it begins; nil: there is none.
func (g generation) part(offset int) (*Part, int) {
	begin := len(g.Text)
	for i := range g.Parts {
		p := &g.Parts[i]
		n := len(p.Text)
		if p.Hole() {
			n = len("${" + p.Ref + "}")
		}
		if offset < begin+n {
			if p.Hole() {
				return nil, 0
			}
			return p, begin
		}
		begin += n
	}
	return nil, 0
}
