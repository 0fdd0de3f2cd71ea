package procedure

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// node is a step on its way into the graph.
type node struct {
	spec  step.Spec
	edges []edge
	at    diag.Range
	first bool // a prerequisite of every stack unless somebody names it
}

// edge says that its node comes after to, and where the plan says so.
type edge struct {
	to     string
	output string // what is read, if anything
	at     diag.Range
}

type builder struct {
	plan     *plan.Plan
	scenario *plan.Scenario
	site     *plan.Site
	nodes    []node
	index    map[string]int
	gone     map[string]bool // ids of blocks that have no step in this scenario
	diags    diag.List
}

func (b *builder) add(k step.Kind, block plan.Block, title string, config any, exprs ...plan.Expr) *node {
	id := string(k) + "/" + block.Name
	n := node{at: block.Range, spec: step.Spec{
		ID: id, Kind: k, Title: title, Site: b.site.Name, Optional: block.Optional, IfNeeded: b.scenario.InPlace(),
		Timeout: timeout(k, block), Retry: retry(k), Uses: uses(k), Forecast: forecast(k), Config: config,
	}}
	for _, r := range block.After {
		n.edges = append(n.edges, edge{to: r.StepID(), at: r.Range})
	}
	for _, e := range exprs {
		if e == nil {
			continue
		}
		for _, r := range e.Refs() {
			n.edges = append(n.edges, b.reads(k, r)...)
		}
	}
	if at, dup := b.index[id]; dup {
		b.diags = append(b.diags, diag.Errorf(block.Range, "Duplicate step", "%s is already defined at %s.", id, b.nodes[at].at)...)
		return &n
	}
	b.index[id] = len(b.nodes)
	b.nodes = append(b.nodes, n)
	return &b.nodes[len(b.nodes)-1]
}

// prerequisites are the steps that no plan needs to write.
func (b *builder) prerequisites() {
	s := b.site
	if !b.scenario.InPlace() {
		n := b.add(step.Manual, plan.Block{Name: "hand-over"}, fmt.Sprintf("Account %s is handed over in %s", s.Account, s.Region), &step.ManualConfig{
			Instructions: fmt.Sprintf("Have account %s ready in region %s, and credentials for it at hand. It is done when the account answers as itself.", s.Account, s.Region),
			Who:          b.plan.Application.Owner, Handover: s,
		})
		n.spec.Person = who(b.plan.Application.Owner)
	}
	n := b.add(step.Identity, plan.Block{Name: "site"}, fmt.Sprintf("Credentials reach account %s in %s", s.Account, s.Region), s)
	n.spec.IfNeeded = false // verified in every run
	if _, ok := b.index[HandoverID]; ok {
		n.edges = append(n.edges, edge{to: HandoverID})
	}
	if len(b.plan.Stacks) == 0 {
		return
	}
	st := b.plan.Terraform.State
	n = b.add(step.StateBackend, plan.Block{Name: "site", Range: st.Range}, "State bucket and lock", &step.BackendConfig{State: st}, st.Bucket, st.LockTable, st.KMSKey)
	n.edges = append(n.edges, edge{to: IdentityID})
}

func who(name string) string {
	if name == "" {
		return "whoever runs the recovery"
	}
	return name
}

// blocks turns the plan's blocks into nodes, in the order in which people think of them.
func (b *builder) blocks() {
	p := b.plan
	for _, m := range p.Manuals {
		n := b.add(step.Manual, m.Block, "By hand: "+m.Name, &step.ManualConfig{Instructions: m.Instructions, Who: m.Who})
		n.spec.Person, n.first = who(m.Who), len(m.After) == 0
	}
	for _, x := range p.Secrets {
		x := *x
		x.From = b.reachable(x.From)
		n := b.add(step.Secret, x.Block, "Secret "+x.Secret, &step.SecretConfig{Secret: &x, Trust: b.trust()})
		n.first = true
		b.typed(n)
	}
	for _, x := range p.Parameters {
		x := *x
		x.From = b.reachable(x.From)
		n := b.add(step.Parameter, x.Block, "Parameter "+x.Parameter, &step.ParameterConfig{Parameter: &x, Trust: b.trust()})
		n.first = true
		b.typed(n)
	}
	for _, x := range p.Images {
		x := *x
		x.From = b.reachable(x.From)
		b.add(step.Image, x.Block, "Images of "+x.Repository, &x).first = true
	}
	for _, x := range p.Stacks {
		b.add(step.Stack, x.Block, "Stack "+x.Name, &step.StackConfig{Stack: x, Terraform: p.Terraform, Dir: p.Dir, Adopt: b.scenario.Lost.Kind == plan.LostState || len(b.swaps(x)) > 0, Brought: b.adopted(x), Swaps: b.swaps(x)}, b.stackExprs(x)...)
	}
	b.tables()
	b.keys()
	b.fences()
	for _, c := range p.Commands {
		b.add(step.Command, c.Block, "Command "+c.Name, &step.CommandConfig{Command: c, Dir: p.Dir}, slices.Concat(c.Argv, c.Probe, sorted(c.Env))...)
	}
	for _, v := range p.Verifies {
		exprs := slices.Concat(v.Argv, sorted(v.Env))
		if v.HTTP != nil {
			exprs = append(append(exprs, v.HTTP.URL), sorted(v.HTTP.Headers)...)
		}
		if v.Resource != nil {
			exprs = append(exprs, v.Resource.ID)
		}
		b.add(step.Verify, v.Block, "Verify "+v.Name, &step.VerifyConfig{Verify: v, Dir: p.Dir}, exprs...)
	}
}

