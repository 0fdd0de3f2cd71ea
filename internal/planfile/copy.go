package planfile

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// The bounds of a generated value, in characters: fewer can be guessed, more do not fit into a standard parameter.
const (
	shortest, usual, longestValue = 16, 32, 4096
)

// copies reads the values that Terraform only reads.
func (l *loader) copies() {
	each(l, "secret", func(b *body, x *hclsyntax.Block) {
		b.require("name")
		s := &plan.Secret{Block: b.block(x), Secret: b.text("name"), Keys: b.texts("keys"), From: b.sources(true), Generate: b.generate(true)}
		b.checkGenerated(s)
		l.plan.Secrets = append(l.plan.Secrets, s)
	})
	each(l, "parameter", func(b *body, x *hclsyntax.Block) {
		b.require("name")
		l.plan.Parameters = append(l.plan.Parameters, &plan.Parameter{Block: b.block(x), Parameter: b.text("name"), From: b.sources(true), Generate: b.generate(false)})
	})
}

// generate reads how a new value is made; nil when the plan does not say.
func (b *body) generate(keys bool) *plan.Generate {
	g := b.one("generate")
	if g == nil {
		return nil
	}
	out := &plan.Generate{Length: usual, Range: at(g.at)}
	if n := g.number("length", shortest, longestValue); n > 0 {
		out.Length = n
	}
	if keys {
		out.Keys = g.texts("keys")
	}
	g.end()
	return out
}

// checkGenerated wants the keys that are made to be keys that the code reads.
func (b *body) checkGenerated(s *plan.Secret) {
	if s.Generate == nil {
		return
	}
	for _, k := range s.Generate.Keys {
		if !slices.Contains(s.Keys, k) {
			b.fail(s.Generate.Range, fmt.Sprintf("Key %q is made and never read", k), diag.DidYouMean(k, s.Keys), "The keys of generate are some of the secret's own keys.")
		}
	}
}
