package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

func readRules() []*Rule {
	return []*Rule{
		{
			ID: "LB401", Title: "It is read, and no stack makes it", Weights: away(High), find: (*tree).prerequisites,
			Why:    "A new account does not have it: the lookup fails, and everything behind it. A real application of five stacks, recovered literally by its document, met 6 errors in its shared stack and 10 in its application stack.",
			Fix:    "Say in the plan where it comes from: a secret, parameter, image, manual or command block that a stack comes after.",
			Source: "field notes section 5", Links: []string{"https://developer.hashicorp.com/terraform/language/data-sources"},
		},
		{
			ID: "LB402", Title: "The plan does not have this stack", Weights: all(High), find: (*tree).forgotten,
			Why:    "A recovery document forgot a whole stack: the one that makes the API key's secret. A build target had applied it, years ago.",
			Fix:    "Give it a stack block, or ignore this finding and say why the application lives without it.",
			Source: "field notes section 5", Links: []string{"https://github.com/lifeboat-dr/lifeboat/blob/main/docs/plan-language.md"},
		},
		{
			ID: "LB403", Title: "An order that nobody states", Weights: all(Medium), find: (*tree).unstated,
			Why:    "A data source finds by name what another stack makes. Only the one who applied them last knows which comes first; the wrong order stops, or finds what is old.",
			Fix:    "State it: stack.NAME.outputs.X or `after` in the plan (`lifeboat init` writes it), or a remote state.",
			Source: "field notes T9 (tg#2137, tg#3371)", Links: []string{issue("tg#2137"), issue("tg#3371")},
		},
		{
			ID: "LB412", Title: "The plan's order does not hold what the code reads", Weights: all(High), find: (*tree).misordered,
			Why:    "The stack looks up by name what another stack makes, and the plan may run them at once or the wrong way round.",
			Fix:    "Add the other stack to this one's `after`.",
			Source: "field notes T9 (tg#2137, tg#3371)", Links: []string{issue("tg#2137"), issue("tg#3371")},
		},
		{
			ID: "LB405", Title: "A lookup that may be empty", Weights: away(High), find: (*tree).plurals,
			Why:    "A plural lookup (aws_subnets by a filter) returned an empty list in the new account: functions were created outside the network, green.",
			Fix:    "Add a postcondition that there is at least one.",
			Source: "field notes section 5", Links: []string{"https://developer.hashicorp.com/terraform/language/expressions/custom-conditions"},
		},
		{
			ID: "LB406", Title: "Mock outputs can reach an apply", Weights: all(Medium), find: (*tree).mocks,
			Why:    "When a dependency has no outputs yet, as in a recovery, its mocks are passed silently, and resources are made with them.",
			Fix:    "Add mock_outputs_allowed_terraform_commands = [\"validate\", \"plan\"].",
			Source: "field notes T10 (tg#2917)", Links: []string{issue("tg#2917")},
		},
	}
}

func (t *tree) prerequisites() {
	said := map[string]bool{}
	for _, p := range t.inv.Prerequisites {
		if p.Plural || len(p.Reads) == 0 || strings.HasPrefix(p.Type, "terraform_remote_state") || t.everybodys(p) || t.provided(p) || t.undecided(p) {
			continue
		}
		r := p.Reads[0]
		if id := r.Stack + " " + p.Kind + " " + p.Name.Show(); !p.Name.IsNull() && !said[id] {
			said[id] = true
		} else if !p.Name.IsNull() {
			continue // the same thing, by another type of data source
		}
		r.At = t.header(r.Stack, r.Address, r.At)
		what := p.Kind
		if what == "" {
			what = p.Type
		}
		name := shorten(p.Name.Said())
		if p.Name.IsNull() {
			name = r.Address // it is found by its tags, or by a filter
		}
		h := hit{at: r.At, stack: r.Stack, address: r.Address, title: fmt.Sprintf("No stack makes the %s that is read: %s", strings.Replace(what, "dns", "DNS", 1), name)}
		for _, other := range p.Reads {
			h.steps = append(h.steps, t.steps(other.Stack)...)
		}
		t.add(h)
	}
}

