package planfile

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// work reads what people and commands do.
func (l *loader) work() {
	each(l, "manual", func(b *body, x *hclsyntax.Block) {
		b.require("instructions")
		l.plan.Manuals = append(l.plan.Manuals, &plan.Manual{Block: b.block(x), Instructions: b.text("instructions"), Who: b.text("who")})
	})
	each(l, "command", func(b *body, x *hclsyntax.Block) {
		b.require("argv")
		c := &plan.Command{Block: b.block(x), Argv: b.argv("argv"), Probe: b.argv("probe"), Env: b.exprMap("env", place{outputs: true, secret: true})}
		b.checkEnv(c.Env)
		l.plan.Commands = append(l.plan.Commands, c)
	})
}

// argv reads a command. A secret in it is refused: every process of the machine could read it.
func (b *body) argv(name string) []plan.Expr {
	out := b.exprList(name, place{outputs: true})
	if a := b.b.Attributes[name]; a != nil && len(out) == 0 && !b.broken[name] {
		b.fail(at(a.Expr.Range()), fmt.Sprintf("%q is empty", name), `Write the program and its arguments: ["./load.sh", "--all"]`, "There is no shell; the first element is the program.")
	}
	return out
}

// verifies reads the proofs that the application works.
func (l *loader) verifies() {
	each(l, "verify", func(b *body, x *hclsyntax.Block) {
		v := &plan.Verify{Block: b.block(x), Argv: b.argv("command"), Env: b.exprMap("env", place{outputs: true, secret: true})}
		b.checkEnv(v.Env)
		parts := 0
		if h := b.one("http"); h != nil {
			v.HTTP, parts = h.http(), parts+1
		}
		if r := b.one("resource"); r != nil {
			v.Resource, parts = r.resource(), parts+1
		}
		if b.b.Attributes["command"] != nil {
			parts++
		}
		if parts != 1 {
			b.fail(v.Range, "A verify block proves one thing", "Use one verify block for each proof", "It has exactly one of http { ... }, resource { ... } and command = [...]; here are %d.", parts)
		}
		l.plan.Verifies = append(l.plan.Verifies, v)
	})
}

func (b *body) http() *plan.HTTPCheck {
	b.require("url")
	h := &plan.HTTPCheck{
		URL: b.expr("url", place{outputs: true, secret: true}), Method: b.text("method"), Status: b.number("status", 100, 599),
		Contains: b.text("contains"), Headers: b.exprMap("headers", place{outputs: true, secret: true}),
	}
	b.end()
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if h.Method != "" && !slices.Contains(methods, h.Method) {
		b.fail(b.valueAt("method"), fmt.Sprintf("Unknown method %q", h.Method), diag.DidYouMean(h.Method, methods), "It is written in capitals.")
	}
	if lit, ok := h.URL.(plan.Literal); ok && !lit.Value.IsSecret() {
		u, err := url.Parse(lit.Value.String())
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			b.fail(lit.At, "This is not a URL", `Write it whole, such as "https://example.org/health"`, "It begins with https:// or http:// and a host.")
		}
	}
	return h
}

func (b *body) resource() *plan.ResourceCheck {
	b.require("type", "id")
	r := &plan.ResourceCheck{Type: b.text("type"), ID: b.expr("id", place{outputs: true})}
	b.end()
	types := []string{"dynamodb_table", "lambda_function", "sqs_queue", "event_source_mapping", "s3_bucket", "ecr_image"}
	if b.given("type") && !slices.Contains(types, r.Type) {
		b.fail(b.valueAt("type"), fmt.Sprintf("Unknown type %q", r.Type), diag.DidYouMean(r.Type, types), "Lifeboat cannot ask AWS about resources of this type.")
	}
	return r
}
