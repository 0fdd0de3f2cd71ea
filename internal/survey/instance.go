package survey

import (
	"path"
	"slices"
	"strings"
)

// findInstances finds the root modules that are applied more than once, and with which values.
func (s *surveyor) findInstances() {
	files := s.valueFiles()
	for _, st := range s.inv.Stacks {
		s.unitInstances(st)
		s.fileInstances(st, files[st.Dir])
		s.workspaceInstances(st)
		if len(st.Instances) == 0 {
			s.colourInstances(st)
		}
		slices.SortStableFunc(st.Instances, func(a, b *Instance) int { return strings.Compare(a.Name, b.Name) })
	}
}

// kindOfNames tells colours from environments.
func kindOfName(name string) InstanceKind {
	switch strings.ToLower(name) {
	case "blue", "green", "red", "black", "white", "a", "b", "slot1", "slot2":
		return Colour
	}
	return Environment
}

// NamesEnvironment tells whether a folder is called like an environment.
func NamesEnvironment(folder string) bool {
	switch strings.ToLower(folder) {
	case "prod", "production", "live", "prd", "staging", "stage", "stg", "preprod", "pre-prod", "uat", "qa", "test", "tst", "int", "dev", "development", "sandbox", "demo", "ref":
		return true
	}
	return false
}

func (s *surveyor) unitInstances(st *Stack) {
	var units []*unit
	for _, u := range s.units {
		if u.stack == st.Dir && u.dir != st.Dir {
			units = append(units, u)
		}
	}
	for _, u := range units {
		in := &Instance{Name: differing(u, units), Dir: u.dir, Why: "Terragrunt applies it from " + u.dir, At: u.at, Backend: u.backend}
		in.Kind = kindOfName(in.Name)
		for _, v := range u.inputs.All() {
			for _, e := range v.Elems {
				in.Settings = append(in.Settings, Setting{e.Key, e.Value, e.At})
			}
		}
		st.Instances = append(st.Instances, in)
	}
}

// differing is the first folder in a unit's path that the others do not share.
func differing(u *unit, all []*unit) string {
	parts := strings.Split(u.dir, "/")
	for i, p := range parts {
		for _, o := range all {
			if q := strings.Split(o.dir, "/"); i >= len(q) || q[i] != p {
				return p
			}
		}
	}
	return parts[len(parts)-1]
}

