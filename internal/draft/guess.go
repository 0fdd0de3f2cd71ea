package draft

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// regionName is the form of a region's name.
var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

// primaryRegion is the region that providers, variables, files of values and scripts name most; empty if none does.
func primaryRegion(inv *survey.Inventory) string {
	count := map[string]int{}
	note := func(s string, weight int) {
		if regionName.MatchString(s) {
			count[s] += weight
		}
	}
	for _, st := range inv.Stacks {
		for _, p := range st.Providers {
			if r, ok := p.Region.Str(); ok && p.Alias == "" {
				note(r, 10)
			}
		}
		for _, v := range st.Variables {
			if s, ok := v.Value.Str(); ok && strings.Contains(v.Name, "region") {
				note(s, 5)
			}
		}
		for _, in := range st.Instances {
			for _, set := range in.Settings {
				s, _ := set.Value.Str()
				note(s, 5)
			}
		}
		if st.Backend != nil {
			s, _ := st.Backend.Body.Get("region").Str()
			note(s, 2)
		}
	}
	for _, h := range inv.Hints {
		note(h.Value, 1)
	}
	return most(count)
}

func most(count map[string]int) string {
	names := slices.Sorted(maps.Keys(count))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// onlyAccount is the account that providers allow or assume a role in, if it is one.
func onlyAccount(inv *survey.Inventory) string {
	digits := regexp.MustCompile(`\b\d{12}\b`)
	count := map[string]int{}
	for _, st := range inv.Stacks {
		for _, p := range st.Providers {
			for _, key := range []string{"allowed_account_ids", "assume_role"} {
				for part := range p.Body.Get(key).Written() {
					for _, a := range digits.FindAllString(part.Text, -1) {
						count[a]++
					}
				}
			}
		}
	}
	if len(count) != 1 {
		return ""
	}
	return most(count)
}

// instance chooses which environment of a stack is recovered; nil if it has no instances, or colours only.
func (d *drafter) instance(st *survey.Stack) *survey.Instance {
	var list []*survey.Instance
	for _, in := range st.Instances {
		if in.Kind != survey.Colour {
			list = append(list, in)
		}
	}
	if len(list) == 0 {
		return nil
	}
	names := make([]string, len(list))
	for i, in := range list {
		names[i] = in.Name
	}
	return list[d.choose(names)]
}

// choose is the environment that a plan most likely recovers: the one that was asked for, or the one that is called like production.
func (d *drafter) choose(names []string) int {
	wanted := []string{"prod", "production", "live", "prd", "main", "default"}
	if d.Environment != "" {
		wanted = []string{d.Environment}
	}
	for _, w := range wanted {
		for i, name := range names {
			if strings.EqualFold(name, w) || strings.HasPrefix(name, w+"-") || strings.HasSuffix(name, "-"+w) {
				return i
			}
		}
	}
	return 0
}

// colours are the copies of a stack side by side, at least two; nil if there are none.
func colours(st *survey.Stack) []*survey.Instance {
	var out []*survey.Instance
	for _, in := range st.Instances {
		if in.Kind == survey.Colour {
			out = append(out, in)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// siteValue is what a variable is called after at every site; empty if it is nothing of a site.
func (d *drafter) siteValue(v *survey.Variable) string {
	value, known := v.Value.Str()
	name := strings.ToLower(v.Name)
	switch {
	case (name == "region" || strings.HasSuffix(name, "aws_region") || name == "primary_region") && (!known || value == d.region() || regionName.MatchString(value)):
		return "site.region"
	case name == "account_id" || name == "aws_account_id" || name == "account" || name == "aws_account":
		return "site.account"
	}
	return ""
}

// open tells whether a variable needs a value from the plan.
func unset(v *survey.Variable) bool { return v.Value == nil }

// placeholder is a value of a variable's type.
func placeholder(v *survey.Variable) string {
	switch t := strings.TrimSpace(v.Type); {
	case len(v.Allowed) > 0:
		return quote(v.Allowed[0])
	case v.Name == "environment" || v.Name == "env" || v.Name == "stage":
		return `"live"`
	case t == "number":
		return "0"
	case t == "bool":
		return "false"
	case strings.HasPrefix(t, "list"), strings.HasPrefix(t, "set"), strings.HasPrefix(t, "tuple"):
		return "[]"
	case strings.HasPrefix(t, "map"), strings.HasPrefix(t, "object"):
		return "{}"
	}
	return `"CHANGE-ME"`
}

// literal is a value that the user typed in, as HCL: a text in quotes, unless the variable has another type and the value can be one.
func literal(v *survey.Variable, typed string) string {
	if t := strings.TrimSpace(v.Type); t != "" && t != "string" {
		if text, known := render(survey.Expression(typed)); known {
			return text
		}
	}
	return quote(typed)
}

// render is a known value as HCL; false if something in it is not known.
func render(v *survey.Value) (string, bool) {
	if v.IsNull() {
		return "null", true
	}
	if !v.Known() {
		return "", false
	}
	switch v.Kind {
	case survey.String:
		s, _ := v.Str()
		return quote(s), true
	case survey.Number, survey.Bool:
		return v.Text, true
	case survey.List:
		items := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			items[i], _ = render(e.Value)
		}
		return "[" + strings.Join(items, ", ") + "]", true
	case survey.Object:
		items := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			s, _ := render(e.Value)
			items[i] = quote(e.Key) + " = " + s
		}
		return "{ " + strings.Join(items, ", ") + " }", true
	case survey.Unknown, survey.Null:
	}
	return "", false
}
