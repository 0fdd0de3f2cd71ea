package survey

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// labels is how many labels a top-level block of Terraform has; -1: it is not one.
func labels(block string) int {
	switch block {
	case "resource", "data", "ephemeral":
		return 2
	case "provider", "variable", "output", "module", "check":
		return 1
	case "terraform", "locals", "moved", "import", "removed":
		return 0
	}
	return -1
}

// parseJSON reads Terraform's JSON syntax into the same tree as the native one. Which properties of a resource are blocks cannot be
// known without its provider, so inside of blocks all are attributes; Value.Get and Value.All do not mind.
func parseJSON(f *File) (*hclsyntax.Body, hcl.Diagnostics) {
	file, diags := json.Parse(f.Src, f.Path)
	if diags.HasErrors() || file == nil {
		return nil, diags
	}
	attrs, more := file.Body.JustAttributes()
	diags = append(diags, more...)
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	for name, a := range attrs {
		n := labels(name)
		if strings.HasSuffix(f.Path, ".tfvars.json") {
			n = -1
		}
		if n < 0 {
			body.Attributes[name] = jsonAttribute(name, a.NameRange, a.Expr)
			continue
		}
		jsonBlocks(body, &hclsyntax.Block{Type: name, TypeRange: a.NameRange}, a.Expr, n)
	}
	return body, diags
}

// jsonBlocks adds the blocks of one type, whose labels are the keys of nested objects.
func jsonBlocks(into *hclsyntax.Body, b *hclsyntax.Block, e hcl.Expression, labels int) {
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		for _, item := range list {
			jsonBlocks(into, b, item, labels)
		}
		return
	}
	pairs, diags := hcl.ExprMap(e)
	if diags.HasErrors() {
		return
	}
	if labels == 0 {
		nb := *b
		nb.Body = &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: e.Range(), EndRange: end(e.Range())}
		nb.CloseBraceRange = end(e.Range())
		for _, p := range pairs {
			key := jsonKey(p.Key)
			if key == "//" {
				continue
			}
			jsonProperty(nb.Body, b.Type, key, p)
		}
		into.Blocks = append(into.Blocks, &nb)
		return
	}
	for _, p := range pairs {
		if key := jsonKey(p.Key); key != "//" {
			nb := *b
			nb.Labels = append(append([]string{}, b.Labels...), key)
			nb.LabelRanges = append(append([]hcl.Range{}, b.LabelRanges...), p.Key.Range())
			nb.TypeRange = p.Key.Range()
			jsonBlocks(into, &nb, p.Value, labels-1)
		}
	}
}

// jsonProperty adds a property of a block: what Terraform always takes for a block, an expression, or a value.
func jsonProperty(into *hclsyntax.Body, block, key string, p hcl.KeyValuePair) {
	switch {
	case block == "terraform" && key == "backend":
		jsonBlocks(into, &hclsyntax.Block{Type: key, TypeRange: p.Key.Range()}, p.Value, 1)
	case block == "terraform" && (key == "required_providers" || key == "cloud"), key == "lifecycle", block == "variable" && key == "validation":
		jsonBlocks(into, &hclsyntax.Block{Type: key, TypeRange: p.Key.Range()}, p.Value, 0)
	default:
		a := jsonAttribute(key, p.Key.Range(), p.Value)
		if s, ok := jsonText(p.Value); ok && plainExpression(block, key) {
			if x, diags := hclsyntax.ParseExpression([]byte(s), p.Value.Range().Filename, inside(p.Value.Range()).Start); !diags.HasErrors() {
				a.Expr = x
			}
		}
		into.Attributes[key] = a
	}
}

// plainExpression tells whether Terraform takes a text for an expression rather than for a template.
func plainExpression(block, key string) bool {
	switch block {
	case "resource", "data":
		return key == "provider"
	case "moved", "removed", "import":
		return key == "from" || key == "to"
	}
	return false
}

func jsonAttribute(name string, at hcl.Range, e hcl.Expression) *hclsyntax.Attribute {
	return &hclsyntax.Attribute{Name: name, NameRange: at, SrcRange: hcl.RangeBetween(at, e.Range()), Expr: jsonExpression(e)}
}

func jsonExpression(e hcl.Expression) hclsyntax.Expression {
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		out := &hclsyntax.TupleConsExpr{SrcRange: e.Range()}
		for _, item := range list {
			out.Exprs = append(out.Exprs, jsonExpression(item))
		}
		return out
	}
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		out := &hclsyntax.ObjectConsExpr{SrcRange: e.Range()}
		for _, p := range pairs {
			if key := jsonKey(p.Key); key != "//" {
				out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: &hclsyntax.LiteralValueExpr{Val: cty.StringVal(key), SrcRange: p.Key.Range()}, ValueExpr: jsonExpression(p.Value)})
			}
		}
		return out
	}
	v, _ := e.Value(nil)
	s, ok := jsonText(e)
	if !ok {
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: e.Range()}
	}
	at := inside(e.Range())
	if strings.Contains(s, "${") || strings.Contains(s, "%{") {
		if x, diags := hclsyntax.ParseTemplate([]byte(s), at.Filename, at.Start); !diags.HasErrors() {
			return x
		}
	}
	return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(s), SrcRange: at}
}

func jsonText(e hcl.Expression) (string, bool) {
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

func jsonKey(e hcl.Expression) string {
	s, _ := jsonText(e)
	return s
}

// inside is the range of a text without its quotes.
func inside(r hcl.Range) hcl.Range {
	if r.End.Byte-r.Start.Byte >= 2 {
		r.Start.Byte++
		r.Start.Column++
		r.End.Byte--
		r.End.Column--
	}
	return r
}

func end(r hcl.Range) hcl.Range {
	r.Start = r.End
	return r
}
