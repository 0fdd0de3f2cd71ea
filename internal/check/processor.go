package check

import (
	"fmt"
	"regexp"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// The processors that functions run on (Lambda API Reference, Architectures).
const (
	arm   = "arm64"
	intel = "x86_64"
)

// armTag and intelTag match tags that say which processor an image is built for.
var (
	armTag   = regexp.MustCompile(`(?i)(?:^|[-_.])(?:arm64|aarch64)(?:$|[-_.])`)
	intelTag = regexp.MustCompile(`(?i)(?:^|[-_.])(?:amd64|x86[-_]64|x64)(?:$|[-_.])`)
)

// processor is what a function runs on; empty: not known.
func processor(function *survey.Resource) string {
	v := function.Body.Get("architectures")
	if v.IsNull() {
		return intel
	}
	if all := v.All(); len(all) == 1 {
		if text, known := all[0].Str(); known {
			return text
		}
	}
	return ""
}

// builtFor is the processor that a tag names; empty: none.
func builtFor(tag *survey.Value) string {
	text, known := tag.Str()
	switch {
	case !known:
		return ""
	case armTag.MatchString(text):
		return arm
	case intelTag.MatchString(text):
		return intel
	}
	return ""
}

// processors compares what functions run on with what is known of their images: a word in the tag, and the other functions of the same image.
func (t *tree) processors() {
	for _, s := range t.inv.Stacks {
		first := map[string]*survey.Resource{}
		for _, i := range s.Images {
			r := t.resource(s.Name, i.Resource)
			if r == nil || r.Type != "aws_lambda_function" || r.ForEach != nil || !i.Repository.Known() || processor(r) == "" {
				continue
			}
			if b := builtFor(i.Tag); b != "" && b != processor(r) {
				h := at(s, r)
				h.title = fmt.Sprintf("The function runs on %s, and its image's tag says %s", processor(r), b)
				t.add(h)
				continue
			}
			key := i.Repository.Show() + ":" + i.Tag.Show() + "@" + i.Digest.Show()
			switch other := first[key]; {
			case other == nil:
				first[key] = r
			case processor(other) != processor(r):
				h := at(s, other)
				h.title = fmt.Sprintf("One image for two processors: %s runs it on %s, %s on %s", other.Address, processor(other), r.Address, processor(r))
				t.add(h)
			}
		}
	}
}

// runners are the functions that run an image of the repository, as far as the code tells which it is and what they run on.
func (t *tree) runners(repository string) []owned {
	var out []owned
	for _, s := range t.inv.Stacks {
		for _, i := range s.Images {
			if r := t.resource(s.Name, i.Resource); r != nil && r.Type == "aws_lambda_function" && processor(r) != "" && i.Repository.Known() && fit(i.Repository, repository) {
				out = append(out, owned{s, r})
			}
		}
	}
	return out
}

// misbuilt compares what images are built for with the functions that run them.
func (t *tree) misbuilt() {
	t.facts(AskProcessor, func(f Fact) {
		for _, o := range t.runners(f.Name) {
			wanted, title := map[string]string{arm: "arm64", intel: "amd64"}[processor(o.resource)], ""
			switch {
			case f.Index:
				title = fmt.Sprintf("%s at %s is an index of images, which Lambda does not take for %s", f.what(), f.Site.Name, o.resource.Address)
			case f.Processor != "" && wanted != "" && f.Processor != wanted:
				title = fmt.Sprintf("%s at %s is built for %s, and %s runs on %s", f.what(), f.Site.Name, f.Processor, o.resource.Address, processor(o.resource))
			default:
				continue
			}
			t.fact(f, t.concerned(f.Site, t.rule), title)
		}
	})
}
