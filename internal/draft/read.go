package draft

import (
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// repository is one ECR repository whose images the stacks need.
type repository struct {
	tags   []string
	made   bool
	at     []string
	stacks []string
}

// images drafts the container images that the stacks run, by repository.
func (d *drafter) images() {
	found := map[string]*repository{}
	var names []string
	note := func(name, stack, at string) *repository {
		r := found[name]
		if r == nil {
			r = &repository{}
			found[name] = r
			names = append(names, name)
		}
		if !slices.Contains(r.at, at) {
			r.at = append(r.at, at)
		}
		if !slices.Contains(r.stacks, stack) {
			r.stacks = append(r.stacks, stack)
		}
		return r
	}
	for _, st := range d.inv.Stacks {
		for _, img := range st.Images {
			name, ok := img.Repository.Str()
			if !ok || !registry(img) || !named(name, "._/-") {
				continue
			}
			r := note(name, st.Name, img.At.String())
			r.made = r.made || img.Made
			if tag, ok := img.Tag.Str(); ok && !slices.Contains(r.tags, tag) {
				r.tags = append(r.tags, tag)
			}
		}
	}
	for _, p := range d.inv.Prerequisites {
		if name, ok := p.Name.Str(); ok && p.Kind == "image repository" && named(name, "._/-") {
			note(name, p.Stacks[0], p.Reads[0].At.String())
		}
	}
	for _, name := range names {
		d.image(name, found[name])
	}
}

// registry tells whether an image is in a registry of the account: other registries are not lost with it.
func registry(img *survey.Image) bool {
	if img.Reference == nil || strings.Contains(img.Reference.Show(), ".repository_url") {
		return true
	}
	return img.Registry != nil && strings.Contains(img.Registry.Show(), ".dkr.ecr.")
}

func (d *drafter) image(name string, r *repository) {
	d.comment("Read at %s.", strings.Join(r.at, ", "))
	d.line("image %s {\nrepository = %s", quote(d.block("image", path.Base(name))), quote(name))
	if len(r.tags) > 0 {
		d.guess("tags = ["+quoted(r.tags)+"]", "the tags that the code names; a digest never moves")
	} else {
		tag := "latest"
		if given := d.Values["image "+name]; given != "" {
			tag = given
		}
		d.fill("tags = ["+quote(tag)+"]", Open{"the tags of " + name + " that the stacks need", "image " + name, tag})
	}
	d.from("[site.primary, site.vault]", "site.primary")
	if r.made {
		d.guesses++
		d.comment("guess: a stack makes this repository; the images can only be brought after it.")
		d.comment("after = [stack.NAME], and this image in the after of %s", strings.Join(r.stacks, ", "))
	}
	d.line("}\n")
}

func (d *drafter) from(withVault, without string) {
	switch {
	case d.vault:
		d.line("from = %s", withVault)
	case without != "":
		d.line("from = %s", without)
	}
}

// copies tells whether a recovery needs copies of anything.
func (d *drafter) copies() bool {
	return slices.ContainsFunc(d.inv.Prerequisites, func(p *survey.Prerequisite) bool { return copied(p) || p.Kind == "image repository" }) ||
		slices.ContainsFunc(d.inv.Stacks, func(st *survey.Stack) bool {
			return len(st.Of(survey.Managed, "aws_dynamodb_table")) > 0 || slices.ContainsFunc(st.Images, registry)
		})
}

// secrets drafts the secrets and parameters that Terraform only reads.
func (d *drafter) secrets() {
	for _, p := range d.inv.Prerequisites {
		name, _ := p.Name.Str()
		if !copied(p) {
			continue
		}
		d.comment("Read at %s, and made by no stack.", places(p))
		d.line("%s %s {\nname = %s", p.Kind, quote(d.block(p.Kind, strings.TrimPrefix(lastOf(name), "/"))), quote(name))
		d.from("site.vault", "")
		d.line("}\n")
	}
}

// copied tells whether a prerequisite is a secret or parameter with a name that AWS allows.
func copied(p *survey.Prerequisite) bool {
	name, known := p.Name.Str()
	return known && !p.Plural && (p.Kind == "secret" && named(name, "/_+=.@-") || p.Kind == "parameter" && named(name, "/_.-"))
}

// named tells whether a name has letters, digits and those signs only.
func named(name, signs string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(signs, r)
	})
}

// lastOf is the last part of a path.
func lastOf(name string) string { return path.Base(strings.TrimSuffix(name, "/")) }

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
		name, known := p.Name.Str()
		if copied(p) || known && p.Kind == "image repository" && named(name, "._/-") {
			continue
		}
		what := p.Kind
		if !p.Name.IsNull() {
			what += " " + p.Name.Said()
		}
		text := "Provide the " + what + " at the site: " + strings.Join(p.Stacks, ", ") + " read it by " + orElse(p.By, "its type") + ", and no stack makes it. "
		if p.Probe != "" {
			text += "It is there when " + p.Probe + " finds it. "
		}
		if p.Plural {
			text += "This lookup gives an empty list, not an error, where nothing is there. "
		}
		d.comment("Read at %s.", places(p))
		d.line("manual %s {", quote(d.block("manual", p.Kind+"-"+d.manualName(p))))
		d.line("instructions = %s", quote(strings.TrimSpace(text)))
		d.guess("who = "+quote(p.Who), "who usually can")
		d.line("}\n")
	}
}

func (d *drafter) manualName(p *survey.Prerequisite) string {
	if name, ok := p.Name.Str(); ok {
		return lastOf(name)
	}
	return lastOf(strings.ReplaceAll(p.Reads[0].Address, ".", "/"))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