// undecided tells whether no word of a name is known, and some stack makes things of that type: this may be one of them.
func (t *tree) undecided(p *survey.Prerequisite) bool {
	return p.Name != nil && len(p.Name.Parts) > 0 && t.made(p.Type, nil) &&
		!slices.ContainsFunc(p.Name.Parts, func(x survey.Part) bool { return !x.Hole() && strings.Trim(x.Text, "*./-_:") != "" })
}

// header is where the block begins that reads something.
func (t *tree) header(stack, address string, here survey.Span) survey.Span {
	if r := t.resource(stack, address); r != nil {
		return r.At
	}
	return here
}

func (t *tree) resource(stack, address string) *survey.Resource {
	s := t.stacks[stack]
	if s == nil {
		return nil
	}
	return t.addresses.of(s)[address]
}

func byAddress(s *survey.Stack) map[string]*survey.Resource {
	known := make(map[string]*survey.Resource, len(s.Resources))
	for _, r := range s.Resources {
		if known[r.Address] == nil {
			known[r.Address] = r
		}
	}
	return known
}

// referred is the address of the resource of a type that a reference from a module leads to; empty: it leads elsewhere.
func referred(module, ref, typ string) string {
	i := strings.Index(ref, typ+".")
	if i < 0 {
		return ""
	}
	name, _, _ := strings.Cut(ref[i+len(typ)+1:], ".")
	name, _, _ = strings.Cut(name, "[")
	if i == 0 && module != "" {
		return module + "." + typ + "." + name
	}
	return ref[:i] + typ + "." + name
}

// everybodys tells whether AWS or a known publisher gives it to every account: managed policies, public parameters, public machine images.
func (t *tree) everybodys(p *survey.Prerequisite) bool {
	name := p.Name.Show()
	switch p.Type {
	case "aws_iam_policy":
		return strings.Contains(name, ":aws:policy/") || strings.HasPrefix(name, "AWS") || strings.HasPrefix(name, "Amazon")
	case "aws_ssm_parameter", "aws_ssm_parameters_by_path":
		return strings.HasPrefix(name, "/aws/service/")
	case "aws_ami":
		r := t.resource(p.Reads[0].Stack, p.Reads[0].Address)
		if r == nil {
			return false
		}
		for _, o := range r.Body.Get("owners").All() {
			if id, _ := o.Str(); id != "amazon" && id != "aws-marketplace" && id != "microsoft" && !publisher(id) {
				return false
			}
		}
		return len(r.Body.Get("owners").All()) > 0
	}
	return false
}

// provided tells whether the plan brings it.
func (t *tree) provided(p *survey.Prerequisite) bool {
	if t.Plan == nil {
		return false
	}
	fits := func(name string) bool { return fit(p.Name, name) }
	switch {
	case strings.HasPrefix(p.Type, "aws_secretsmanager"):
		return slices.ContainsFunc(t.Plan.Secrets, func(s *plan.Secret) bool { return fits(s.Secret) })
	case strings.HasPrefix(p.Type, "aws_ssm_parameter"):
		return slices.ContainsFunc(t.Plan.Parameters, func(s *plan.Parameter) bool { return fits(s.Parameter) })
	case strings.HasPrefix(p.Type, "aws_ecr"):
		return slices.ContainsFunc(t.Plan.Images, func(i *plan.Image) bool { return fits(i.Repository) })
	}
	return false
}

// fit tells whether a name can be what is known of a value.
func fit(v *survey.Value, name string) bool {
	if v == nil || len(v.Parts) == 0 {
		return false
	}
	rest, anchored := name, true
	for _, p := range v.Parts {
		if p.Hole() {
			anchored = false
			continue
		}
		i := strings.Index(rest, p.Text)
		if i < 0 || anchored && i > 0 {
			return false
		}
		rest, anchored = rest[i+len(p.Text):], true
	}
	return rest == "" || !anchored
}

