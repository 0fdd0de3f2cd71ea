package survey

import (
	"slices"
	"strings"
)

// images are the container images that a stack runs, then those that it only looks up.
func images(st *Stack) []*Image {
	var out []*Image
	for _, r := range st.Resources {
		for _, in := range r.Instances {
			for p, v := range in.Body.Leaves() {
				if !imageAttribute(r.Type, p) {
					continue
				}
				if v.Kind == String && strings.HasSuffix(p.Last(), "container_definitions") {
					for _, ref := range inDefinitions(v) {
						out = append(out, newImage(st, r, ref))
					}
					continue
				}
				out = append(out, newImage(st, r, v))
			}
		}
	}
	out = slices.DeleteFunc(out, func(i *Image) bool { return i.Reference.IsNull() })
	for _, r := range st.Resources {
		if r.Type == "aws_ecr_image" && r.Mode == Data {
			out = append(out, &Image{Stack: st.Name, Resource: r.Address, Repository: r.Body.Get("repository_name"), Tag: set(r.Body.Get("image_tag")), Digest: set(r.Body.Get("image_digest")), At: r.At})
		}
	}
	return out
}

// set is a value, or nil if none is written.
func set(v *Value) *Value {
	if v.IsNull() {
		return nil
	}
	return v
}

func imageAttribute(typ string, p Path) bool {
	switch last := p.Last(); {
	case last == "image_uri", last == "image_identifier", strings.HasSuffix(last, "container_definitions"):
		return true
	case last == "image":
		return strings.Contains(typ, "ecs") || strings.Contains(typ, "batch") || strings.Contains(typ, "codebuild") || strings.HasPrefix(typ, "kubernetes") || strings.Contains(typ, "sagemaker") || typ == "docker_container"
	}
	return false
}

// inDefinitions are the values of "image" in the JSON text of container definitions, cut out of its parts.
func inDefinitions(v *Value) []*Value {
	c := &imageCutter{at: v.Span}
	for _, p := range v.Parts {
		switch {
		case !p.Hole():
			for offset := 0; offset >= 0 && offset < len(p.Text); {
				offset = c.literal(p, offset)
			}
		case c.inside:
			c.ref = append(c.ref, p)
		}
	}
	return c.out
}

// imageCutter reads a JSON text piece by piece.
type imageCutter struct {
	at     Span
	out    []*Value
	ref    []Part // of the value that it is in
	inside bool
	before string // the end of what was read, in which a key may have begun
}

// literal reads on in a literal, and gives where it stopped; -1: at its end.
func (c *imageCutter) literal(p Part, offset int) int {
	rest := p.Text[offset:]
	if c.inside {
		end := strings.IndexByte(rest, '"')
		stop := len(rest)
		if end >= 0 {
			stop = end
		}
		if stop > 0 {
			c.ref = append(c.ref, Part{Text: rest[:stop], At: p.At.Sub(p.Text, offset, offset+stop), Via: p.Via})
		}
		if end < 0 {
			return -1
		}
		c.out = append(c.out, template(c.ref, c.at))
		c.ref, c.inside, c.before = nil, false, ""
		return offset + end + 1
	}
	joined := c.before + rest
	i := imageKey(joined)
	if i < len(c.before) {
		c.before = joined[max(0, len(joined)-20):]
		return -1
	}
	c.inside = true
	return offset + i - len(c.before)
}

// imageKey is where the value of "image" begins in a JSON text; -1: nowhere.
func imageKey(s string) int {
	i := strings.Index(s, `"image"`)
	if i < 0 {
		return -1
	}
	j := i + len(`"image"`)
	for j < len(s) && strings.ContainsRune(" \t\n:", rune(s[j])) {
		j++
	}
	if j < len(s) && s[j] == '"' {
		return j + 1
	}
	return -1
}

// newImage takes a reference apart: registry/repository:tag@digest.
func newImage(st *Stack, r *Resource, ref *Value) *Image {
	img := &Image{Stack: st.Name, Resource: r.Address, Reference: ref, At: ref.Span}
	if patternOf(ref, false) == nil && ref.Kind != Unknown {
		return img
	}
	parts := slices.Clone(ref.Parts)
	if before, after, ok := cut(parts, "@", false); ok {
		img.Digest, parts = template(after, ref.Span), before
	}
	if before, after, ok := cut(parts, ":", true); ok && !slices.ContainsFunc(after, func(p Part) bool { return strings.Contains(p.Text, "/") }) {
		img.Tag, parts = template(after, ref.Span), before
	}
	if len(parts) == 0 {
		return img
	}
	if host, rest, ok := cut(parts, "/", false); ok && (strings.Contains(template(host, ref.Span).Show(), ".") || host[0].Hole()) {
		img.Registry, parts = template(host, ref.Span), rest
	}
	img.Repository = template(parts, ref.Span)
	if len(parts) == 1 && parts[0].Hole() {
		img.Repository = behind(st, parts[0].Ref, img)
	}
	return img
}

// behind is the name of the ECR repository whose URL is used, if the stack looks it up or makes it.
func behind(st *Stack, ref string, img *Image) *Value {
	addr, ok := strings.CutSuffix(ref, ".repository_url")
	if !ok {
		return hole(ref, img.At)
	}
	for _, r := range st.Resources {
		for _, in := range r.Instances {
			if in.Address == addr {
				return in.Body.Get("name")
			}
		}
	}
	if i := strings.IndexByte(addr, '['); i >= 0 {
		addr = addr[:i]
	}
	for _, r := range st.Resources {
		if r.Address == addr {
			return r.Body.Get("name")
		}
	}
	return hole(ref, img.At)
}

// cut splits parts at the first or last occurrence of a character in a literal.
func cut(parts []Part, sep string, last bool) (before, after []Part, ok bool) {
	at, index := -1, -1
	for i, p := range parts {
		j := strings.Index(p.Text, sep)
		if last {
			j = strings.LastIndex(p.Text, sep)
		}
		if j >= 0 && (last || at < 0) {
			at, index = i, j
		}
	}
	if at < 0 {
		return parts, nil, false
	}
	p := parts[at]
	left, right := p, p
	left.Text, left.At = p.Text[:index], p.At.Sub(p.Text, 0, index)
	right.Text, right.At = p.Text[index+1:], p.At.Sub(p.Text, index+1, len(p.Text))
	before, after = slices.Clone(parts[:at]), nil
	if left.Text != "" {
		before = append(before, left)
	}
	if right.Text != "" {
		after = append(after, right)
	}
	return before, append(after, parts[at+1:]...), true
}

// images says of each image whether a stack of the tree makes its repository.
func (x *index) images(st *Stack) {
	for _, img := range st.Images {
		img.Made = len(x.mayMean("aws_ecr_repository", nameOfValue(img.Repository), "")) > 0
	}
}
