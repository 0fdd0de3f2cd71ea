// Package derive finds out from code what a plan leaves to it: the DynamoDB tables of its stacks, with their names at each site.
//
// Promise: a name is what Terraform would make of the code with the values that the plan gives, or it is not given, with the reason. Nothing
// is run, and nothing outside the code is read.
package derive

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/survey"
)

// Table is a DynamoDB table that a stack's code makes.
type Table struct {
	Resource *survey.Resource
	Address  string // as terraform writes it
	Name     *survey.Value
	Wrong    string // why it cannot be told how many there are, or under which name; empty: it can
	Away     string // why it is not at the site; empty: it is
}

// What a name may wait for if the site is not settled. A plan has the same words for it.
const (
	SiteRegion  = "site.region"
	SiteAccount = "site.account"
)

// Tables are those that a stack makes, in the order of the code. A table that holds Terraform's locks is none: what it held is over. The
// region is that of the site; one that is not known fits all.
func Tables(st *survey.Stack, region *survey.Value) []Table {
	var out []Table
	for _, r := range st.Of(survey.Managed, "aws_dynamodb_table") {
		for _, in := range r.Instances {
			if key, _ := in.Body.Get("hash_key").Str(); key == "LockID" {
				continue
			}
			t := Table{Resource: r, Address: in.Address, Name: in.Body.Get("name")}
			t.Wrong, t.Away = wrong(t), away(r.Region, region)
			out = append(out, t)
		}
	}
	return out
}

func wrong(t Table) string {
	switch {
	case strings.Contains(t.Address, "[*]"):
		return "how many of it there are waits for " + waits(t.Resource.ForEach, "what only a run knows")
	case t.Name.IsNull():
		return "it has no name"
	case slices.ContainsFunc(t.Name.Refs(), func(ref string) bool { return ref != SiteRegion && ref != SiteAccount }):
		return "its name waits for " + waits(t.Name, "what only a run knows")
	}
	return ""
}

func away(there, here *survey.Value) string {
	_, known := there.Str()
	_, settled := here.Str()
	switch {
	case there.IsNull() || there.Show() == here.Show() || !settled:
		return ""
	case !known:
		return "its region waits for " + waits(there, "what only a run knows")
	}
	return fmt.Sprintf("it is made in region %s, not at the site", there.Show())
}

// waits names what a value waits for.
func waits(v *survey.Value, otherwise string) string {
	var refs []string
	for _, r := range v.Refs() {
		refs = append(refs, strings.TrimSuffix(strings.TrimPrefix(r, "("), ")"))
	}
	if len(refs) == 0 {
		return otherwise
	}
	return strings.Join(refs, ", ")
}

// Block is a name for a plan's block of the table, which no other has.
func (t Table) Block(stack string, taken func(string) bool) string {
	base := slug(strings.NewReplacer("module.", "", "aws_dynamodb_table.", "").Replace(t.Address))
	if !taken(base) {
		return base
	}
	base = slug(stack + "-" + base)
	for n, name := 2, base; ; n++ {
		if !taken(name) {
			return name
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
}

// slug is a name that a block can have: letters, digits and -, 60 at most, a letter first.
func slug(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
	out := strings.Join(words, "-")
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = "table-" + out
	}
	return strings.Trim(out[:min(len(out), 60)], "-")
}
