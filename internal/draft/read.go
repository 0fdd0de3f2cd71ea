package draft

import (
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// copies tells whether a recovery needs copies of anything.
func (d *drafter) copies() bool {
	return slices.ContainsFunc(d.inv.Prerequisites, func(p *survey.Prerequisite) bool { return copied(p) || p.Kind == repositoryKind }) ||
		slices.ContainsFunc(d.inv.Stacks, func(st *survey.Stack) bool {
			return len(st.Of(survey.Managed, "aws_dynamodb_table")) > 0 || slices.ContainsFunc(st.Images, registry) ||
				slices.ContainsFunc(st.Variables, func(v *survey.Variable) bool { return v.Sensitive && unset(v) })
		})
}

// signs are those that names of a kind may have beside letters and digits (Secrets Manager API Reference, CreateSecret; Systems Manager API
// Reference, PutParameter; ECR API Reference, CreateRepository).
func signs(kind string) string {
	switch kind {
	case "secret":
		return "/_+=.@-"
	case "parameter":
		return "/_.-"
	}
	return "._/-"
}

// hidden is a secret that keeps the value of a variable.
type hidden struct {
	variable, dir, name string
	asked               bool // the user must say which secret it is
}

// secrets drafts the secrets and parameters that Terraform only reads, and those that keep the values of variables.
func (d *drafter) secrets() {
	for _, p := range d.inv.Prerequisites {
		if !copied(p) {
			continue
		}
		for _, n := range d.namesOf(p) {
			if !d.keeps(p.Kind, n.text) {
				continue
			}
			d.comment("Read at %s, and made by no stack.", places(p))
			called := lastOf(n.text)
			if n.waits != "" { // the text will be another one
				called = lastOf(strings.ReplaceAll(p.Reads[0].Address, ".", "/"))
			}
			d.secret(p.Kind, called, n.mark("name = "+quote(n.text)))
		}
	}
	for _, h := range d.hidden {
		if !d.keeps("secret", h.name) {
			continue
		}
		d.comment("Keeps the variable %s of %s.", h.variable, h.dir)
		line := "name = " + quote(h.name)
		if h.asked {
			line += " # fill in: as in secret_variables"
		}
		d.secret("secret", lastOf(h.name), line)
	}
}

// keeps tells whether a block for that name is to be written: it can have one, and has none yet.
func (d *drafter) keeps(kind, name string) bool {
	was := d.taken["named "+kind+" "+name]
	d.taken["named "+kind+" "+name] = true
	return !was && named(name, signs(kind))
}

func (d *drafter) secret(kind, called, line string) {
	d.line("%s %s {\n%s", kind, quote(d.block(kind, strings.TrimPrefix(called, "/"))), line)
	d.from("site.vault", "")
	d.line("}\n")
}

// copied tells whether a prerequisite is of a kind that the plan has a block for, which copies it.
func copied(p *survey.Prerequisite) bool {
	return !p.Plural && (p.Kind == "secret" || p.Kind == "parameter")
}

// drafted tells whether a prerequisite has a block that brings it.
func (d *drafter) drafted(p *survey.Prerequisite) bool {
	names := d.namesOf(p)
	return len(names) > 0 && (copied(p) || p.Kind == repositoryKind) && !slices.ContainsFunc(names, func(n name) bool { return !named(n.text, signs(p.Kind)) })
}

// named tells whether a name has letters, digits and those signs only.
func named(name, signs string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(signs, r)
	})
}

// lastOf is the last part of a path.
func lastOf(name string) string {
	if name == "" {
		return ""
	}
	return path.Base(strings.TrimSuffix(name, "/"))
}

func places(p *survey.Prerequisite) string {
	var out []string
	for _, r := range p.Reads {
		out = append(out, r.At.String())
	}
	if len(out) > 4 {
		out = append(out[:4], "...")
	}
	return strings.Join(out, ", ")
}

// manuals drafts what people must provide, because no stack makes it and Lifeboat has no kind of step for it.
func (d *drafter) manuals() {
	for _, p := range d.inv.Prerequisites {
		if d.drafted(p) {
			continue
		}
		what := p.Kind
		name := ""
		if names := d.namesOf(p); len(names) == 1 && names[0].waits == "" {
			name = names[0].text
		}
		if !p.Name.IsNull() {
			what += " " + orElse(name, p.Name.Said())
		}
		text := "Provide the " + what + " at the site: " + strings.Join(p.Stacks, ", ") + " read it by " + orElse(p.By, "its type") + ", and no stack makes it. "
		if p.Probe != "" {
			text += "It is there when " + p.Probe + " finds it. "
		}
		if p.Plural {
			text += "This lookup gives an empty list, not an error, where nothing is there. "
		}
		d.comment("Read at %s.", places(p))
		d.line("manual %s {", quote(d.block("manual", p.Kind+"-"+orElse(lastOf(name), lastOf(strings.ReplaceAll(p.Reads[0].Address, ".", "/"))))))
		d.line("instructions = %s", quote(strings.TrimSpace(text)))
		d.guess("who = "+quote(p.Who), "who usually can")
		d.line("}\n")
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
