package planfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
)

// groups holds the plan's blocks by kind, in the order of the text.
type groups map[string][]*hclsyntax.Block

// kinds are the blocks that a plan may have.
func kinds() []string {
	return append(steps(), "application", "site", "terraform", "vault", "scenario", "variable", "locals")
}

// steps are the kinds of blocks that become steps; `after` may name them.
func steps() []string {
	return []string{"image", "secret", "parameter", "stack", "table", "api_key", "fence", "manual", "command", "verify"}
}

// names are the labels of a kind's blocks.
func (g groups) names(kind string) []string {
	var out []string
	for _, b := range g[kind] {
		out = append(out, b.Labels[0])
	}
	return out
}

func (g groups) has(kind, name string) bool { return slices.Contains(g.names(kind), name) }

// nameRule is what a name must look like, so that references, file names and step ids can be made of it.
func nameRule() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`) }

// group sorts blocks by kind and leaves out those that have no proper name.
func (l *loader) group(blocks hclsyntax.Blocks) groups {
	g, rule := groups{}, nameRule()
	first := map[string]diag.Range{}
	for _, b := range blocks {
		if d, ok := badLabel(b, rule); ok {
			l.report(d)
			continue
		}
		if b.Type != "locals" {
			id := strings.Join(append([]string{b.Type}, b.Labels...), ".")
			if b.Type == "application" || b.Type == "terraform" || b.Type == "vault" {
				id = b.Type // one of each
			}
			if was, dup := first[id]; dup {
				l.report(diag.Diagnostic{
					Summary: "Duplicate " + title(b), Subject: at(b.DefRange()), Detail: fmt.Sprintf("It is already defined at %s.", was),
					Hint: "Remove one, or give it another name.", Notes: []diag.Note{{Text: "the first is here", Range: was}},
				})
				continue
			}
			first[id] = at(b.DefRange())
		}
		g[b.Type] = append(g[b.Type], b)
	}
	return g
}

// title is how messages name a block: stack "blue".
func title(b *hclsyntax.Block) string {
	if len(b.Labels) == 0 {
		return b.Type
	}
	return fmt.Sprintf("%s %q", b.Type, b.Labels[0])
}

func badLabel(b *hclsyntax.Block, rule *regexp.Regexp) (diag.Diagnostic, bool) {
	if !slices.Contains(kinds(), b.Type) {
		return diag.Diagnostic{
			Summary: fmt.Sprintf("Unknown block %q", b.Type), Subject: at(b.TypeRange),
			Detail: "A plan has no block of this kind.", Hint: diag.DidYouMean(b.Type, kinds()),
		}, true
	}
	bare := b.Type == "terraform" || b.Type == "locals" || b.Type == "vault"
	switch {
	case bare && len(b.Labels) > 0:
		return diag.Diagnostic{
			Summary: fmt.Sprintf("A %s block has no name", b.Type), Subject: at(b.LabelRanges[0]), Hint: fmt.Sprintf("Write %s { ... }", b.Type),
		}, true
	case bare:
		return diag.Diagnostic{}, false
	case len(b.Labels) != 1:
		return diag.Diagnostic{
			Summary: fmt.Sprintf("A block %q has one name", b.Type), Subject: at(b.DefRange()), Detail: fmt.Sprintf("This one has %d.", len(b.Labels)),
			Hint: fmt.Sprintf(`Write %s "name" { ... }`, b.Type),
		}, true
	case !rule.MatchString(b.Labels[0]):
		return diag.Diagnostic{
			Summary: fmt.Sprintf("%q cannot be the name of a block", b.Labels[0]), Subject: at(b.LabelRanges[0]),
			Detail: "A name starts with a letter and has letters, digits, - and _ only, 64 at most, because references and step ids are made of it.",
		}, true
	}
	return reserved(b)
}

// reserved refuses names that mean something else in references.
func reserved(b *hclsyntax.Block) (diag.Diagnostic, bool) {
	var words []string
	switch b.Type {
	case "site":
		words = []string{"account", "region", "name"}
	case "stack":
		words = []string{"name"}
	}
	if n := b.Labels[0]; slices.Contains(words, n) {
		return diag.Diagnostic{
			Summary: fmt.Sprintf("A %s cannot be called %q", b.Type, n), Subject: at(b.LabelRanges[0]),
			Detail: fmt.Sprintf("%s.%s is the %s of the current %s.", b.Type, n, n, b.Type), Hint: "Choose another name.",
		}, true
	}
	return diag.Diagnostic{}, false
}
