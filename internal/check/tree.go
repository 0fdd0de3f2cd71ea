package check

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/procedure"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// tree is what a rule looks at: the input, indexed, which all rules share; and what the rule has found.
type tree struct {
	Input
	inv     *survey.Inventory
	planned map[string][]*plan.Stack // the plan's stacks, by name in the inventory
	text    map[string]*survey.File  // files by path
	stacks  map[string]*survey.Stack // by name
	byType  map[string][]owned       // resources by mode and type
	places  func() []placedToken     // places that are written down, of all stacks
	folders func() map[string][]*survey.File

	blocks    *once[*survey.File, *topLevel]                    // what stands at the left margin
	addresses *once[*survey.Stack, map[string]*survey.Resource] // resources by address
	compiled  *once[*plan.Scenario, *procedure.Procedure]       // the plan
	locals    *once[string, map[string]bool]                    // names of the locals that a folder mentions

	rule  *Rule // the one that looks
	found []Finding
	known map[place]int // what was found already: index in found
}

// owned is a resource with its stack.
type owned struct {
	stack    *survey.Stack
	resource *survey.Resource
}

// place is what makes two findings the same.
type place struct {
	rule, file string
	line       int
	title      string
}

// hit is what a rule has found.
type hit struct {
	at      survey.Span
	rng     diag.Range // instead of at: in the plan
	stack   string
	address string
	title   string   // instead of the rule's
	why     string   // instead of the rule's
	fix     string   // instead of the rule's
	weights *Weights // instead of the rule's
	steps   []string // instead of the stack's
	inPlan  []string // the plan's scenarios in which it matters; nil: by the weights
	patch   *Patch
}

func newTree(in Input) *tree {
	t := &tree{
		Input: in, inv: in.Inventory, planned: map[string][]*plan.Stack{}, text: map[string]*survey.File{}, stacks: map[string]*survey.Stack{}, byType: map[string][]owned{},
		blocks: newOnce(topLevelOf), addresses: newOnce(byAddress),
	}
	t.places, t.folders = sync.OnceValue(t.findPlaces), sync.OnceValue(t.byFolder)
	t.compiled = newOnce(t.compile)
	t.locals = newOnce(t.localsIn)
	if t.inv == nil {
		t.inv = &survey.Inventory{}
	}
	for _, f := range t.inv.Files {
		t.text[f.Path] = f
	}
	t.match()
	for _, s := range t.inv.Stacks {
		t.stacks[s.Name] = s
		for _, r := range s.Resources {
			if t.none(s, r) {
				continue
			}
			key := typeKey(r.Mode, r.Type)
			t.byType[key] = append(t.byType[key], owned{s, r})
		}
	}
	return t
}

// none tells whether nothing is made of a resource: its count or for_each is known to be empty, and no application of the stack, nor the plan,
// could give it another value.
func (t *tree) none(s *survey.Stack, r *survey.Resource) bool {
	if r.ForEach == nil || len(r.Instances) > 0 || len(t.planned[s.Name]) > 0 {
		return false
	}
	said := r.ForEach.Span.Text()
	for _, i := range s.Instances {
		if r.Module != "" || strings.Contains(said, "local.") || slices.ContainsFunc(i.Settings, func(set survey.Setting) bool { return strings.Contains(said, "var."+set.Variable) }) {
			return false
		}
	}
	return true
}

// match finds the plan's stacks in the inventory, by folder.
func (t *tree) match() {
	if t.Plan == nil {
		return
	}
	dirs := map[string]string{}
	for _, s := range t.inv.Stacks {
		dirs[path.Join(t.Prefix, s.Dir)] = s.Name
	}
	for _, s := range t.Plan.Stacks {
		if name, ok := dirs[path.Join(t.Plan.Terraform.Root, s.Path)]; ok {
			t.planned[name] = append(t.planned[name], s)
		}
	}
}