// valueFiles are the files of values that terraform does not load by itself, by the stack that they are for: the one in whose folder or below
// whose folder they are, the one that a script gives them to, and those beside their folder that need their values.
func (s *surveyor) valueFiles() map[string][]string {
	out := map[string][]string{}
	add := func(dir, p string) {
		if !slices.Contains(out[dir], p) {
			out[dir] = append(out[dir], p)
		}
	}
	stacks := map[string]*Stack{}
	for _, st := range s.inv.Stacks {
		stacks[st.Dir] = st
	}
	beneath := onlyBeneath(s.inv.Stacks)
	for dir, l := range s.folders {
		auto := autoLoaded(l)
		for _, p := range l.values {
			if stacks[dir] != nil && slices.Contains(auto, p) {
				continue
			}
			if owner := owner(dir, stacks, beneath); owner != "" {
				add(owner, p)
				continue
			}
			for _, st := range s.beside(dir, p) {
				add(st.Dir, p)
			}
		}
	}
	for _, h := range s.inv.Hints {
		if st := s.inv.Stack(h.Stack); h.Kind == UsesVarFile && st != nil {
			if l := s.folders[path.Dir(h.Value)]; l != nil && slices.Contains(l.values, h.Value) {
				add(st.Dir, h.Value)
			}
		}
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// beside are the stacks that lack values which a file has that is in no stack's folder: those below the nearest folder, upwards, with any.
func (s *surveyor) beside(dir, p string) []*Stack {
	brings := map[string]bool{}
	for _, set := range s.settings(p) {
		brings[set.Variable] = true
	}
	for up := dir; up != "."; {
		up = path.Dir(up)
		var out []*Stack
		for _, st := range s.inv.Stacks {
			lacks := slices.ContainsFunc(st.Variables, func(v *Variable) bool { return v.Value == nil && brings[v.Name] })
			if lacks && (up == "." || strings.HasPrefix(st.Dir, up+"/")) {
				out = append(out, st)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// owner is the nearest folder, upwards, that is a stack, or the only stack beneath it: vars/live.tfvars beside terraform/main.tf. Empty if there is none.
func owner(dir string, stacks map[string]*Stack, beneath map[string]string) string {
	for up := dir; ; up = path.Dir(up) {
		if stacks[up] != nil {
			return up
		}
		if only, some := beneath[up]; some || up == "." {
			return only
		}
	}
}

// onlyBeneath is the stack beneath each folder that has one; empty where there are several.
func onlyBeneath(stacks []*Stack) map[string]string {
	out := map[string]string{}
	for _, st := range stacks {
		for up := st.Dir; up != "."; {
			up = path.Dir(up)
			if _, another := out[up]; another {
				out[up] = ""
			} else {
				out[up] = st.Dir
			}
		}
	}
	return out
}

func (s *surveyor) fileInstances(st *Stack, files []string) {
	byName := map[string]*Instance{}
	for _, p := range files {
		name := instanceName(p, st)
		in := byName[name]
		if in == nil {
			in = &Instance{Name: name, Kind: kindOfName(name), Why: "the file " + p + " has values for it", At: Span{File: s.read(p)}}
			byName[name] = in
			st.Instances = append(st.Instances, in)
		}
		in.VarFiles = append(in.VarFiles, p)
		in.Settings = append(in.Settings, s.settings(p)...)
	}
}

// instanceName is what a file of values is called after: itself, or its folder where it has the name of the stack or of nothing.
func instanceName(p string, st *Stack) string {
	name := strings.TrimSuffix(strings.TrimSuffix(path.Base(p), ".json"), ".tfvars")
	if dir := path.Base(path.Dir(p)); name == "terraform" || name == path.Base(st.Dir) || name == "variables" || name == "values" || strings.HasSuffix(name, ".auto") {
		if dir != "." {
			return dir
		}
	}
	return strings.TrimSuffix(name, "-"+path.Base(st.Dir))
}

func (s *surveyor) workspaceInstances(st *Stack) {
	for _, h := range s.inv.Hints {
		if h.Kind != UsesWorkspace || h.Stack != st.Name {
			continue
		}
		i := slices.IndexFunc(st.Instances, func(in *Instance) bool { return in.Name == h.Value })
		if i < 0 {
			st.Instances = append(st.Instances, &Instance{Name: h.Value, Kind: kindOfName(h.Value), Why: h.At.File.Path + " selects this workspace", At: h.At})
			i = len(st.Instances) - 1
		}
		st.Instances[i].Workspace = h.Value
	}
}

// colourInstances finds the variable that tells copies of a stack apart: it allows a few values that are colours, or is called so, and is part
// of the names of what the stack makes.
func (s *surveyor) colourInstances(st *Stack) {
	for _, v := range st.Variables {
		values, why := colours(v)
		if len(values) < 2 || !partOfNames(st, v.Name) {
			continue
		}
		for _, name := range values {
			st.Instances = append(st.Instances, &Instance{
				Name: name, Kind: Colour, Why: why, At: v.At,
				Settings: []Setting{{v.Name, textOf(name, v.At), v.At}},
			})
		}
		return
	}
}

func colours(v *Variable) (values []string, why string) {
	if len(v.Allowed) > 1 && !slices.ContainsFunc(v.Allowed, func(a string) bool { return kindOfName(a) != Colour }) {
		return v.Allowed, "the variable " + v.Name + " allows these values, and is part of the names of what it makes"
	}
	name := strings.ToLower(v.Name)
	if strings.Contains(name, "blue_green") || strings.Contains(name, "bluegreen") || strings.HasSuffix(name, "colour") || strings.HasSuffix(name, "color") {
		return []string{"blue", "green"}, "the variable " + v.Name + " is called so, and is part of the names of what it makes"
	}
	return nil, ""
}

// maxInstanced bounds how many instances' values a name is tried with.
const maxInstanced = 4

// instanced is a text with the values that each instance of its stack gives to variables that have none; nil if that changes nothing.
func instanced(st *Stack, v *Value) []*Value {
	if v == nil || v.Known() {
		return nil
	}
	var out []*Value
	for _, in := range st.Instances[:min(len(st.Instances), maxInstanced)] {
		var parts []Part
		changed := false
		for _, p := range v.Parts {
			i := slices.IndexFunc(in.Settings, func(s Setting) bool { return p.Ref == "var."+s.Variable })
			if i < 0 || !in.Settings[i].Value.Known() {
				parts = append(parts, p)
				continue
			}
			parts, changed = append(parts, textParts(in.Settings[i].Value)...), true
		}
		if changed {
			out = append(out, template(parts, v.Span))
		}
	}
	return out
}

func partOfNames(st *Stack, variable string) bool {
	for _, r := range st.Resources {
		if r.Mode != Managed {
			continue
		}
		v := r.Body.Get(identity(r.Type))
		if v == nil {
			continue
		}
		for _, p := range v.Parts {
			if p.Ref == "var."+variable || defaulted(p) == "var."+variable {
				return true
			}
		}
	}
	return false
}