func (t *tree) forgotten() {
	if t.Plan == nil || len(t.planned) == 0 {
		return
	}
	for _, s := range t.inv.Stacks {
		if len(t.planned[s.Name]) > 0 || sample(s.Dir) || t.otherEnvironment(s) {
			continue
		}
		h := hit{stack: s.Name, title: fmt.Sprintf("The plan does not have the stack in %s", s.Dir)}
		for _, r := range s.Resources {
			if r.Module == "" && r.Mode == survey.Managed {
				h.first(r.At, r.Address)
			}
		}
		for _, c := range s.Calls {
			if h.address == "" {
				h.first(c.At, c.Module)
			}
		}
		if h.at.File != nil {
			t.add(h)
		}
	}
}

// otherEnvironment tells whether a stack's folder differs from that of one in the plan by the name of an environment only.
func (t *tree) otherEnvironment(s *survey.Stack) bool {
	parts := strings.Split(s.Dir, "/")
	return slices.ContainsFunc(t.inv.Stacks, func(o *survey.Stack) bool {
		others := strings.Split(o.Dir, "/")
		if len(t.planned[o.Name]) == 0 || len(others) != len(parts) {
			return false
		}
		differ := 0
		for i := range parts {
			switch {
			case parts[i] == others[i]:
			case survey.NamesEnvironment(parts[i]) && survey.NamesEnvironment(others[i]):
				differ++
			default:
				return false
			}
		}
		return differ == 1
	})
}

// lookups gives the edges that only a data source makes, once for each pair: the first place that shows it.
func (t *tree) lookups(f func(*survey.Edge)) {
	type pair struct{ from, to string }
	stated, first := map[pair]bool{}, map[pair]*survey.Edge{}
	var order []pair
	for _, e := range t.inv.Edges {
		p := pair{e.From, e.To}
		switch {
		case e.How == survey.ByRemoteState || e.How == survey.ByHint:
			stated[p] = true
		case e.How != survey.ByLookup || e.Confidence == survey.Low:
		case first[p] == nil:
			first[p] = e
			order = append(order, p)
		case e.At.File != nil && (e.At.File.Path < first[p].At.File.Path || e.At.File == first[p].At.File && e.At.Start < first[p].At.Start):
			first[p] = e
		}
	}
	for _, p := range order {
		if !stated[p] && p.from != p.to {
			f(first[p])
		}
	}
}

func (t *tree) unstated() {
	t.lookups(func(e *survey.Edge) {
		if len(t.planned[e.From]) == 0 || len(t.planned[e.To]) == 0 {
			t.add(hit{at: t.header(e.From, e.Reader, e.At), stack: e.From, address: e.Reader, title: fmt.Sprintf("Nobody states that %s comes after %s", e.From, e.To)})
		}
	})
}

func (t *tree) plurals() {
	t.resources(survey.Data, func(s *survey.Stack, r *survey.Resource) {
		if r.Body.Get("lifecycle", "postcondition") != nil {
			return
		}
		h := at(s, r)
		h.patch = postcondition(r)
		t.add(h)
	}, "aws_subnets", "aws_subnet_ids", "aws_security_groups", "aws_vpcs", "aws_instances", "aws_eips", "aws_route_tables", "aws_ebs_volumes",
		"aws_network_interfaces", "aws_db_instances", "aws_lambda_functions", "aws_secretsmanager_secrets", "aws_ami_ids", "aws_ssm_parameters_by_path")
}

// postcondition adds the missing check before the block's end.
func postcondition(r *survey.Resource) *Patch {
	list := "ids"
	switch r.Type {
	case "aws_eips":
		list = "allocation_ids"
	case "aws_db_instances":
		list = "instance_identifiers"
	case "aws_lambda_functions":
		list = "function_names"
	case "aws_secretsmanager_secrets", "aws_ssm_parameters_by_path":
		list = "arns"
	}
	return beforeEnd(r, "\n  lifecycle {\n    postcondition {\n      condition     = length(self."+list+") > 0\n      error_message = \"The lookup "+r.Address+" is empty.\"\n    }\n  }\n")
}

// beforeEnd puts text before the closing brace of a block in HCL.
func beforeEnd(r *survey.Resource, text string) *Patch {
	f := r.End.File
	end := int(r.End.End) - 1
	if f == nil || !strings.HasSuffix(f.Path, ".tf") || end < 1 || f.Src[end] != '}' || f.Src[end-1] != '\n' {
		return nil
	}
	return &Patch{File: f.Path, Start: end, End: end, New: text}
}
