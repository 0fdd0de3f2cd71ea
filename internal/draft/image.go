package draft

import (
	"path"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// repositoryKind is the kind of a prerequisite that holds images.
const repositoryKind = "image repository"

// repository is one ECR repository whose images the stacks need.
type repository struct {
	name    name
	tags    []string
	waits   []string // what tags wait for that the user must fill in
	digests []string
	at      []string
}

// images drafts the container images that the stacks run, by repository.
func (d *drafter) images() {
	var list []*repository
	note := func(n name, at string) *repository {
		i := slices.IndexFunc(list, func(r *repository) bool { return r.name.text == n.text })
		if i < 0 {
			i, list = len(list), append(list, &repository{name: n})
		}
		if r := list[i]; !slices.Contains(r.at, at) {
			r.at = append(r.at, at)
		}
		return list[i]
	}
	for _, a := range d.stacks {
		if read := d.read(a); read.err == nil {
			for i, img := range read.stacks[1].Images {
				d.run(a, i, img, note)
			}
		}
	}
	for _, p := range d.inv.Prerequisites {
		if p.Kind != repositoryKind || !d.drafted(p) {
			continue
		}
		for _, n := range d.namesOf(p) {
			note(n, p.Reads[0].At.String())
		}
	}
	for _, r := range list {
		d.image(r)
	}
}

// run notes an image that an application runs, the one at a place among all that it runs.
func (d *drafter) run(a application, i int, img *survey.Image, note func(name, string) *repository) {
	if !registry(img) {
		return
	}
	at := func(field func(*survey.Image) *survey.Value) func(*survey.Stack) *survey.Value {
		return func(st *survey.Stack) *survey.Value {
			if i >= len(st.Images) || st.Images[i].Resource != img.Resource {
				return nil
			}
			return field(st.Images[i])
		}
	}
	n, ok := d.nameOf(a, at(func(img *survey.Image) *survey.Value { return img.Repository }))
	if !ok || !named(n.text, signs(repositoryKind)) || strings.ToLower(n.text) != n.text {
		d.guesses++
		d.comment("guess: %s runs an image (%s) whose repository the code does not tell: write an image block for it.\n", a.stack.Dir, img.At)
		return
	}
	r := note(n, img.At.String())
	if digest, ok := img.Digest.Str(); ok && !slices.Contains(r.digests, digest) {
		r.digests = append(r.digests, digest)
	}
	tag, ok := d.nameOf(a, at(func(img *survey.Image) *survey.Value { return img.Tag }))
	if !ok || !named(tag.text, "_.-") || slices.Contains(r.tags, tag.text) {
		return
	}
	if r.tags = append(r.tags, tag.text); tag.waits != "" {
		r.waits = append(r.waits, tag.waits)
	}
}

// registry tells whether an image is in a registry of the account, as far as that is known: other registries are not lost with it.
func registry(img *survey.Image) bool {
	if img.Reference == nil || strings.Contains(img.Reference.Show(), ".repository_url") {
		return true
	}
	return img.Registry != nil && strings.Contains(img.Registry.Show(), ".dkr.ecr.")
}

func (d *drafter) image(r *repository) {
	d.comment("Read at %s.", strings.Join(r.at, ", "))
	d.line("image %s {\n%s", quote(d.block("image", path.Base(r.name.text))), r.name.mark("repository = "+quote(r.name.text)))
	given := d.Values["image "+r.name.text]
	switch tags := "tags = [" + quoted(r.tags) + "]"; {
	case named(given, "_.-"):
		d.line("tags = [%s]", quote(given))
	case len(r.waits) > 0:
		d.line("%s", name{waits: strings.Join(r.waits, ", ")}.mark(tags))
	case len(r.tags) > 0:
		d.guess(tags, "the tags that the code names; a digest never moves")
	case len(r.digests) == 0:
		d.fill(`tags = ["latest"]`, Open{"the tag of " + r.name.text + " that the stacks need", "--value image " + r.name.text + "=", "latest"})
	}
	if len(r.digests) > 0 {
		d.line("digests = [%s]", quoted(r.digests))
	}
	d.from("[site.primary, site.vault]", "site.primary")
	if stack, address := d.maker(r.name.text); stack != "" {
		d.comment("The stack makes the repository: the images come before it, and it adopts the repository.")
		d.line("in = stack.%s\naddress = %s", stack, quote(address))
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
