package planfile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

func (l *loader) stacks() {
	each(l, "stack", func(b *body, x *hclsyntax.Block) {
		b.require("path")
		own := []string{x.Labels[0]}
		in := place{outputs: true, secret: true, stacks: own, self: x.Labels[0]}
		variables := in
		variables.want = cty.DynamicPseudoType
		s := &plan.Stack{
			Block: b.block(x), Path: b.text("path"), Overlay: b.pathList("overlay"), Workspace: b.text("workspace"),
			BackendKey: b.expr("backend_key", place{stacks: own}), Variables: b.exprMap("variables", variables), VarFiles: b.pathList("var_files"),
			Secrets: b.secretVariables(), Env: b.exprMap("env", in), AllTables: b.allTables(),
		}
		b.relative(s.Path, b.valueAt("path"))
		b.checkIdentifiers(s.Variables)
		b.checkEnv(s.Env)
		for name, ref := range s.Secrets {
			if _, twice := s.Variables[name]; twice {
				b.fail(ref.Range, fmt.Sprintf("Variable %q is given twice", name), "Remove it from variables or from secret_variables", "It stands in variables and in secret_variables.")
			}
		}
		l.plan.Stacks = append(l.plan.Stacks, s)
	})
}

// allTables reads tables = "all".
func (b *body) allTables() *diag.Range {
	text := b.text("tables")
	if !b.given("tables") || b.broken["tables"] {
		return nil
	}
	where := b.valueAt("tables")
	if text != "all" {
		b.fail(where, fmt.Sprintf("%q is no choice of tables", text), `Write tables = "all", or a table block for each table`, "All tables of a stack come back, or those that have a block.")
	}
	return &where
}

// secretVariables reads { NAME = { secret = "...", key = "...", site = site.X } } and { NAME = { parameter = "..." } }.
func (b *body) secretVariables() map[string]plan.SecretRef {
	const name = "secret_variables"
	const form = `{ token = { secret = "name", key = "json-key" } } or { token = { parameter = "/name" } }`
	src := b.attr(name)
	if src == nil || isNull(src) {
		return nil
	}
	pairs, diags := hcl.ExprMap(src)
	if diags.HasErrors() {
		b.fail(at(src.Range()), "secret_variables must be written out", form, "Each variable says where its value is read.")
		return nil
	}
	out := map[string]plan.SecretRef{}
	for _, kv := range pairs {
		k, ok := b.static(kv.Key, name, cty.String)
		if !ok || k.IsNull() {
			continue
		}
		fields, diags := hcl.ExprMap(kv.Value)
		if diags.HasErrors() {
			b.fail(at(kv.Value.Range()), fmt.Sprintf("%q must say where the secret is", k.AsString()), form, "A secret's value never stands in a plan.")
			continue
		}
		if !hclsyntax.ValidIdentifier(k.AsString()) {
			b.badIdentifier(k.AsString(), at(kv.Key.Range()))
		}
		out[k.AsString()] = b.secretRef(fields, at(kv.Value.Range()))
	}
	return out
}

func (b *body) secretRef(fields []hcl.KeyValuePair, rng diag.Range) plan.SecretRef {
	r, unknown := plan.SecretRef{Range: rng}, false
	for _, f := range fields {
		k, ok := b.static(f.Key, "secret_variables", cty.String)
		if !ok || k.IsNull() {
			continue
		}
		if k.AsString() == "site" {
			ref, _ := b.refOf(f.Value, "site", []string{"site"})
			r.Site = ref.Name
			continue
		}
		to := map[string]*string{"secret": &r.Secret, "key": &r.Key, "parameter": &r.Parameter}[k.AsString()]
		if to == nil {
			unknown = true
			b.fail(at(f.Key.Range()), fmt.Sprintf("Unknown attribute %q", k.AsString()), diag.DidYouMean(k.AsString(), []string{"secret", "key", "parameter", "site"}), "A secret variable has secret and key, or parameter, and site.")
			continue
		}
		if v, ok := b.static(f.Value, k.AsString(), cty.String); ok && !v.IsNull() {
			*to = v.AsString()
		}
	}
	switch {
	case unknown:
	case (r.Secret == "") == (r.Parameter == ""):
		b.fail(rng, "A secret variable has one source", `Write { secret = "name", key = "json-key" } or { parameter = "/name" }`, "Either secret or parameter must be given.")
	case r.Parameter != "" && r.Key != "":
		b.fail(rng, "A parameter has no key", "Remove key", "Only secrets hold JSON objects.")
	}
	return r
}

// checkIdentifiers checks names of Terraform variables.
func (b *body) checkIdentifiers(m map[string]plan.Expr) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !hclsyntax.ValidIdentifier(k) {
			b.badIdentifier(k, m[k].Range())
		}
	}
}

func (b *body) badIdentifier(name string, r diag.Range) {
	b.fail(r, fmt.Sprintf("%q cannot be the name of a variable", name), "", "Terraform's variables have letters, digits, - and _ only, and begin with a letter.")
}

// checkEnv checks names of environment variables.
func (b *body) checkEnv(m map[string]plan.Expr) {
	rule := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !rule.MatchString(k) {
			b.fail(m[k].Range(), fmt.Sprintf("%q cannot be in an environment", k), "", "Its names have letters, digits and _ only, and begin with a letter or _.")
		}
	}
}

// pathList reads relative paths.
func (b *body) pathList(name string) []string {
	list := b.texts(name)
	for _, p := range list {
		if strings.TrimSpace(p) == "" {
			b.fail(b.valueAt(name), fmt.Sprintf("Empty path in %q", name), "", "Each element is a path.")
		} else {
			b.relative(p, b.valueAt(name))
		}
	}
	return list
}
