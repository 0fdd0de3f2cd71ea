package draft

import (
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/handover"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// Consumer holds an API key.
type Consumer struct {
	Name, Contact string
	Recipient     string // of age, a public key of SSH, or secret:NAME of a Secrets Manager secret
}

// consumerFlag answers who holds keys.
const consumerFlag = "--consumer"

// ConsumerForm is how a consumer is written: see ParseConsumer.
const ConsumerForm = "NAME,CONTACT,RECIPIENT, where RECIPIENT is age1..., ssh-... or secret:NAME"

// ParseConsumer reads a consumer from a text of that form.
func ParseConsumer(text string) (Consumer, error) {
	parts := strings.SplitN(text, ",", 3)
	if len(parts) != 3 {
		return Consumer{}, fmt.Errorf("%q is not %s", text, ConsumerForm)
	}
	for i := range parts {
		if parts[i] = strings.TrimSpace(parts[i]); parts[i] == "" {
			return Consumer{}, fmt.Errorf("%q is not %s", text, ConsumerForm)
		}
	}
	c := Consumer{parts[0], parts[1], parts[2]}
	var err error
	switch {
	case strings.HasPrefix(c.Recipient, "secret:"):
	case strings.HasPrefix(c.Recipient, "ssh-"):
		_, err = handover.ParseSSH(c.Recipient)
	default:
		_, err = handover.ParseAge(c.Recipient)
	}
	if err != nil {
		return Consumer{}, fmt.Errorf("the recipient of %q: %w", c.Name, err)
	}
	return c, nil
}

// attribute is the recipient as a consumer block writes it.
func (c Consumer) attribute() string {
	if name, ok := strings.CutPrefix(c.Recipient, "secret:"); ok {
		return "shared_secret = " + quote(name)
	}
	if strings.HasPrefix(c.Recipient, "ssh-") {
		return "ssh_recipient = " + quote(c.Recipient)
	}
	return "age_recipient = " + quote(c.Recipient)
}

// apiKeys drafts the keys that consumers hold. Who they are is in no code.
func (d *drafter) apiKeys(order []*survey.Stack) {
	for _, st := range order {
		list, attr := st.Of(survey.Managed, "aws_api_gateway_api_key"), "key_id"
		if len(list) == 0 {
			list, attr = st.Of(survey.Managed, "aws_api_gateway_usage_plan"), "usage_plan"
		}
		if in := d.names[st.Name]; in != "" {
			for _, r := range list {
				d.apiKey(st, in, attr, r, len(list) == 1)
			}
		}
	}
}

func (d *drafter) apiKey(st *survey.Stack, in, attr string, r *survey.Resource, only bool) {
	out := outputOf(st, r.Address+".id")
	switch {
	case len(d.Consumers) == 0:
		o := Open{"who holds keys of " + r.Address + ", if anybody does: name, contact and recipient of each", consumerFlag, "nobody, and no api_key block"}
		d.comment("fill in: %s (%s). `lifeboat init --consumer NAME,CONTACT,RECIPIENT`, or:", o.What, r.At)
		d.open = append(d.open, o)
	case out == "":
		d.guesses++
		d.comment("guess: consumers hold keys of %s (%s), whose id is no output: add one, and this block:", r.Address, r.At)
	case !only:
		d.guesses++
		d.comment("guess: some of the consumers hold keys of %s (%s): say which of them.", r.Address, r.At)
	default:
		d.consumers(st, in, attr, out, r)
		return
	}
	for _, l := range []string{"api_key \"" + r.Name + "\" {", "  in = stack." + in, "  " + attr + " = stack." + in + ".outputs." + orElse(out, "OUTPUT"), "  consumer { ... } # name, contact, and age_recipient, ssh_recipient or shared_secret", "}"} {
		d.line("# %s", l)
	}
	d.line("")
}

// consumers writes a whole block.
func (d *drafter) consumers(st *survey.Stack, in, attr, out string, r *survey.Resource) {
	d.comment("Made at %s.", r.At)
	d.line("api_key %s {\nin = stack.%s\n%s = stack.%s.outputs.%s", quote(d.block("api_key", "consumers")), in, attr, in, out)
	for _, o := range st.Outputs {
		if url(o) {
			d.guess("url = stack."+in+".outputs."+o.Name, "where they call (%s)", o.At)
			break
		}
	}
	if attr == "usage_plan" && d.vault {
		d.guess("secret = "+quote(slug(d.Name)+"/consumer-keys"), "the vault's secret that keeps the keys' values; a value that it does not have is made anew, and kept there")
		d.line("from = site.vault")
	}
	for _, c := range d.Consumers {
		d.line("consumer {\nname = %s\ncontact = %s\n%s\n}", quote(c.Name), quote(c.Contact), c.attribute())
	}
	d.line("}\n")
}
