package draft

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/derive"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// reading is what a stack's code gives as the draft applies it: one Stack for each of readings.all, or why there is none.
type reading struct {
	stacks []*survey.Stack
	err    error
}

// read reads the code of an application once.
func (d *drafter) read(a application) reading {
	if r, ok := d.readBy[a.name]; ok {
		return r
	}
	var r reading
	r.stacks, _, _, r.err = survey.Apply(survey.Options{Dir: d.inv.Root}, d.readings(a).all())
	d.readBy[a.name] = r
	return r
}

// name is a text of the code that is the same at every site.
type name struct {
	text  string
	waits string // what the user must fill in, and it follows from; empty: nothing
}

// mark ends a line with a name, where that follows from what the user must fill in.
func (n name) mark(line string) string {
	if n.waits == "" {
		return line
	}
	return line + " # fill in: it follows from " + oneLine(n.waits)
}

// nameOf is a text of an application's code with the values that the draft gives it; false if it is not known, or not the same at every site.
func (d *drafter) nameOf(a application, get func(*survey.Stack) *survey.Value) (name, bool) {
	r := d.read(a)
	if r.err != nil {
		return name{}, false
	}
	var texts []string
	for _, st := range r.stacks[1:] { // as asked, and at two sites
		text, known := get(st).Str()
		if !known || len(texts) > 0 && text != texts[0] {
			return name{}, false
		}
		texts = append(texts, text)
	}
	told := get(r.stacks[0])
	if _, known := told.Str(); known {
		return name{text: texts[0]}, true
	}
	waits := "what stands below"
	if refs := told.Refs(); len(refs) > 0 {
		waits = strings.Join(refs, ", ")
	}
	return name{texts[0], waits}, true
}

// namesOf are the names under which a prerequisite is looked up, one for each colour; none if one of them is not known.
func (d *drafter) namesOf(p *survey.Prerequisite) []name {
	if text, known := p.Name.Str(); known {
		return []name{{text: text}}
	}
	var out []name
	for _, a := range d.stacks {
		if a.stack.Name != p.Reads[0].Stack {
			continue
		}
		n, ok := d.nameOf(a, func(st *survey.Stack) *survey.Value { return looked(st, p) })
		if !ok {
			return nil
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// looked is what a stack looks a prerequisite up by.
func looked(st *survey.Stack, p *survey.Prerequisite) *survey.Value {
	for _, r := range st.Resources {
		if r.Address == p.Reads[0].Address {
			return r.Body.Get(p.By)
		}
	}
	return nil
}

// maker is the stack block whose code makes an ECR repository, and its address there; empty if none does.
func (d *drafter) maker(repository string) (stack, address string) {
	for _, a := range d.stacks {
		r := d.read(a)
		if r.err != nil {
			continue
		}
		for _, res := range r.stacks[1].Of(survey.Managed, "aws_ecr_repository") {
			for _, in := range res.Instances {
				if text, _ := in.Body.Get("name").Str(); text == repository {
					return a.name, in.Address
				}
			}
		}
	}
	return "", ""
}

// stateRole is what the plan knows of a variable that says where the states of other stacks are: as it is written in the plan, and why; empty
// if it is none. A value that the code has is that of the primary.
func (d *drafter) stateRole(st *survey.Stack, variable string) (text, why string) {
	for _, r := range st.Of(survey.Data, "terraform_remote_state") {
		config := r.Body.Get("config")
		switch {
		case from(config.Get("bucket"), "var."+variable):
			text = d.bucket
		case from(config.Get("region"), "var."+variable):
			text = derive.SiteRegion
		}
		if text != "" {
			return text, r.Address + " reads states there (" + r.At.String() + ")"
		}
	}
	return "", ""
}

// from tells whether a text is the value of one variable or local, and nothing else.
func from(v *survey.Value, ref string) bool {
	if v == nil || len(v.Parts) != 1 {
		return false
	}
	if v.Parts[0].Ref == ref {
		return true
	}
	for w := v.Parts[0].Via; w != nil; w = w.Next {
		if w.Ref == ref {
			return true
		}
	}
	return false
}
