package planfile

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// data reads tables and the keys that consumers hold. Both come after their stack, so `in` counts as an `after`.
func (l *loader) data() {
	address := regexp.MustCompile(`^(module\.[\w-]+(\[[^\]]+\])?\.)*[a-z0-9_]+\.[\w-]+(\[[^\]]+\])?$`)
	each(l, "table", func(b *body, x *hclsyntax.Block) {
		b.require("in", "address")
		in := b.ref("in", "stack")
		t := &plan.Table{Block: b.block(x), In: in.Name, Address: b.text("address"), Point: b.text("point")}
		t.After = withIn(in, t.After)
		if b.given("address") && !address.MatchString(t.Address) {
			b.fail(b.valueAt("address"), fmt.Sprintf("%q is not a resource address", t.Address), `Write it as terraform does, such as "aws_dynamodb_table.messages"`, "It says which resource of the stack the table is.")
		}
		if t.Point == "" {
			t.Point = "latest"
		} else if err := badPoint(t.Point); err != nil {
			b.fail(b.valueAt("point"), fmt.Sprintf("%q is not a point in time", t.Point), "", "%s.", sentence(err.Error()))
		}
		l.plan.Tables = append(l.plan.Tables, t)
	})
	each(l, "api_key", func(b *body, x *hclsyntax.Block) {
		b.require("in", "key_id")
		in := b.ref("in", "stack")
		k := &plan.APIKey{Block: b.block(x), In: in.Name, KeyID: b.expr("key_id", place{outputs: true})}
		k.After = withIn(in, k.After)
		for _, c := range b.many("consumer") {
			k.Consumers = append(k.Consumers, c.consumer())
		}
		l.plan.APIKeys = append(l.plan.APIKeys, k)
	})
}

func withIn(in plan.Ref, after []plan.Ref) []plan.Ref {
	if in.Name == "" {
		return after
	}
	return append([]plan.Ref{in}, after...)
}

func (b *body) consumer() plan.Consumer {
	b.require("name")
	c := plan.Consumer{Name: b.text("name"), Contact: b.text("contact"), AgeRecipient: b.text("age_recipient"), Range: at(b.at)}
	if b.given("age_recipient") {
		if err := badRecipient(c.AgeRecipient); err != nil {
			b.fail(b.valueAt("age_recipient"), "This is not an age recipient", "Ask the consumer for the line that `age-keygen` prints after \"Public key:\"", "%s.", sentence(err.Error()))
		}
	}
	b.end()
	return c
}
