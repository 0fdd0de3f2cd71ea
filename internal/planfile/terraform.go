package planfile

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// terraform reads how stacks are applied.
func (l *loader) terraform() {
	l.plan.Terraform.Root = "."
	if len(l.groups["terraform"]) == 0 {
		if len(l.groups["stack"]) > 0 {
			l.report(diag.Diagnostic{
				Summary: "No terraform block", Subject: at(l.groups["stack"][0].DefRange()), Detail: "Stacks need a place for their states.",
				Hint: `Add terraform { state { bucket = "...", lock_table = "..." } }`,
			})
		}
		return
	}
	each(l, "terraform", func(b *body, x *hclsyntax.Block) {
		stacks := l.groups.names("stack")
		t := plan.Terraform{
			Binary: b.text("binary"), Root: b.text("root"), Overlay: b.pathList("overlay"), Parallel: b.number("parallelism", 1, 256), Range: at(x.DefRange()),
			Variables: b.exprMap("variables", place{want: cty.DynamicPseudoType, tables: true, secret: true, stacks: stacks}),
		}
		b.checkIdentifiers(t.Variables)
		if t.Binary != "" && t.Binary != "terraform" && t.Binary != "tofu" {
			b.fail(b.valueAt("binary"), "Unknown binary", diag.DidYouMean(t.Binary, []string{"terraform", "tofu"}), `It is "terraform" or "tofu"; the one on PATH is used.`)
		}
		if t.Root == "" {
			t.Root = "."
		}
		b.relative(t.Root, b.valueAt("root"))
		if s := b.one("state"); s != nil {
			t.State = s.state(stacks)
		} else {
			b.fail(t.Range, `Missing block "state"`, `Add state { bucket = "...", lock_table = "..." }`, "Stacks need a place for their states.")
		}
		l.plan.Terraform = t
	})
}

func (b *body) state(stacks []string) plan.State {
	b.require("bucket")
	s := plan.State{
		Bucket: b.expr("bucket", place{}), Key: b.expr("key", place{stacks: stacks}), LockTable: b.expr("lock_table", place{}),
		Lockfile: b.isSet("lockfile"), KMSKey: b.expr("kms_key", place{}), Tags: b.textMap("tags"), Range: at(b.at),
	}
	if s.Key == nil && !b.broken["key"] {
		s.Key = b.defaultKey(stacks)
	}
	if s.LockTable == nil && !s.Lockfile && !b.broken["lock_table"] {
		b.warn(s.Range, "States are not locked", "Add lock_table = \"...\" or lockfile = true", "Two people who recover at the same time would destroy each other's state.")
	}
	b.end()
	return s
}

// defaultKey is "${stack.name}.tfstate".
func (b *body) defaultKey(stacks []string) plan.Expr {
	x, diags := hclsyntax.ParseTemplate([]byte("${stack.name}.tfstate"), "the default of key", hcl.InitialPos)
	if diags.HasErrors() || len(stacks) == 0 {
		return nil
	}
	return b.compile(x, "key", place{stacks: stacks})
}
