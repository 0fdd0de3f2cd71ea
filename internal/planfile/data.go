package planfile

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/lifeboat-dr/lifeboat/internal/handover"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// data reads tables and the keys that consumers hold. Both come after their stack, so `in` counts as an `after`.
func (l *loader) data() {
	each(l, "table", func(b *body, x *hclsyntax.Block) {
		b.require("in", "address")
		in := b.ref("in", "stack")
		t := &plan.Table{Block: b.block(x), In: in.Name, Address: b.address("the table"), Table: b.expr("name", place{}), Point: b.text("point"), Compare: b.number("compare", 1, 1_000_000)}
		t.After = withIn(in, t.After)
		if t.Point == "" {
			t.Point = "latest"
		} else if err := badPoint(t.Point); err != nil {
			b.fail(b.valueAt("point"), fmt.Sprintf("%q is not a point in time", t.Point), "", "%s.", sentence(err.Error()))
		}
		l.plan.Tables = append(l.plan.Tables, t)
	})
	each(l, "vault", func(b *body, x *hclsyntax.Block) {
		b.require("site", "bucket")
		l.plan.Vault = &plan.Vault{Site: b.ref("site", "site").Name, Bucket: b.text("bucket"), Range: at(x.DefRange())}
	})
	each(l, "api_key", func(b *body, x *hclsyntax.Block) {
		b.require("in")
		in := b.ref("in", "stack")
		late := place{outputs: true}
		k := &plan.APIKey{
			Block: b.block(x), In: in.Name, KeyID: b.expr("key_id", late), UsagePlan: b.expr("usage_plan", late), URL: b.expr("url", late),
			Secret: b.text("secret"), From: b.sources(true),
		}
		k.After = withIn(in, k.After)
		b.checkKey(k)
		for _, c := range b.many("consumer") {
			k.Consumers = append(k.Consumers, c.consumer())
		}
		b.checkConsumers(k)
		l.plan.APIKeys = append(l.plan.APIKeys, k)
	})
	each(l, "fence", func(b *body, x *hclsyntax.Block) {
		f := &plan.Fence{Block: b.block(x), Site: b.ref("site", "site").Name, Functions: b.texts("functions"), APIKeys: b.texts("api_keys"), Users: b.texts("users")}
		if len(f.Functions)+len(f.APIKeys)+len(f.Users) == 0 {
			b.fail(f.Range, "A fence that stops nothing", `Say what writes at the lost site: functions = ["live-*"], api_keys, users`, "None of functions, api_keys and users is given.")
		}
		l.plan.Fences = append(l.plan.Fences, f)
	})
}

// address is that of a resource of a stack, which is what.
func (b *body) address(what string) string {
	form := regexp.MustCompile(`^(module\.[\w-]+(\[[^\]]+\])?\.)*[a-z0-9_]+\.[\w-]+(\[[^\]]+\])?$`)
	a := b.text("address")
	if b.given("address") && !form.MatchString(a) {
		b.fail(b.valueAt("address"), fmt.Sprintf("%q is not a resource address", a), `Write it as terraform does, such as "aws_dynamodb_table.messages"`, "It says which resource of the stack %s is.", what)
	}
	return a
}

func (b *body) checkKey(k *plan.APIKey) {
	const detail = "Either Terraform makes one key (key_id), or the recovery makes one for each consumer in a usage plan (usage_plan)."
	switch {
	case k.KeyID == nil && k.UsagePlan == nil && !b.broken["key_id"] && !b.broken["usage_plan"]:
		b.fail(k.Range, "The keys come from nowhere", "Add usage_plan = stack.NAME.outputs.ID, or key_id", detail)
	case k.KeyID != nil && k.UsagePlan != nil:
		b.fail(b.valueAt("usage_plan"), "The keys come from two places", "Remove key_id or usage_plan", detail)
	case k.KeyID != nil && k.Secret != "":
		b.fail(b.valueAt("secret"), "A key that Terraform makes has its value from Terraform", "Remove secret, or let the recovery make the keys with usage_plan", detail)
	case (k.Secret == "") != (len(k.From) == 0):
		b.fail(k.Range, "Where the values are kept is half said", `Add both secret = "NAME" and from = site.VAULT, or neither`, "Without them a lost key gets a new value, and its consumer must change it.")
	}
}

// checkConsumers wants each consumer to have a name of its own, a person, and a way in which the key reaches them unread.
func (b *body) checkConsumers(k *plan.APIKey) {
	if len(k.Consumers) == 0 {
		b.fail(k.Range, "A key without a consumer", `Add consumer { name = "...", contact = "...", age_recipient = "..." }`, "A key that nobody gets recovers nothing.")
	}
	steps := map[string]bool{}
	for _, c := range k.Consumers {
		switch {
		case c.Name == "": // told already
		case steps[c.Slug()]:
			b.fail(c.Range, fmt.Sprintf("Consumer %q is there twice", c.Name), "", "Names of consumers differ in more than capitals and punctuation.")
		case c.Contact == "":
			b.fail(c.Range, fmt.Sprintf("Consumer %q has no contact", c.Name), `Add contact = "name@example.org"`, "Somebody must confirm that the key was received.")
		case c.AgeRecipient == "" && c.SSHRecipient == "" && c.Shared == "":
			b.fail(c.Range, fmt.Sprintf("Consumer %q has no recipient", c.Name), "Add age_recipient, ssh_recipient or shared_secret", "There would be no way to give the key that only the consumer can read.")
		case c.AgeRecipient != "" && c.SSHRecipient != "":
			b.fail(c.Range, fmt.Sprintf("Consumer %q has two recipients", c.Name), "Leave out age_recipient or ssh_recipient", "The key is encrypted to one of them.")
		case c.AgeRecipient == "" && c.SSHRecipient == "" && c.Webhook != "":
			b.fail(c.Range, fmt.Sprintf("The webhook of consumer %q has nothing to send", c.Name), "Add age_recipient or ssh_recipient", "A webhook is sent the key encrypted to a recipient.")
		}
		steps[c.Slug()] = true
	}
}

func withIn(in plan.Ref, after []plan.Ref) []plan.Ref {
	if in.Name == "" {
		return after
	}
	return append([]plan.Ref{in}, after...)
}

func (b *body) consumer() plan.Consumer {
	b.require("name")
	c := plan.Consumer{
		Name: b.text("name"), Contact: b.text("contact"), AgeRecipient: b.text("age_recipient"), SSHRecipient: b.text("ssh_recipient"),
		Webhook: b.text("webhook"), Shared: b.text("shared_secret"), Range: at(b.at),
	}
	b.checkText("age_recipient", c.AgeRecipient, parses(handover.ParseAge), "This is not an age recipient", "Ask the consumer for the line that `age-keygen` prints after \"Public key:\"")
	b.checkText("ssh_recipient", c.SSHRecipient, parses(handover.ParseSSH), "This is not an SSH public key", "Ask the consumer for the line of their ~/.ssh/id_ed25519.pub")
	b.checkText("webhook", c.Webhook, handover.CheckWebhook, "This is not an address for the key", "Write webhook = \"https://...\"")
	b.end()
	return c
}

// checkText reports what is wrong with a text that is given.
func (b *body) checkText(name, text string, check func(string) error, summary, hint string) {
	if !b.given(name) || b.broken[name] {
		return
	}
	if err := check(text); err != nil {
		b.fail(b.valueAt(name), summary, hint, "%s.", sentence(err.Error()))
	}
}

func parses[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}
