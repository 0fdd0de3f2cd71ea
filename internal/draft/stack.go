package draft

import (
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/derive"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// elsewhere tells whether Terragrunt applies a module whose code is not in the tree.
func elsewhere(st *survey.Stack) bool {
	return slices.ContainsFunc(st.Calls, func(c *survey.Call) bool { return c.Dir == "" && c.Kind == survey.RemoteModule }) && len(st.Resources) == 0 && len(st.Variables) == 0
}

// stack drafts a root module: once, or once for each colour.
func (d *drafter) stack(st *survey.Stack) {
	if elsewhere(st) {
		d.comment("%s is applied by Terragrunt from a module that is not in the tree: no stack can be drafted.", st.Dir)
		d.line("")
		return
	}
	d.outside(st)
	colours := colours(st)
	if colours == nil {
		name := d.block("stack", st.Name)
		d.names[st.Name] = name
		d.oneStack(st, name, d.instance(st), false)
		return
	}
	d.comment("%s is applied %d times side by side: %s (%s).", st.Dir, len(colours), colours[0].Why, colours[0].At)
	for i, in := range colours {
		name := in.Name
		if d.coloured() > 1 {
			name = st.Name + "-" + in.Name
		}
		name = d.block("stack", name)
		if i == 0 {
			d.names[st.Name] = name
		}
		d.oneStack(st, name, in, i > 0)
	}
}

// outside names the modules whose code is not in the tree.
func (d *drafter) outside(st *survey.Stack) {
	var sources []string
	for _, c := range st.Calls {
		if c.Dir == "" && c.Kind == survey.RemoteModule && !slices.Contains(sources, c.Source) {
			sources = append(sources, c.Source)
		}
	}
	if len(sources) > 0 {
		d.guesses++
		d.comment("guess: what these modules make (tables, images, keys) is not in this draft, because their code is not in the tree: %s.", strings.Join(sources, ", "))
	}
}

// coloured is how many root modules are applied in colours.
func (d *drafter) coloured() int {
	n := 0
	for _, st := range d.inv.Stacks {
		if colours(st) != nil {
			n++
		}
	}
	return n
}

func (d *drafter) oneStack(st *survey.Stack, name string, in *survey.Instance, optional bool) {
	d.own = newValues()
	d.line("stack %s {\npath = %s", quote(name), quote(st.Dir))
	if optional {
		d.guess("optional = true", "one colour is enough to work")
	}
	if colours(st) == nil {
		d.backendKey(st, name)
	}
	overlay := d.overlays(st)
	d.after(st, optional)
	workspace := d.instanceLines(st, name, in)
	d.stackVariables(st, in)
	d.secretVariables(st)
	d.line("}\n")
	d.stacks = append(d.stacks, application{stack: st, name: name, instance: in, optional: optional, workspace: workspace, overlay: slices.Concat(d.overlay, overlay), own: d.own})
}

// overlays are files that only some of the stacks are laid under; those of all stacks stand in the terraform block.
func (d *drafter) overlays(st *survey.Stack) []string {
	var files []string
	for _, sh := range d.inv.Shared {
		if slices.Contains(sh.Stacks, st.Name) && len(sh.Stacks) < len(d.inv.Stacks) {
			files = append(files, sh.Files...)
		}
	}
	if len(files) > 0 {
		d.line("overlay = [%s]", quoted(files))
	}
	return files
}

// shown is how much of the evidence for one place in the order is written down.
const shown = 4

// after drafts the order, with the evidence of each part of it; a further colour has the same.
func (d *drafter) after(st *survey.Stack, again bool) {
	var refs []string
	count := map[string]int{}
	for _, e := range d.inv.Edges {
		to := d.names[e.To]
		if e.From != st.Name || to == "" || e.How == survey.ByVariable {
			continue
		}
		if count[to]++; count[to] == 1 {
			refs = append(refs, "stack."+to)
		}
		switch {
		case again:
		case count[to] > shown:
			continue
		case e.Confidence == survey.High:
			d.comment("%s: %s reads %s of it (%s).", to, e.At, e.Reader, e.How)
		default:
			d.guesses++
			d.comment("guess: %s: %s reads %s of it (%s, %s): %s", to, e.At, e.Reader, e.How, e.Confidence, e.Why)
		}
	}
	if !again {
		for _, ref := range refs {
			if n := count[strings.TrimPrefix(ref, "stack.")] - shown; n > 0 {
				d.comment("%s: %d more; `lifeboat check --format json` lists them.", strings.TrimPrefix(ref, "stack."), n)
			}
		}
	}
	if len(refs) > 0 {
		d.line("after = [%s]", strings.Join(refs, ", "))
	}
}

// workspaceOf is the name of an application's workspace among its values.
const workspaceOf = "terraform.workspace"

// instanceLines are the workspace, which it gives, and the files of values of the chosen instance.
func (d *drafter) instanceLines(st *survey.Stack, name string, in *survey.Instance) string {
	workspace := d.Values["workspace."+name]
	switch {
	case workspace != "":
		d.line("workspace = %s", quote(workspace))
	case in != nil && in.Workspace != "":
		workspace = in.Workspace
		d.guess("workspace = "+quote(workspace), "%s", in.Why)
	case slices.ContainsFunc(st.Resources, func(r *survey.Resource) bool { return slices.Contains(r.Body.Refs(), workspaceOf) }):
		workspace = orElse(d.Environment, "default")
		d.own.asked[workspaceOf] = true
		d.fill("workspace = "+quote(workspace), Open{"the workspace of stack " + name + ", after which its code names things", "--value workspace." + name + "=", workspace})
	}
	if in == nil {
		return workspace
	}
	if len(in.VarFiles) > 0 {
		files := make([]string, len(in.VarFiles))
		for i, f := range in.VarFiles {
			files[i] = relative(st.Dir, f)
		}
		d.guess("var_files = ["+quoted(files)+"]", "of the environments %s this is the one that is recovered", strings.Join(instanceNames(st), ", "))
	}
	return workspace
}

func instanceNames(st *survey.Stack) []string {
	var out []string
	for _, in := range st.Instances {
		out = append(out, in.Name)
	}
	return out
}

// stackVariables drafts the variables that only this stack has, or that its instance sets.
func (d *drafter) stackVariables(st *survey.Stack, in *survey.Instance) {
	whole := d.lines
	d.lines = nil
	for _, v := range st.Variables {
		d.stackVariable(st, in, v)
	}
	own := d.lines
	if d.lines = whole; len(own) > 0 {
		d.line("variables = {\n%s\n}", strings.Join(own, "\n"))
	}
}

func (d *drafter) stackVariable(st *survey.Stack, in *survey.Instance, v *survey.Variable) {
	if role, _ := d.stateRole(st, v.Name); in != nil && role == "" {
		for _, set := range in.Settings {
			if set.Variable == v.Name && d.setting(st, in, v, set) {
				return
			}
		}
	}
	if text, why := d.stateRole(st, v.Name); text != "" && d.Values[v.Name] == "" && d.common.text[v.Name] == "" {
		d.guess(d.own.give(v.Name, text), "%s", why)
		return
	}
	if _, common := d.common.text[v.Name]; !unset(v) || common || v.Sensitive {
		return
	}
	for _, e := range d.inv.Edges {
		if e.From == st.Name && e.How == survey.ByVariable && e.Reader == "var."+v.Name && d.names[e.To] != "" && d.Values[v.Name] == "" {
			d.guess(d.own.give(v.Name, "stack."+d.names[e.To]+".outputs."+strings.TrimPrefix(e.Maker, "output.")), "%s (%s)", e.Why, e.Made)
			return
		}
	}
	if colour := d.active(st, v); colour != "" && d.Values[v.Name] == "" {
		d.guess(d.own.give(v.Name, quote(colour)), "it chooses between colours of what is looked up with it")
		return
	}
	d.ask(v.Name, v, d.own)
}

// setting drafts a variable that an instance sets; false if its value is not known.
func (d *drafter) setting(st *survey.Stack, in *survey.Instance, v *survey.Variable, set survey.Setting) bool {
	text, known := render(set.Value)
	switch region, _ := set.Value.Str(); {
	case region != "" && region == d.region() && d.common.text[v.Name] == derive.SiteRegion:
		return true
	case region != "" && region == d.region():
		d.guess(d.own.give(v.Name, derive.SiteRegion), "%s is the primary's region (%s)", region, set.At)
		return true
	case known && len(in.VarFiles) > 0:
		return true // the file brings it
	case known:
		d.line("%s", d.own.give(v.Name, text))
		return true
	}
	// Terragrunt hands over an output: dependency.NAME.outputs.OUTPUT
	for _, ref := range set.Value.Refs() {
		parts := strings.Split(ref, ".")
		for _, e := range d.inv.Edges {
			if len(parts) == 4 && parts[0] == "dependency" && e.From == st.Name && e.Reader == "dependency."+parts[1] && d.names[e.To] != "" && set.Value.Kind == survey.Unknown {
				d.line("%s # %s", d.own.give(v.Name, "stack."+d.names[e.To]+".outputs."+parts[3]), set.At)
				return true
			}
		}
	}
	return false
}

// active is the first colour of a stack that this one looks up by a name with the variable in it; empty if there is none.
func (d *drafter) active(st *survey.Stack, v *survey.Variable) string {
	for _, e := range d.inv.Edges {
		to := d.inv.Stack(e.To)
		if e.From != st.Name || e.How != survey.ByLookup || to == nil || colours(to) == nil || to.Variable(v.Name) != nil {
			continue
		}
		for _, r := range st.Resources {
			if r.Address == e.Reader && slices.Contains(r.Body.Refs(), "var."+v.Name) {
				return colours(to)[0].Name
			}
		}
	}
	return ""
}

func (d *drafter) secretVariables(st *survey.Stack) {
	open := false
	for _, v := range st.Variables {
		if !v.Sensitive || !unset(v) {
			continue
		}
		if !open {
			d.line("secret_variables = {")
			open = true
		}
		name, given := slug(d.Name)+"/"+v.Name, d.Values["secret."+v.Name]
		if named(given, signs("secret")) {
			name = given
		}
		d.own.text[v.Name] = "(secret)"
		line := v.Name + " = { secret = " + quote(name) + " }"
		if d.hidden = append(d.hidden, hidden{v.Name, st.Dir, name, given == ""}); given != "" {
			d.line("%s", line)
			continue
		}
		d.fill(line, Open{"the name of the Secrets Manager secret that keeps " + v.Name, "--value secret." + v.Name + "=", name})
	}
	if open {
		d.line("}")
	}
}
