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