// add records a finding. The same rule at the same line is one finding, however many stacks lead there.
func (t *tree) add(h hit) {
	r := t.rule
	f := Finding{Rule: r, Weights: r.Weights, Title: r.Title, Stack: h.stack, Address: h.address, At: h.rng, Why: r.Why, Fix: r.Fix, Patch: h.patch, Steps: h.steps, InPlan: h.inPlan}
	if h.rng == (diag.Range{}) {
		f.At = h.at.Range()
	}
	if f.At.File == "" {
		return // made up by the survey: nobody could change it
	}
	if h.title != "" {
		f.Title = h.title
	}
	if h.why != "" {
		f.Why = h.why
	}
	if h.fix != "" {
		f.Fix = h.fix
	}
	if h.weights != nil {
		f.Weights = *h.weights
	}
	if f.Severity = f.Weights.Worst(); f.Severity == None {
		return
	}
	if f.Steps == nil && h.stack != "" {
		f.Steps = t.steps(h.stack)
	}
	key := place{r.ID, f.At.File, f.At.Start.Line, ""}
	if r.Live {
		key.title = f.Title // one for each site
	}
	if i, ok := t.known[key]; ok {
		t.merge(i, f)
		return
	}
	t.known[key] = len(t.found)
	t.found = append(t.found, f)
}

// merge lets a finding that is known count for another stack too, and for further scenarios.
func (t *tree) merge(i int, f Finding) {
	old := &t.found[i]
	for s := range old.Weights {
		old.Weights[s] = max(old.Weights[s], f.Weights[s])
	}
	old.Severity = old.Weights.Worst()
	for _, s := range f.Steps {
		if !slices.Contains(old.Steps, s) {
			old.Steps = append(old.Steps, s)
		}
	}
}

// steps are the ids of the plan's steps that apply a stack of the inventory.
func (t *tree) steps(stack string) []string {
	var out []string
	for _, s := range t.planned[stack] {
		out = append(out, "stack/"+s.Name)
	}
	return out
}

func typeKey(mode survey.Mode, typ string) string {
	if mode == survey.Data {
		return "data." + typ
	}
	return typ
}

// resources gives every resource of a mode whose type is one of those, with its stack.
func (t *tree) resources(mode survey.Mode, f func(*survey.Stack, *survey.Resource), types ...string) {
	for _, typ := range types {
		for _, o := range t.byType[typeKey(mode, typ)] {
			f(o.stack, o.resource)
		}
	}
}

// made tells whether any stack makes a resource of the type for which ok holds.
func (t *tree) made(typ string, ok func(*survey.Resource) bool) bool {
	found := false
	t.resources(survey.Managed, func(_ *survey.Stack, r *survey.Resource) { found = found || ok == nil || ok(r) }, typ)
	return found
}

// at is a resource's finding at its header.
func at(s *survey.Stack, r *survey.Resource) hit {
	return hit{at: r.At, stack: s.Name, address: r.Address}
}

// atKey is a resource's finding at one of its attributes, or at its header where that is not written.
func atKey(s *survey.Stack, r *survey.Resource, path ...string) hit {
	h := at(s, r)
	last := len(path) - 1
	body := r.Body
	if last > 0 {
		body = body.Get(path[:last]...)
	}
	if at := body.KeyAt(path[last]); at.File != nil {
		h.at = at
	}
	return h
}

// gives tells whether the plan gives a variable to every one of its stacks that are this one.
func (t *tree) gives(stack, variable string) bool {
	if t.Plan == nil {
		return false
	}
	if _, ok := t.Plan.Terraform.Variables[variable]; ok {
		return true
	}
	stacks := t.planned[stack]
	return len(stacks) > 0 && !slices.ContainsFunc(stacks, func(s *plan.Stack) bool {
		_, value := s.Variables[variable]
		_, secret := s.Secrets[variable]
		_, env := s.Env["TF_VAR_"+variable]
		return !value && !secret && !env && len(s.VarFiles) == 0
	})
}

// refs are everything that a value is made from: what its holes refer to, and the declarations that known parts went through.
func refs(v *survey.Value) []string {
	var out []string
	var part func(p survey.Part)
	part = func(p survey.Part) {
		if p.Hole() {
			out = append(out, p.Ref)
		}
		for via := p.Via; via != nil; via = via.Next {
			out = append(out, via.Ref)
			for _, from := range via.From {
				part(from)
			}
		}
	}
	for _, leaf := range v.Leaves() {
		for _, p := range leaf.Parts {
			part(p)
		}
	}
	return out
}

// differs tells whether a value is made from something that is called like one of the words.
func differs(v *survey.Value, words ...string) bool {
	for _, ref := range refs(v) {
		for _, w := range words {
			if strings.Contains(ref, w) {
				return true
			}
		}
	}
	return false
}
