package planfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/lifeboat-dr/lifeboat/internal/diag"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// application reads whom and what the plan is for.
func (l *loader) application() {
	blocks := l.groups["application"]
	if len(blocks) == 0 {
		l.report(diag.Diagnostic{
			Summary: "No application", Subject: l.top(), Detail: "A plan says which application it recovers.",
			Hint: `Add application "name" { owner = "...", objectives { recovery_time = "4h" } }`,
		})
		return
	}
	x := blocks[0]
	b := l.body(x)
	a := plan.Application{Name: x.Labels[0], Owner: b.text("owner"), Range: at(x.DefRange())}
	if o := b.one("objectives"); o != nil {
		a.Objectives.RecoveryTime, a.Objectives.RecoveryPoint = o.duration("recovery_time"), o.duration("recovery_point")
		o.end()
	}
	if a.Objectives.RecoveryTime == 0 && !l.diags.HasErrors() {
		b.warn(a.Range, "No recovery time objective", `Add objectives { recovery_time = "4h" }`, "Without it no run can tell whether it was fast enough.")
	}
	b.end()
	l.plan.Application = a
}

// top is the beginning of the plan's first file.
func (l *loader) top() diag.Range {
	p := diag.Pos{Line: 1, Column: 1}
	return diag.Range{File: l.names[0], Start: p, End: p}
}

// sites reads where the application can live.
func (l *loader) sites() {
	if len(l.groups["site"]) == 0 {
		l.report(diag.Diagnostic{Summary: "No site", Subject: l.top(), Detail: "A plan names the accounts and regions where the application can live.", Hint: `Add site "primary" { account = "...", region = "..." }`})
	}
	for _, x := range l.groups["site"] {
		s := l.site(x)
		l.plan.Sites = append(l.plan.Sites, s)
		l.eval.sites[s.Name] = cty.ObjectVal(map[string]cty.Value{"account": textOr(s.Account), "region": textOr(s.Region), "name": cty.StringVal(s.Name)})
	}
}

func (l *loader) site(x *hclsyntax.Block) *plan.Site {
	b := l.body(x)
	b.require("account", "region")
	s := &plan.Site{Name: x.Labels[0], Range: at(x.DefRange())}
	s.Account, s.Region = b.siteText("account"), b.siteText("region")
	s.AssumeRole, s.Profile = b.siteText("assume_role"), b.siteText("profile")
	b.end()
	if b.given("account") && !isAccount(s.Account) {
		hint := ""
		if isNumber(s.Account) && len(s.Account) < 12 {
			hint = `Write it in quotes, with its leading zeros`
		}
		b.fail(b.valueAt("account"), fmt.Sprintf("%q is not an account", s.Account), hint, "An AWS account is a number of 12 digits.")
	}
	if b.given("region") && !slices.Contains(regions(), s.Region) {
		b.fail(b.valueAt("region"), fmt.Sprintf("There is no region %q", s.Region), regionHint(s.Region), "AWS has no region of this name.")
	}
	if b.given("assume_role") {
		b.role(s)
	}
	return s
}

func regionHint(r string) string {
	if regexp.MustCompile(`^[a-z]+(-[a-z]+)+-\d[a-z]$`).MatchString(r) {
		return fmt.Sprintf("This is an availability zone; its region is %q", r[:len(r)-1])
	}
	if hint := closest(r, regions()); hint != "" {
		return hint
	}
	return `Write it as AWS does, such as "eu-west-2"`
}

// siteText reads a text of a site, which cannot depend on sites.
func (b *body) siteText(name string) string {
	x := b.attr(name)
	if x == nil {
		return ""
	}
	v, ok := b.l.static(x, b.what(name), cty.String, false)
	if !ok || v.IsNull() {
		b.broken[name] = true
		return ""
	}
	return v.AsString()
}

func (b *body) role(s *plan.Site) {
	m := regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):role/[\w+=,.@/-]+$`).FindStringSubmatch(s.AssumeRole)
	switch {
	case m == nil:
		b.fail(b.valueAt("assume_role"), fmt.Sprintf("%q is not the ARN of a role", s.AssumeRole), fmt.Sprintf("Write arn:%s:iam::%s:role/NAME", partition(s.Region), s.Account), "A site is reached by assuming a role.")
	case m[2] != s.Account && isAccount(s.Account):
		b.fail(b.valueAt("assume_role"), "The role belongs to another account", "", "The role is in account %s, the site is account %s: every step would be refused.", m[2], s.Account)
	case m[1] != partition(s.Region):
		b.fail(b.valueAt("assume_role"), "The role belongs to another partition", "", "Region %s is in the partition %s, the role in %s.", s.Region, partition(s.Region), m[1])
	}
}

func isAccount(s string) bool { return len(s) == 12 && isNumber(s) }

// partition is the partition of a region (AWS General Reference, "ARNs": partitions are told apart by the regions' prefixes).
func partition(region string) string {
	for _, p := range []struct{ prefix, name string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"us-isob-", "aws-iso-b"},
		{"us-isof-", "aws-iso-f"},
		{"eu-isoe-", "aws-iso-e"},
		{"us-iso-", "aws-iso"},
		{"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}