// typed lets a step wait for the owner when nothing but a person can give its value.
func (b *builder) typed(n *node) {
	if slices.ContainsFunc(fates(n.spec), func(v Value) bool { return v.Fate == Typed }) {
		n.spec.Person = who(b.plan.Application.Owner)
	}
}

// reachable are the sources that the disaster left, and that are not the site itself.
func (b *builder) reachable(from []plan.Source) []plan.Source {
	return slices.DeleteFunc(slices.Clone(from), func(s plan.Source) bool {
		return s.Site != "" && (s.Site == b.site.Name || !b.scenario.Reaches(b.plan, s.Site))
	})
}

// stackExprs are all the expressions of a stack. Variables for every stack count too, save where they read the stack itself.
func (b *builder) stackExprs(x *plan.Stack) []plan.Expr {
	exprs := append(sorted(x.Variables), sorted(x.Env)...)
	exprs = append(exprs, x.BackendKey)
	for _, e := range sorted(b.plan.Terraform.Variables) {
		own := slices.ContainsFunc(e.Refs(), func(r plan.Ref) bool { return r.Kind == "stack" && r.Name == x.Name })
		if !own {
			exprs = append(exprs, e)
		}
	}
	return exprs
}

func sorted(m map[string]plan.Expr) []plan.Expr {
	out := make([]plan.Expr, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// link adds the edges that nobody writes: everything after identity, stacks after their backend and after prerequisites that
// nobody names, proofs without an order after all stacks.
func (b *builder) link() {
	named := map[string]bool{}
	for _, n := range b.nodes {
		for _, e := range n.edges {
			named[e.to] = true
		}
	}
	var first, stacks, tables []string
	for _, n := range b.nodes {
		switch {
		case n.first && !named[n.spec.ID]:
			first = append(first, n.spec.ID)
		case n.spec.Kind == step.Stack && !n.spec.Optional:
			stacks = append(stacks, n.spec.ID)
		case n.spec.Kind == step.Table && !n.spec.Optional:
			tables = append(tables, n.spec.ID)
		}
	}
	for i := range b.nodes {
		n := &b.nodes[i]
		switch n.spec.Kind {
		case step.Stack:
			b.after(n, BackendID)
			b.after(n, first...)
			b.after(n, b.pushed(n.spec.ID)...)
		case step.Verify:
			if len(n.edges) == 0 {
				b.after(n, append(stacks, tables...)...)
			}
		case step.FirstCall:
			b.after(n, b.proofs()...)
		case step.Manual, step.Identity, step.StateBackend, step.Image, step.Secret, step.Parameter, step.Command, step.APIKey, step.Fence, step.Table:
		}
		if n.spec.ID != HandoverID && n.spec.ID != IdentityID && len(n.edges) == 0 {
			b.after(n, IdentityID)
		}
		b.settle(n)
	}
}

// pushed are the images whose repositories a stack makes: they come before it, and it adopts the repositories.
func (b *builder) pushed(stack string) []string {
	var out []string
	for _, i := range b.plan.Images {
		if "stack/"+i.In == stack {
			out = append(out, string(step.Image)+"/"+i.Name)
		}
	}
	return out
}

func (b *builder) after(n *node, ids ...string) {
	for _, id := range ids {
		n.edges = append(n.edges, edge{to: id, at: n.at})
	}
}

// settle turns a node's edges into its needs, and reports those that lead nowhere.
func (b *builder) settle(n *node) {
	var needs []string
	for _, e := range n.edges {
		if b.gone[e.to] {
			continue
		}
		if _, ok := b.index[e.to]; !ok {
			b.diags = append(b.diags, diag.Errorf(e.at, "Nothing carries this out", "%s comes after %s, for which this version of Lifeboat has no step.", n.spec.ID, e.to)...)
			continue
		}
		needs = append(needs, e.to)
	}
	slices.Sort(needs)
	n.spec.Needs = slices.Compact(needs)
}
